/* SPDX-License-Identifier: ISC */
/* Operators' overrides: a sorted array; see override.h. */
#include "running/override.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "log.h"

#define OVERRIDES_MAX CONF_SERVERS_MAX

struct row {
	enum conf_protocol protocol;
	struct addr service;
	uint16_t service_port;
	struct addr server;
	uint16_t server_port;
	enum override override;
};

struct override_table {
	struct row *rows;
	uint32_t count;
	uint32_t size;
};

struct override_table *
override_new(void)
{
	struct override_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		fatal("overrides");
	return table;
}

void
override_free(struct override_table *table)
{
	if (table == NULL)
		return;
	free(table->rows);
	free(table);
}

static int
row_cmp(const struct row *a, const struct row *b)
{
	int cmp;

	if (a->protocol != b->protocol)
		return a->protocol < b->protocol ? -1 : 1;
	if ((cmp = addr_cmp(&a->service, &b->service)) != 0)
		return cmp;
	if (a->service_port != b->service_port)
		return a->service_port < b->service_port ? -1 : 1;
	if ((cmp = addr_cmp(&a->server, &b->server)) != 0)
		return cmp;
	return (a->server_port > b->server_port) -
	    (a->server_port < b->server_port);
}

static struct row
row_of(const struct conf_service *service, const struct conf_server *server)
{
	struct row row = {
	    .protocol = service->protocol,
	    .service = service->addr,
	    .service_port = service->port,
	    .server = server->addr,
	    .server_port = server->port,
	};

	return row;
}

/* The index of the row with these keys (*found), or where it belongs. */
static uint32_t
search(const struct override_table *table, const struct row *row, bool *found)
{
	uint32_t low = 0, high = table->count, middle;
	int cmp;

	*found = false;
	while (low < high) {
		middle = low + (high - low) / 2;
		cmp = row_cmp(row, &table->rows[middle]);
		if (cmp == 0) {
			*found = true;
			return middle;
		}
		if (cmp < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

enum override
override_get(const struct override_table *table,
    const struct conf_service *service, const struct conf_server *server)
{
	struct row row;
	uint32_t at;
	bool found;

	if (table->count == 0)
		return OVERRIDE_NONE;
	row = row_of(service, server);
	at = search(table, &row, &found);
	return found ? table->rows[at].override : OVERRIDE_NONE;
}

static bool
set_row(struct override_table *table, const struct row *row)
{
	bool found;
	uint32_t at = search(table, row, &found);
	struct row *place;

	if (row->override == OVERRIDE_NONE) {
		if (found) {
			table->count--;
			memmove(&table->rows[at], &table->rows[at + 1],
			    (table->count - at) * sizeof(*row));
		}
		return true;
	}
	if (!found) {
		if (table->count >= OVERRIDES_MAX)
			return false;
		table->rows = grow(table->rows, table->count, &table->size,
		    sizeof(*table->rows));
		place = &table->rows[at];
		memmove(place + 1, place, (table->count - at) * sizeof(*row));
		table->count++;
	}
	table->rows[at] = *row;
	return true;
}

bool
override_set(struct override_table *table, const struct conf_service *service,
    const struct conf_server *server, enum override override)
{
	struct row row = row_of(service, server);

	row.override = override;
	return set_row(table, &row);
}

uint32_t
override_count(const struct override_table *table)
{
	return table->count;
}

void
override_save(FILE *file, void *arg)
{
	const struct override_table *table = arg;
	char service[ADDR_STRLEN], server[ADDR_STRLEN];

	for (uint32_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];

		fprintf(file, "%s %s %s %u %s %u\n",
		    override_name(row->override),
		    conf_protocol_name(row->protocol),
		    addr_format(&row->service, service), row->service_port,
		    addr_format(&row->server, server), row->server_port);
	}
}

static bool
parse_row(struct row *row, const char *line)
{
	char word[16], protocol[8], service[ADDR_STRLEN], server[ADDR_STRLEN];
	bool known = false;

	if (sscanf(line, "%15s %7s %45s %hu %45s %hu", word, protocol, service,
		&row->service_port, server, &row->server_port) != 6)
		return false;
	row->override = OVERRIDE_NONE;
	for (int i = 0; i < OVERRIDE_MAX; i++) {
		if (strcmp(word, override_name((enum override)i)) == 0)
			row->override = (enum override)i;
	}
	for (int i = 0; i <= PROTOCOL_UDP; i++) {
		if (strcmp(protocol,
			conf_protocol_name((enum conf_protocol)i)) == 0) {
			row->protocol = (enum conf_protocol)i;
			known = true;
		}
	}
	return known && row->override != OVERRIDE_NONE &&
	    addr_parse(&row->service, service) &&
	    addr_parse(&row->server, server);
}

void
override_load(struct override_table *table, FILE *file)
{
	char line[256];
	struct row row;

	while (fgets(line, sizeof(line), file) != NULL) {
		if (!parse_row(&row, line) || !set_row(table, &row))
			log_warnx("overrides: not understood: %s", line);
	}
}

/* ADDRESS, [ADDRESS], ADDRESS:PORT or [ADDRESS]:PORT, else a node's name.
 * Writes into text. */
static bool
parse_server(struct override_target *target, char *text)
{
	char *port = NULL, *end;
	unsigned long number;

	if (*text == '[') {
		if ((end = strchr(++text, ']')) == NULL)
			return false;
		*end++ = '\0';
		if (*end != '\0' && *end != ':')
			return false;
		port = *end == ':' ? end + 1 : NULL;
	} else if ((end = strchr(text, ':')) != NULL &&
	    strchr(end + 1, ':') == NULL) {
		*end = '\0';
		port = end + 1;
	}
	if (port != NULL) {
		number = strtoul(port, &end, 10);
		if (*port < '0' || *port > '9' || *end != '\0' || number == 0 ||
		    number > UINT16_MAX)
			return false;
		target->port = (uint16_t)number;
	}
	if (addr_parse(&target->addr, text))
		return true;
	return port == NULL && *text != '\0' &&
	    snprintf(target->node, sizeof(target->node), "%s", text) <
	    (int)sizeof(target->node);
}

bool
override_target_parse(struct override_target *target, const char *text)
{
	char server[CONF_NAME_MAX + ADDR_PORT_STRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - text);

	memset(target, 0, sizeof(*target));
	if (slash != NULL && (len == 0 || len > CONF_NAME_MAX))
		return false;
	memcpy(target->service, text, len);
	if (slash != NULL)
		text = slash + 1;
	if (strlen(text) >= sizeof(server))
		return false;
	strcpy(server, text);
	return parse_server(target, server);
}

bool
override_target_is(const struct override_target *target,
    const struct conf_service *service, const struct conf_server *server)
{
	if (*target->service != '\0' &&
	    strcmp(target->service, service->name) != 0)
		return false;
	if (*target->node != '\0')
		return server->node != NULL &&
		    strcmp(target->node, server->node) == 0;
	return addr_equal(&target->addr, &server->addr) &&
	    (target->port == 0 || target->port == server->port);
}
