/* SPDX-License-Identifier: ISC */
/* The messages of a worker; see answer.h. */
#include <sys/mman.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "link/msg.h"
#include "link/seqpacket.h"
#include "load/encode.h"
#include "load/load.h"
#include "load/print.h"
#include "log.h"
#include "parser/answer.h"
#include "parser/given.h"
#include "running/generation.h"

#define REPORT_TEXT 2040 /* what fits a REPORT */
#define SEALS	    (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* ---- packets ---- */

static void
send_packet(struct writer *writer, int fd)
{
	struct pollfd room = {.fd = PARSER_FD, .events = POLLOUT};
	size_t len = msg_end(writer);

	for (;;) {
		switch (seqpacket_send(PARSER_FD, writer->buf, len, fd)) {
		case SEQPACKET_OK:
			return;
		case SEQPACKET_AGAIN:
			poll(&room, 1, -1);
			break;
		default:
			_exit(1);
		}
	}
}

void
answer_report(enum conf_severity severity, const char *text)
{
	uint8_t packet[MSG_MAX];
	char part[REPORT_TEXT];
	struct writer writer;

	snprintf(part, sizeof(part), "%s", text);
	msg_begin(&writer, packet, MSG_REPORT, 0);
	put_u8(&writer, (uint8_t)severity);
	put_string(&writer, part);
	send_packet(&writer, -1);
}

void
answer_parsed(bool ok, unsigned errors, unsigned warnings, uint64_t generation)
{
	uint8_t packet[MSG_MAX];
	struct writer writer;

	msg_begin(&writer, packet, MSG_PARSED, 0);
	put_bool(&writer, ok);
	put_u32(&writer, errors);
	put_u32(&writer, warnings);
	put_u64(&writer, generation);
	send_packet(&writer, -1);
}

static void
send_conf(const struct generation *generation, enum role reader)
{
	uint8_t packet[MSG_MAX];
	struct writer writer;

	msg_begin(&writer, packet, MSG_CONF, generation->id);
	put_u8(&writer, (uint8_t)reader);
	put_u32(&writer, generation->size[reader]);
	send_packet(&writer, generation->fd[reader]);
}

/* ---- a good configuration ---- */

/* Prints the canonical text, for `vipctl show config`, into a memfd. The stream
 * stays open, because the worker is about to exit. */
static int
print(struct conf_source *source, uint32_t *size)
{
	int fd = memfd_create("canonical", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	FILE *stream = fd == -1 ? NULL : fdopen(fd, "w");
	off_t end;

	if (stream == NULL)
		return -1;
	conf_print(source, stream);
	if (fflush(stream) == EOF || ferror(stream) != 0)
		return -1;
	end = lseek(fd, 0, SEEK_END);
	if (end < 0 || end > CONF_SIZE_MAX ||
	    fcntl(fd, F_ADD_SEALS, SEALS) == -1)
		return -1;
	*size = (uint32_t)end;
	return fd;
}

bool
answer_generation(struct conf_source *source, unsigned warnings)
{
	struct generation *generation = generation_new(0);
	enum role reader;

	if (generation == NULL)
		return false;
	/* This comes first, because it makes conf_generation() cheap. */
	generation->fd[ROLE_CLIENT] = print(
	    source, &generation->size[ROLE_CLIENT]);
	for (size_t i = 0; i < GENERATION_READERS; i++) {
		reader = generation_readers[i];
		if (reader != ROLE_CLIENT)
			generation->fd[reader] = conf_encode(
			    source, reader, &generation->size[reader]);
	}
	if (!generation_whole(generation))
		return false;
	generation->id = conf_generation(source);
	answer_parsed(true, 0, warnings, generation->id);
	for (size_t i = 0; i < GENERATION_READERS; i++)
		send_conf(generation, generation_readers[i]);
	return true;
}
