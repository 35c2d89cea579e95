/* SPDX-License-Identifier: ISC */
/*
 * Encodes the resolved configuration for one daemon: a sealed memfd with the
 * rows that the schema grants it, and of those the objects it has to do with.
 */

#include <sys/mman.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/codec.h"
#include "conf/wire_form.h"
#include "conf/words.h"
#include "link/wire.h"
#include "load/encode.h"
#include "load/source.h"
#include "log.h"

#define CHUNK ((size_t)256 << 10)

struct encoder {
	struct writer w;
	void *buf;
	int fd;
	bool failed;
	enum role role;
	const bool *probe_here;
};

static void encode_rows(
    struct encoder *, const struct conf_schema *, const void *);

static void
flush(struct encoder *e)
{
	const uint8_t *p = e->w.buf;
	size_t left = e->w.len;
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
	writer_init(&e->w, e->buf, CHUNK);
}

/* Room for any one field: the longest text is far shorter than a chunk. */
static void
make_room(struct encoder *e, size_t need)
{
	if (e->w.size - e->w.len < need)
		flush(e);
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
	const struct conf_option *option = field;
	const char *text;

	switch (row->type) {
	case T_BOOL:
	case T_NUMBER:
	case T_DURATION:
	case T_SECONDS:
	case T_WORD:
		encode_number(e, row, field);
		break;
	case T_CHOICE:
	case T_NAME:
	case T_INTERFACE:
	case T_TEXT:
		memcpy(&text, field, sizeof(text));
		put_string(&e->w, text);
		break;
	case T_ADDR:
		put_addr(&e->w, field);
		break;
	case T_ADDRS:
		encode_addrs(e, field);
		break;
	case T_OPTION:
		put_bool(&e->w, option->set);
		put_u32(&e->w, option->value);
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
	default:
		fatalx("conf: row \"%s\" has no binary form", row->key);
	}
}

static void
encode_rows(
    struct encoder *e, const struct conf_schema *schema, const void *object)
{
	const struct conf_row *row;

	for (row = schema->rows; row < schema->rows + schema->row_count;
	     row++) {
		if (!(row->roles & (1u << e->role)))
			continue;
		make_room(e, 8192);
		encode_field(e, row, object);
	}
}

bool
conf_encode_seal(int fd, enum role role, uint64_t generation, uint32_t *size)
{
	uint8_t buf[CONF_WIRE_HEADER];
	off_t end = lseek(fd, 0, SEEK_END);
	struct writer w;

	if (end < CONF_WIRE_HEADER || end > CONF_SIZE_MAX)
		return false;
	writer_init(&w, buf, sizeof(buf));
	put_u64(&w, CONF_WIRE_MAGIC);
	put_u16(&w, CONF_WIRE_VERSION);
	put_u16(&w, (uint16_t)role);
	put_u64(&w, generation);
	put_u64(&w, (uint64_t)end);
	*size = (uint32_t)end;
	return !w.error &&
	    pwrite(fd, buf, sizeof(buf), 0) == (ssize_t)sizeof(buf) &&
	    fcntl(fd, F_ADD_SEALS, CONF_WIRE_SEALS) == 0;
}

int
conf_encode_body(const struct conf_source *source, enum role role)
{
	struct encoder e = {.role = role, .probe_here = source->probe_here};

	if ((e.buf = malloc(CHUNK)) == NULL)
		return -1;
	e.fd = memfd_create("conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (e.fd == -1 || lseek(e.fd, CONF_WIRE_HEADER, SEEK_SET) == -1)
		goto fail;
	writer_init(&e.w, e.buf, CHUNK);
	encode_rows(&e, &conf_schema_root, &source->root.c);
	if (e.w.error)
		fatalx("conf: a field does not fit its room");
	flush(&e);
	if (e.failed)
		goto fail;
	free(e.buf);
	return e.fd;
fail:
	if (e.fd != -1)
		close(e.fd);
	free(e.buf);
	return -1;
}

size_t
conf_encode_object(const struct conf_schema *schema, const void *object,
    enum role role, void *buf, size_t size)
{
	struct encoder e = {.role = role, .fd = -1, .buf = buf};

	writer_init(&e.w, buf, size);
	encode_rows(&e, schema, object);
	if (e.failed || e.w.error)
		fatalx("conf: an object is too large to be encoded");
	return e.w.len;
}
