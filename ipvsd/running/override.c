/* SPDX-License-Identifier: ISC */
/* Operators' overrides: a sorted array; see override.h. */
#include "running/override.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "log.h"

#define OVERRIDES_MAX CONF_SERVERS_MAX

struct override_table {
	struct override_row *rows;
	uint32_t count;
	uint32_t size;
	uint32_t named; /* of them */
	/* The node that was looked for last. */
	const struct conf *conf;
	const struct conf_node *node;
	char name[CONF_NAME_MAX + 1];
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
row_cmp(const struct override_row *a, const struct override_row *b)
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

static struct override_row
row_of(const struct conf_service *service, const struct conf_server *server)
{
	struct override_row row = {
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
search(const struct override_table *table, const struct override_row *row,
    bool *found)
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

static const struct conf_node *
node_named(
    struct override_table *table, const struct conf *conf, const char *name)
{
	if (table->conf == conf && strcmp(table->name, name) == 0)
		return table->node;
	table->conf = conf;
	table->node = override_node(conf, name);
	snprintf(table->name, sizeof(table->name), "%s", name);
	return table->node;
}

/*
 * Whether an override of the service is the server's. One that was given by a
 * node's name is the node's, whatever address it has now; when there is no such
 * node any more, the last address's.
 */
static bool
is_of(struct override_table *table, const struct conf *conf,
    const struct override_row *row, const struct conf_server *server)
{
	const struct conf_node *node = NULL;

	if (row->server_port != server->port)
		return false;
	if (*row->node != '\0')
		node = node_named(table, conf, row->node);
	return node == NULL ? addr_equal(&row->server, &server->addr) :
			      override_is_node(node, server);
}

static bool
same_service(const struct override_row *row, const struct conf_service *service)
{
	return row->protocol == service->protocol &&
	    row->service_port == service->port &&
	    addr_equal(&row->service, &service->addr);
}

/* The server's override, NULL: it has none. */
static struct override_row *
find(struct override_table *table, const struct conf *conf,
    const struct conf_service *service, const struct conf_server *server)
{
	struct override_row key = row_of(service, server);
	bool found;
	uint32_t at = search(table, &key, &found);

	if (found && is_of(table, conf, &table->rows[at], server))
		return &table->rows[at];
	if (table->named == 0)
		return NULL;
	memset(&key.server, 0, sizeof(key.server));
	key.server_port = 0;
	for (at = search(table, &key, &found);
	     at < table->count && same_service(&table->rows[at], service); at++)
		if (*table->rows[at].node != '\0' &&
		    is_of(table, conf, &table->rows[at], server))
			return &table->rows[at];
	return NULL;
}

void
override_begin(struct override_table *table)
{
	table->conf = NULL;
	for (uint32_t i = 0; i < table->count; i++)
		table->rows[i].seen = false;
}

enum override
override_get(struct override_table *table, const struct conf *conf,
    const struct conf_service *service, const struct conf_server *server)
{
	struct override_row *row;

	if (table->count == 0 ||
	    (row = find(table, conf, service, server)) == NULL)
		return OVERRIDE_NONE;
	row->seen = true;
	row->seen_at = server->addr;
	return row->override;
}

static int
row_order(const void *a, const void *b)
{
	return row_cmp(a, b);
}

bool
override_settle(struct override_table *table)
{
	struct override_row *row;
	bool moved = false;

	table->conf = NULL;
	for (uint32_t i = 0; i < table->count; i++) {
		row = &table->rows[i];
		row->absent = !row->seen;
		if (row->absent || addr_equal(&row->server, &row->seen_at))
			continue;
		row->server = row->seen_at;
		moved = true;
	}
	if (moved)
		qsort(
		    table->rows, table->count, sizeof(*table->rows), row_order);
	return moved;
}

static void
remove_row(struct override_table *table, struct override_row *row)
{
	size_t at = (size_t)(row - table->rows);

	table->named -= *row->node != '\0';
	memmove(row, row + 1, (--table->count - at) * sizeof(*row));
}

static bool
insert_row(struct override_table *table, const struct override_row *row)
{
	bool found;
	uint32_t at = search(table, row, &found);
	struct override_row *place;

	if (table->count >= OVERRIDES_MAX)
		return false;
	if (found)
		remove_row(table, &table->rows[at]);
	table->rows = grow(
	    table->rows, table->count, &table->size, sizeof(*table->rows));
	place = &table->rows[at];
	memmove(place + 1, place, (table->count++ - at) * sizeof(*row));
	*place = *row;
	table->named += *row->node != '\0';
	return true;
}

bool
override_set(struct override_table *table, const struct conf *conf,
    const struct conf_service *service, const struct conf_server *server,
    const struct override_target *target, enum override override)
{
	struct override_row row = row_of(service, server), *former;

	while ((former = find(table, conf, service, server)) != NULL)
		remove_row(table, former);
	row.override = override;
	memcpy(row.node, target->node, sizeof(row.node));
	return override == OVERRIDE_NONE || insert_row(table, &row);
}

/* Whether it is an override of a service that the target means. */
static bool
service_is_meant(
    const struct override_row *row, const struct override_target *target)
{
	const struct conf *conf = target->conf;
	bool any = *target->service == '\0';

	for (uint32_t i = 0; !any && conf != NULL && i < conf->service_count;
	     i++)
		any = strcmp(conf->services[i].name, target->service) == 0 &&
		    same_service(row, &conf->services[i]);
	return any;
}

/* Whether the target means the server of an override that is absent. */
static bool
is_meant(const struct override_row *row, const struct override_target *target)
{
	if (!row->absent)
		return false;
	if (*target->node != '\0')
		return strcmp(row->node, target->node) == 0 &&
		    service_is_meant(row, target);
	return addr_equal(&row->server, &target->addr) &&
	    (target->port == 0 || row->server_port == target->port) &&
	    service_is_meant(row, target);
}

const struct override_row *
override_absent(const struct override_table *table, uint64_t *at,
    const struct override_target *target)
{
	const struct override_row *row;

	while (*at < table->count) {
		row = &table->rows[(*at)++];
		if (target == NULL ? row->absent : is_meant(row, target))
			return row;
	}
	return NULL;
}

uint32_t
override_end(struct override_table *table, const struct override_target *target)
{
	uint32_t before = table->count, kept = 0;

	for (uint32_t i = 0; i < before; i++) {
		if (!is_meant(&table->rows[i], target))
			table->rows[kept++] = table->rows[i];
		else
			table->named -= *table->rows[i].node != '\0';
	}
	table->count = kept;
	return before - kept;
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
		const struct override_row *row = &table->rows[i];

		fprintf(file, "%s %s %s %u %s %u%s%s\n",
		    override_name(row->override),
		    conf_protocol_name(row->protocol),
		    addr_format(&row->service, service), row->service_port,
		    addr_format(&row->server, server), row->server_port,
		    *row->node == '\0' ? "" : " ", row->node);
	}
}

static bool
parse_row(struct override_row *row, const char *line)
{
	char word[16], protocol[8], service[ADDR_STRLEN], server[ADDR_STRLEN];
	bool known = false;

	memset(row, 0, sizeof(*row));
	if (sscanf(line, "%15s %7s %45s %hu %45s %hu %64s", word, protocol,
		service, &row->service_port, server, &row->server_port,
		row->node) < 6)
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
	struct override_row row;

	while (fgets(line, sizeof(line), file) != NULL) {
		if (!parse_row(&row, line) || !insert_row(table, &row))
			log_warnx("overrides: not understood: %s", line);
	}
}
