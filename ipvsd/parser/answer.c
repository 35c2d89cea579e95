/* SPDX-License-Identifier: ISC */
/*
 * The parser's answers. A configuration is printed by a process of its own as
 * soon as it is read: its digest, the generation, takes as long as judging and
 * encoding it, and as ipvsd takes to take its own part apart.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
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
send_draft(const struct generation *generation)
{
	uint8_t packet[MSG_MAX];
	struct writer writer;

	msg_begin(&writer, packet, MSG_DRAFT, 0);
	put_u32(&writer, generation->size[ROLE_IPVSD]);
	send_packet(&writer, generation->fd[ROLE_IPVSD]);
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

/* ---- the canonical text ---- */

static struct {
	pid_t pid;
	int text; /* memfd */
	int id;	  /* pipe: the generation, once the text is written */
} printer = {.pid = -1};

static void __attribute__((noreturn))
print(struct conf_source *source, int id, pid_t parent)
{
	FILE *stream = fdopen(printer.text, "w");
	uint64_t generation;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Who has ended before that sends no signal. */
	if (stream == NULL || getppid() != parent)
		_exit(1);
	conf_print(source, stream);
	generation = conf_generation(source);
	if (fclose(stream) == EOF ||
	    write(id, &generation, sizeof(generation)) !=
		(ssize_t)sizeof(generation))
		_exit(1);
	_exit(0);
}

void
answer_print(struct conf_source *source)
{
	pid_t self = getpid();
	int ends[2];

	printer.text = memfd_create(
	    "canonical", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (printer.text == -1 || pipe(ends) == -1)
		return;
	printer.id = ends[0];
	printer.pid = fork();
	if (printer.pid == 0)
		print(source, ends[1], self);
	close(ends[1]);
}

void
answer_unprinted(void)
{
	if (printer.pid != -1)
		waitpid(printer.pid, NULL, 0);
}

/* Its end first: nobody may still write when the text is sealed. */
static bool
printer_end(struct generation *generation)
{
	off_t size;
	int status;

	if (printer.pid == -1 || waitpid(printer.pid, &status, 0) == -1 ||
	    status != 0 ||
	    read(printer.id, &generation->id, sizeof(generation->id)) !=
		(ssize_t)sizeof(generation->id))
		return false;
	size = lseek(printer.text, 0, SEEK_END);
	if (size < 0 || size > CONF_SIZE_MAX ||
	    fcntl(printer.text, F_ADD_SEALS, SEALS) == -1)
		return false;
	generation->fd[ROLE_CLIENT] = printer.text;
	generation->size[ROLE_CLIENT] = (uint32_t)size;
	return true;
}

/* ---- a good configuration ---- */

static bool
seal(struct generation *generation, enum role reader)
{
	return conf_encode_seal(generation->fd[reader], reader, generation->id,
	    &generation->size[reader]);
}

bool
answer_generation(struct conf_source *source, unsigned warnings)
{
	static const enum role siblings[] = {ROLE_VRRPD, ROLE_CHECKD};
	struct generation *generation = generation_new(0);

	if (generation == NULL)
		return false;
	generation->fd[ROLE_IPVSD] = conf_encode_body(source, ROLE_IPVSD);
	if (!seal(generation, ROLE_IPVSD))
		return false;
	send_draft(generation);
	for (size_t i = 0; i < 2; i++)
		generation->fd[siblings[i]] = conf_encode_body(
		    source, siblings[i]);
	if (!printer_end(generation) || !seal(generation, ROLE_VRRPD) ||
	    !seal(generation, ROLE_CHECKD))
		return false;
	answer_parsed(true, 0, warnings, generation->id);
	send_conf(generation, ROLE_VRRPD);
	send_conf(generation, ROLE_CHECKD);
	send_conf(generation, ROLE_CLIENT);
	return true;
}
