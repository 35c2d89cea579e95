/* SPDX-License-Identifier: ISC */
/*
 * Decodes a configuration in slices. The bytes come from the parser, which
 * read an operator's file, so nothing is believed: sizes, counts, numbers,
 * words, strings, the order of ids and what they refer to are all checked.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "conf_arena.h"
#include "conf_source.h"
#include "conf_wire.h"

struct conf_decoder {
	struct reader r;
	void *map;
	size_t size;
	enum role role;
	struct conf *conf;
	uint32_t row;		/* of the root: where to go on */
	bool in_list;
	uint32_t next;		/* element of that row's list */
	uint32_t count;
	uint32_t servers;	/* in all, so far */
	int64_t last_id[SCHEMA_MAX];
	const char *why;
	bool done;
};

static bool decode_rows(struct conf_decoder *, const struct conf_schema *,
    void *);

static bool
refuse(struct conf_decoder *d, const char *why)
{
	if (d->why == NULL)
		d->why = why;
	return false;
}

static bool
row_is_mine(const struct conf_row *row, enum role role)
{
	return (row->roles & (1u << role)) != 0;
}

/* The least bytes that an element takes: bounds what a count can claim. */
static size_t
least_size(const struct conf_schema *schema, enum role role)
{
	const struct conf_row *row;
	size_t least = 0;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	    row++) {
		if (!row_is_mine(row, role))
			continue;
		if (row->type == T_GROUP)
			least += least_size(row->sub, role);
		else
			least++;
	}
	return least > 0 ? least : 1;
}

static bool
get_list(struct conf_decoder *d, size_t least, size_t size, uint32_t *count,
    void **list)
{
	*count = get_u32(&d->r);
	*list = NULL;
	if (d->r.error || *count > reader_left(&d->r) / least)
		return refuse(d, "a list is longer than the data");
	if (*count == 0)
		return true;
	*list = conf_arena_alloc(d->conf->arena, *count * size);
	if (*list == NULL)
		return refuse(d, "out of memory");
	return true;
}

static bool
text_is_valid(const struct conf_row *row, const char *text)
{
	switch (row->type) {
	case T_NAME:
		return text[0] == '\0' || conf_name_valid(text);
	case T_INTERFACE:
		return conf_interface_valid(text);
	default:
		return strlen(text) <= row->max;
	}
}

static bool
decode_text(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	const char *view, *text;
	size_t len;

	view = get_string_view(&d->r, &len);
	if (d->r.error || memchr(view, '\0', len) != NULL)
		return refuse(d, "a text is cut or has a NUL");
	if (len == 0 && (row->flags & ROW_NULL))
		return true;
	text = conf_arena_text(d->conf->arena, view, len);
	if (text == NULL)
		return refuse(d, "out of memory");
	if (!text_is_valid(row, text))
		return refuse(d, "a text is not valid for its key");
	memcpy(field, &text, sizeof(text));
	return true;
}

static bool
decode_choice(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	const struct conf_word *word;
	const char *view;
	size_t len;

	view = get_string_view(&d->r, &len);
	for (word = row->words; word->text != NULL; word++) {
		if (strlen(word->text) == len && !word->not_built &&
		    memcmp(word->text, view, len) == 0) {
			memcpy(field, &word->text, sizeof(word->text));
			return true;
		}
	}
	return refuse(d, "an unknown word");
}

static bool
decode_number(struct conf_decoder *d, const struct conf_row *row, void *field)
{
	uint32_t value;

	switch (row->size) {
	case 1:
		value = get_u8(&d->r);
		break;
	case 2:
		value = get_u16(&d->r);
		break;
	default:
		value = get_u32(&d->r);
		break;
	}
	if (d->r.error)
		return refuse(d, "cut short");
	if (row->type == T_WORD && conf_word_text(row->words, value) == NULL)
		return refuse(d, "an unknown word");
	if (row->max != 0 && (value < row->min || value > row->max))
		return refuse(d, "a number is out of range");
	conf_set_number(field, row->size, value);
	return true;
}

static bool
decode_option(struct conf_decoder *d, const struct conf_row *row,
    struct conf_option *option)
{
	option->set = get_bool(&d->r);
	option->value = get_u32(&d->r);
	if (d->r.error || option->value > row->max)
		return refuse(d, "an option is out of range");
	return true;
}

static bool
decode_addrs(struct conf_decoder *d, struct conf_addrs *addrs)
{
	void *list;
	uint32_t i;

	if (!get_list(d, 1, sizeof(struct addr), &addrs->count, &list))
		return false;
	addrs->list = list;
	for (i = 0; i < addrs->count; i++)
		get_addr(&d->r, &addrs->list[i]);
	return !d->r.error || refuse(d, "an address is not valid");
}

