/* SPDX-License-Identifier: ISC */
/* Objects in their binary form, a row at a time; see encode_rows.h. */
#include "load/encode_rows.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/default.h"
#include "conf/words.h"
#include "log.h"

#define FIELD_ROOM 64 /* for what is no text and no list */

static void
write_all(struct encoder *e, const void *data, size_t left)
{
	const uint8_t *p = data;
	ssize_t n;

	while (left > 0 && !e->failed) {
		if ((n = write(e->fd, p, left)) == -1) {
			if (errno == EINTR)
				continue;
			log_warn("encoding the configuration");
			e->failed = true;
			return;
		}
		p += n;
		left -= (size_t)n;
	}
}

void
encoder_flush(struct encoder *e)
{
	write_all(e, e->w.buf, e->w.len);
	writer_init(&e->w, e->buf, ENCODER_BUFFER);
}

/* An encoder of one object has its buffer alone (fd -1). */
static void
make_room(struct encoder *e, size_t need)
{
	if (e->fd != -1 && e->w.size - e->w.len < need)
		encoder_flush(e);
}

static void
encode_text(struct encoder *e, const void *field)
{
	const char *text;
	size_t len;

	memcpy(&text, field, sizeof(text));
	len = text == NULL ? 0 : strlen(text);
	make_room(e, sizeof(uint32_t));
	put_u32(&e->w, (uint32_t)len);
	if (e->fd == -1 || len < ENCODER_BUFFER / 2) {
		make_room(e, len);
		put_bytes(&e->w, text, len);
	} else {
		encoder_flush(e);
		write_all(e, text, len);
	}
}

static void
encode_option(struct encoder *e, const struct conf_option *option)
{
	put_bool(&e->w, option->set);
	put_u32(&e->w, option->value);
}

static void
encode_key(struct encoder *e, const void *field)
{
	uint64_t key;

	memcpy(&key, field, sizeof(key));
	put_u64(&e->w, key);
}

static void
encode_number(struct encoder *e, const struct conf_row *row, const void *field)
{
	uint32_t value = conf_get_number(field, row->size);

	if (row->size == 1)
		put_u8(&e->w, (uint8_t)value);
	else if (row->size == 2)
		put_u16(&e->w, (uint16_t)value);
	else
		put_u32(&e->w, value);
}

/* Its position among the words, as the description lists them. */
static void
encode_word(struct encoder *e, const struct conf_row *row, const void *field)
{
	uint32_t value = conf_get_number(field, row->size);
	uint8_t i = 0;

	while (row->words[i].text != NULL &&
	    (row->words[i].not_built || row->words[i].value != value))
		i++;
	put_u8(&e->w, i);
}

static void
encode_addrs(struct encoder *e, const struct conf_addrs *addrs)
{
	uint32_t i;

	put_u32(&e->w, addrs->count);
	for (i = 0; i < addrs->count; i++) {
		make_room(e, sizeof(struct addr));
		put_addr(&e->w, &addrs->list[i]);
	}
}

static void
encode_ids(struct encoder *e, const struct conf_row *row, const void *object)
{
	const uint32_t *ids;
	uint32_t count, i;

	memcpy(&ids, (const char *)object + row->offset, sizeof(ids));
	memcpy(&count, (const char *)object + row->count, sizeof(count));
	put_u32(&e->w, count);
	for (i = 0; i < count; i++) {
		make_room(e, sizeof(uint32_t));
		put_u32(&e->w, ids[i]);
	}
}

/* vrrpd hears of this host's instances, checkd of this host's probes. */
static bool
is_for(const struct encoder *e, const struct conf_schema *schema,
    const void *element)
{
	const struct conf_instance *instance = element;
	const struct conf_probe *probe = element;

	if (e->role == ROLE_VRRPD && schema == &conf_schema_instance)
		return instance->member;
	if (e->role == ROLE_CHECKD && schema == &conf_schema_check)
		return e->probe_here[probe->id];
	return true;
}

static void
encode_array(struct encoder *e, const struct conf_row *row, const void *object)
{
	const struct conf_schema *sub = row->sub;
	const char *list, *element;
	uint32_t count, i, mine = 0;

	memcpy(&list, (const char *)object + row->offset, sizeof(list));
	memcpy(&count, (const char *)object + row->count, sizeof(count));
	for (i = 0; i < count; i++) {
		if (is_for(e, sub, list + (size_t)i * sub->conf_size))
			mine++;
	}
	put_u32(&e->w, mine);
	for (i = 0; i < count; i++) {
		element = list + (size_t)i * sub->conf_size;
		if (is_for(e, sub, element))
			encode_rows(e, sub, element);
	}
}

static void
encode_field(struct encoder *e, const struct conf_row *row, const void *object)
{
	const void *field = (const char *)object + row->offset;

	switch (row->type) {
	case T_BOOL:
	case T_NUMBER:
	case T_DURATION:
	case T_SECONDS:
		encode_number(e, row, field);
		break;
	case T_WORD:
		encode_word(e, row, field);
		break;
	case T_CHOICE:
	case T_NAME:
	case T_INTERFACE:
	case T_TEXT:
		encode_text(e, field);
		break;
	case T_ADDR:
		put_addr(&e->w, field);
		break;
	case T_ADDRS:
		encode_addrs(e, field);
		break;
	case T_OPTION:
		encode_option(e, field);
		break;
	case T_GROUP:
		encode_rows(e, row->sub, field);
		break;
	case T_ARRAY:
		encode_array(e, row, object);
		break;
	case T_IDS:
		encode_ids(e, row, object);
		break;
	case T_KEY:
		encode_key(e, field);
		break;
	default:
		fatalx("conf: row \"%s\" has no binary form", row->key);
	}
}

void
encode_rows(
    struct encoder *e, const struct conf_schema *schema, const void *object)
{
	const struct conf_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (!(row->roles & (1u << e->role)))
			continue;
		make_room(e, FIELD_ROOM);
		encode_field(e, row, object);
	}
}

size_t
encode_object(const struct conf_schema *schema, const void *object,
    enum role role, void *buf, size_t size)
{
	struct encoder e = {.role = role, .fd = -1, .buf = buf};

	writer_init(&e.w, buf, size);
	encode_rows(&e, schema, object);
	if (e.failed || e.w.error)
		fatalx("conf: an object is too large to be encoded");
	return e.w.len;
}

size_t
encode_default(
    const struct conf_row *row, enum role role, uint8_t buf[ENCODED_DEFAULT])
{
	_Alignas(max_align_t) uint8_t object[ENCODED_DEFAULT] = {0};
	struct conf_row alone = *row;
	const struct conf_schema schema = {.rows = &alone, .row_count = 1};

	alone.offset = 0;
	alone.count = ENCODED_DEFAULT / 2; /* of a list: none */
	conf_default(&alone, object);
	return encode_object(&schema, object, role, buf, ENCODED_DEFAULT);
}
