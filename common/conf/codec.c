/* SPDX-License-Identifier: ISC */
/*
 * Decodes a configuration in slices. The bytes come from the parser, which
 * read an operator's file, so nothing is believed: sizes, counts, numbers,
 * words, strings, the order of ids and what they refer to are all checked.
 */

#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "conf/arena.h"
#include "conf/codec.h"
#include "conf/decode.h"
#include "conf/holds.h"
#include "conf/wire_form.h"
#include "process/closer.h"

static bool
list_begin(struct conf_decoder *d, const struct form_row *form)
{
	const struct conf_row *row = form->mine;
	void *list;

	if (!decode_count(d, row, form->sub->least, row->sub->conf_size,
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
list_go_on(struct conf_decoder *d, const struct form_row *form, uint32_t *done)
{
	const struct conf_row *row = form->mine;
	uint32_t parts = d->parts;
	char *list, *element;

	if (d->next == d->count) {
		d->in_list = false;
		d->row++;
		return true;
	}
	memcpy(&list, (char *)d->conf + row->offset, sizeof(list));
	element = list + (size_t)d->next * row->sub->conf_size;
	if (!decode_rows(d, form->sub, element))
		return false;
	if (!conf_holds(d->conf, row->sub, element, d->role))
		return decode_refuse(d, "an object contradicts itself");
	d->next++;
	*done += 1 + d->parts - parts;
	return true;
}

static bool
finish(struct conf_decoder *d)
{
	if (!reader_done(&d->r))
		return decode_refuse(d, "there is more than was announced");
	if (d->role == ROLE_IPVSD && !conf_sync_holds(d->conf))
		return decode_refuse(d, "sync refers to what is not there");
	decode_lacking(d, form_root(&d->form), d->conf);
	d->done = true;
	return true;
}

/* Once, before anything else. */
static bool
describe(struct conf_decoder *d)
{
	if (d->described)
		return true;
	d->described = true;
	return form_read(&d->form, &d->r, d->role) ||
	    decode_refuse(d, d->form.why);
}

int
conf_decoder_step(struct conf_decoder *d, uint32_t objects, const char **why)
{
	const struct form_schema *root;
	const struct form_row *row;
	uint32_t done = 0;
	bool ok = d->why == NULL && describe(d);

	root = ok ? form_root(&d->form) : NULL;
	while (ok && !d->done && done < objects) {
		if (d->row == root->row_count) {
			ok = finish(d);
			break;
		}
		row = &root->rows[d->row];
		if (d->in_list)
			ok = list_go_on(d, row, &done);
		else if (row->type == WIRE_ARRAY && row->mine != NULL)
			ok = list_begin(d, row);
		else if ((ok = decode_field(d, root, row, d->conf)))
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
	/* With a copy of fd the mapping is never the last reference to the
	 * file: munmap(2) would free its pages in the loop's time. */
	if ((d->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3)) == -1)
		return "out of descriptors";
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
	d->fd = -1;
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
	form_end(&d->form);
	if (d->map != NULL)
		munmap(d->map, d->size);
	if (d->fd != -1)
		closer_close(d->fd);
	free(d);
}