static bool
decode_ids(struct conf_decoder *d, const struct conf_row *row, void *object)
{
	uint32_t count, i, *ids;
	void *list;

	if (!get_list(d, 4, sizeof(uint32_t), &count, &list))
		return false;
	ids = list;
	for (i = 0; i < count; i++)
		ids[i] = get_u32(&d->r);
	memcpy((char *)object + row->offset, &ids, sizeof(ids));
	memcpy((char *)object + row->count, &count, sizeof(count));
	return !d->r.error || refuse(d, "cut short");
}

/* One element of a list; the ids of siblings, and of all servers, ascend. */
static bool
decode_element(struct conf_decoder *d, const struct conf_schema *schema,
    void *object)
{
	const struct conf_row *row;
	uint32_t id;

	if (!decode_rows(d, schema, object))
		return false;
	for (row = schema->rows; row < schema->rows + schema->row_count;
	    row++) {
		if (!(row->flags & ROW_ID) || !row_is_mine(row, d->role))
			continue;
		id = conf_get_number((char *)object + row->offset, row->size);
		if ((int64_t)id <= d->last_id[schema->id])
			return refuse(d, "ids do not ascend");
		d->last_id[schema->id] = id;
	}
	return true;
}

static bool
decode_array(struct conf_decoder *d, const struct conf_row *row, void *object)
{
	const struct conf_schema *sub = row->sub;
	uint32_t count, i;
	void *list;

	if (!get_list(d, least_size(sub, d->role), sub->conf_size, &count,
	    &list))
		return false;
	memcpy((char *)object + row->offset, &list, sizeof(list));
	memcpy((char *)object + row->count, &count, sizeof(count));
	for (i = 0; i < count; i++) {
		if (!decode_element(d, sub,
		    (char *)list + (size_t)i * sub->conf_size))
			return false;
	}
	if (sub == &conf_schema_server)
		d->servers += count;
	return true;
}

static bool
decode_field(struct conf_decoder *d, const struct conf_row *row, void *object)
{
	char *field = (char *)object + row->offset;
	bool flag;

	switch (row->type) {
	case T_BOOL:
		flag = get_bool(&d->r);
		memcpy(field, &flag, sizeof(flag));
		return !d->r.error || refuse(d, "not a boolean");
	case T_NUMBER:
	case T_DURATION:
	case T_SECONDS:
	case T_WORD:
		return decode_number(d, row, field);
	case T_CHOICE:
		return decode_choice(d, row, field);
	case T_NAME:
	case T_INTERFACE:
	case T_TEXT:
		return decode_text(d, row, field);
	case T_ADDR:
		get_addr(&d->r, (struct addr *)(void *)field);
		return !d->r.error || refuse(d, "an address is not valid");
	case T_ADDRS:
		return decode_addrs(d, (struct conf_addrs *)(void *)field);
	case T_OPTION:
		return decode_option(d, row,
		    (struct conf_option *)(void *)field);
	case T_GROUP:
		return decode_rows(d, row->sub, field);
	case T_ARRAY:
		return decode_array(d, row, object);
	case T_IDS:
		return decode_ids(d, row, object);
	default:
		return refuse(d, "a row that has no binary form");
	}
}

static bool
decode_rows(struct conf_decoder *d, const struct conf_schema *schema,
    void *object)
{
	const struct conf_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	    row++) {
		if (row_is_mine(row, d->role) && !decode_field(d, row, object))
			return false;
	}
	return true;
}

/* What an id or a family refers to is there. */
static bool
references_hold(const struct conf *conf, enum role role)
{
	const struct conf_service *service;
	const struct conf_server *server;
	uint32_t i, j, k;

	for (i = 0; i < conf->instance_count; i++) {
		if (conf->instances[i].family != AF_INET &&
		    conf->instances[i].family != AF_INET6)
			return false;
	}
	for (i = 0; i < conf->service_count; i++) {
		service = &conf->services[i];
		if (conf_instance(conf, service->instance) == NULL ||
		    service->persistence_prefix >
		    addr_max_prefix(service->addr.family))
			return false;
		for (j = 0; j < service->server_count; j++) {
			server = &service->servers[j];
			for (k = 0; k < server->probe_count; k++) {
				if (conf_probe(conf, server->probes[k]) == NULL)
					return false;
			}
		}
	}
	return role != ROLE_IPVSD || !conf->ipvs.sync.enabled ||
	    (conf->ipvs.sync.interface != NULL &&
	    (conf->ipvs.sync.instance == UINT32_MAX ||
	    conf_instance(conf, conf->ipvs.sync.instance) != NULL));
}

