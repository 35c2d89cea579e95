/* SPDX-License-Identifier: ISC */
/* The client's side of a control socket, blocking, for vipctl. */
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl_client.h"
#include "link/seqpacket.h"
#include "process/priv.h"

static bool
server_is(int fd, enum role role)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return false;
	return cred.uid == 0 || cred.uid == geteuid() ||
	    cred.uid == priv_uid(priv_user(role));
}

int
ctl_connect(const char *dir, enum role role)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, n, saved_errno;

	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s.ctl", dir,
	    role_name(role));
	if (n < 0 || (size_t)n >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	seqpacket_refuse_fds(fd);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1) {
		saved_errno = errno;
		close(fd);
		errno = saved_errno;
		return -1;
	}
	if (!server_is(fd, role)) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

int
ctl_request(int fd, int argc, const char *const argv[])
{
	uint8_t buf[MSG_MAX];
	struct writer writer;
	size_t len;

	if (argc < 1 || argc > CTL_WORDS_MAX) {
		errno = EINVAL;
		return -1;
	}
	msg_begin(&writer, buf, MSG_CTL_REQUEST, 0);
	put_u8(&writer, (uint8_t)argc);
	for (int i = 0; i < argc; i++)
		put_string(&writer, argv[i]);
	len = msg_end(&writer);
	if (len == 0) {
		errno = EMSGSIZE;
		return -1;
	}
	return send(fd, buf, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

/* Whether a value of the row's kind (NULL: not known here) may have its type:
 * a key that is known has the table's. */
static bool
type_fits(const struct ctl_kind *kind, const struct ctl_value *value)
{
	const struct ctl_key *key = kind == NULL ?
	    NULL :
	    ctl_key_named(kind, value->key);

	return key == NULL || value->type == ctl_sort_type(key->sort);
}

/* One value; strings go behind each other into answer->strings. */
static void
read_value(struct reader *body, struct ctl_answer *answer,
    const struct ctl_kind *kind, struct ctl_value *value, size_t *used)
{
	const char *view;
	size_t len;
	uint8_t type;

	get_string(body, value->key, sizeof(value->key));
	type = get_u8(body);
	value->type = type;
	if (!type_fits(kind, value))
		body->error = true;
	value->string = "";
	value->number = 0;
	if (type == CTL_STRING) {
		view = get_string_view(body, &len);
		if (*used + len >= sizeof(answer->strings)) {
			body->error = true;
			return;
		}
		memcpy(answer->strings + *used, view, len);
		answer->strings[*used + len] = '\0';
		value->string = answer->strings + *used;
		*used += len + 1;
	} else if (type == CTL_UINT || type == CTL_BOOL) {
		value->number = get_u64(body);
	} else {
		body->error = true;
	}
}

static int
read_row(struct reader *body, struct ctl_answer *answer)
{
	const struct ctl_kind *kind;
	size_t used = 0;

	get_string(body, answer->kind, sizeof(answer->kind));
	kind = ctl_kind_named(answer->kind);
	answer->count = get_u8(body);
	if (answer->count > CTL_VALUES_MAX)
		return -1;
	for (int i = 0; i < answer->count; i++)
		read_value(body, answer, kind, &answer->values[i], &used);
	return reader_done(body) ? 1 : -1;
}

static ssize_t
receive_with(int fd, struct msghdr *header, int flags)
{
	ssize_t n;

	do {
		n = recvmsg(fd, header, flags);
	} while (n == -1 && errno == EINTR);
	return n;
}

/*
 * One packet. One with descriptors, which only a liar sends, stays where it is:
 * whoever takes it has to close them, and that may take long.
 */
static ssize_t
receive(int fd, uint8_t *buf, size_t size)
{
	struct iovec iov = {buf, size};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n = receive_with(fd, &header, MSG_PEEK);

	if (n != -1 && (header.msg_flags & MSG_CTRUNC) != 0) {
		errno = EPROTO;
		return -1;
	}
	return n == -1 ? -1 : receive_with(fd, &header, MSG_TRUNC);
}

int
ctl_next(int fd, struct ctl_answer *answer, bool *ok, char *reason,
    size_t reason_size)
{
	struct msg msg;
	ssize_t n = receive(fd, answer->packet, sizeof(answer->packet));

	if (n <= 0 || (size_t)n > sizeof(answer->packet))
		return -1;
	/* Which daemon answers makes no difference to the table. */
	if (msg_admit(&msg, answer->packet, (size_t)n, 0, ROLE_IPVSD,
		ROLE_CLIENT) != ADMIT_OK)
		return -1;
	switch (msg.type) {
	case MSG_CTL_ROW:
		return read_row(&msg.body, answer);
	case MSG_CTL_END:
		*ok = get_bool(&msg.body);
		get_string(&msg.body, reason, reason_size);
		return reader_done(&msg.body) ? 0 : -1;
	default:
		return -1;
	}
}
