/* SPDX-License-Identifier: ISC */
/*
 * Encodes the resolved configuration for one daemon: a sealed memfd with the
 * rows that the schema grants it, and of those the objects it has to do with.
 */
#include <sys/mman.h>

#include <stdlib.h>
#include <unistd.h>

#include "conf/codec.h"
#include "conf/wire_form.h"
#include "load/describe.h"
#include "load/encode.h"
#include "load/encode_rows.h"
#include "load/print.h"
#include "load/source.h"
#include "log.h"

/* The header, which tells the size, and the seals. */
static bool
seal(int fd, enum role role, uint64_t generation, uint32_t *size)
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

static bool
write_body(struct encoder *e, const struct conf_source *source)
{
	if (lseek(e->fd, CONF_WIRE_HEADER, SEEK_SET) == -1)
		return false;
	writer_init(&e->w, e->buf, ENCODER_BUFFER);
	describe(&e->w, e->role);
	encode_rows(e, &conf_schema_root, &source->root.c);
	if (e->w.error)
		fatalx("conf: a field does not fit its room");
	encoder_flush(e);
	return !e->failed;
}

int
conf_encode(struct conf_source *source, enum role role, uint32_t *size)
{
	struct encoder e = {.role = role, .probe_here = source->probe_here};

	if ((e.buf = malloc(ENCODER_BUFFER)) == NULL)
		return -1;
	e.fd = memfd_create("conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (e.fd != -1 &&
	    (!write_body(&e, source) ||
		!seal(e.fd, role, conf_generation(source), size))) {
		close(e.fd);
		e.fd = -1;
	}
	free(e.buf);
	return e.fd;
}