static bool
list_begin(struct conf_decoder *d, const struct conf_row *row)
{
	void *list;

	if (!get_list(d, least_size(row->sub, d->role), row->sub->conf_size,
	    &d->count, &list))
		return false;
	memcpy((char *)d->conf + row->offset, &list, sizeof(list));
	memcpy((char *)d->conf + row->count, &d->count, sizeof(d->count));
	d->in_list = true;
	d->next = 0;
	return true;
}

/* The next element of the root's list; *done counts what it cost. */
static bool
list_go_on(struct conf_decoder *d, const struct conf_row *row, uint32_t *done)
{
	uint32_t servers = d->servers;
	char *list;

	if (d->next == d->count) {
		d->in_list = false;
		d->row++;
		return true;
	}
	memcpy(&list, (char *)d->conf + row->offset, sizeof(list));
	if (!decode_element(d, row->sub,
	    list + (size_t)d->next * row->sub->conf_size))
		return false;
	d->next++;
	*done += 1 + d->servers - servers;
	return true;
}

static bool
finish(struct conf_decoder *d)
{
	if (!reader_done(&d->r))
		return refuse(d, "there is more than was announced");
	if (!references_hold(d->conf, d->role))
		return refuse(d, "something refers to what is not there");
	d->done = true;
	return true;
}

int
conf_decoder_step(struct conf_decoder *d, uint32_t objects, const char **why)
{
	const struct conf_row *row;
	uint32_t done = 0;
	bool ok = d->why == NULL;

	while (ok && !d->done && done < objects) {
		if (d->row == conf_schema_root.row_count) {
			ok = finish(d);
			break;
		}
		row = &conf_schema_root.rows[d->row];
		if (d->in_list)
			ok = list_go_on(d, row, &done);
		else if (!row_is_mine(row, d->role))
			d->row++;
		else if (row->type == T_ARRAY)
			ok = list_begin(d, row);
		else if ((ok = decode_field(d, row, d->conf)))
			d->row++;
	}
	if (!ok) {
		*why = d->why;
		return -1;
	}
	return d->done ? 0 : 1;
}

static const char *
read_header(struct conf_decoder *d)
{
	uint64_t magic, size;
	uint16_t version, role;

	reader_init(&d->r, d->map, d->size);
	magic = get_u64(&d->r);
	version = get_u16(&d->r);
	role = get_u16(&d->r);
	d->conf->generation = get_u64(&d->r);
	size = get_u64(&d->r);
	if (d->r.error || magic != CONF_WIRE_MAGIC)
		return "not an encoded configuration";
	if (version != CONF_WIRE_VERSION)
		return "another version's encoding";
	if (role != d->role)
		return "another daemon's configuration";
	if (size != d->size || d->conf->generation == 0)
		return "a damaged header";
	return NULL;
}

static const char *
map_memfd(struct conf_decoder *d, int fd)
{
	struct stat st;
	int seals;

	if ((seals = fcntl(fd, F_GET_SEALS)) == -1 ||
	    (seals & CONF_WIRE_SEALS) != CONF_WIRE_SEALS)
		return "not a sealed memory file";
	if (fstat(fd, &st) == -1 || st.st_size < CONF_WIRE_HEADER ||
	    st.st_size > CONF_SIZE_MAX)
		return "too small or too large";
	d->size = (size_t)st.st_size;
	d->map = mmap(NULL, d->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (d->map == MAP_FAILED) {
		d->map = NULL;
		return "it cannot be mapped";
	}
	return NULL;
}

struct conf_decoder *
conf_decoder_new(int fd, enum role role, const char **why)
{
	struct conf_decoder *d;
	struct conf_arena *arena = NULL;
	int i;

	*why = "out of memory";
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return NULL;
	if ((arena = conf_arena_new()) == NULL ||
	    (d->conf = conf_arena_alloc(arena, sizeof(*d->conf))) == NULL) {
		conf_arena_free(arena);
		free(d);
		return NULL;
	}
	d->conf->arena = arena;
	d->role = role;
	for (i = 0; i < SCHEMA_MAX; i++)
		d->last_id[i] = -1;
	if ((*why = map_memfd(d, fd)) != NULL ||
	    (*why = read_header(d)) != NULL) {
		conf_decoder_free(d);
		return NULL;
	}
	return d;
}

struct conf *
conf_decoder_take(struct conf_decoder *d)
{
	struct conf *conf = d->conf;

	if (!d->done)
		return NULL;
	d->conf = NULL;
	return conf;
}

void
conf_decoder_free(struct conf_decoder *d)
{
	if (d == NULL)
		return;
	conf_free(d->conf);
	if (d->map != NULL)
		munmap(d->map, d->size);
	free(d);
}
