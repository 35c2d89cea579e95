/* SPDX-License-Identifier: ISC */
/* The connection of a check; see check_socket.h. */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "check_socket.h"
#include "grow.h"
#include "log.h"

/* The virtual addresses, in order, each with whether it has been told of. */
static struct {
	struct held {
		struct conf_held conf;
		bool told;
	} * list;
	uint32_t count;
	struct addr own[2]; /* IPv4 and IPv6; unset: the host has none */
} held;

static int
compare(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return addr_cmp(&x->conf.addr, &y->conf.addr);
}

static struct addr *
own_of(uint8_t family)
{
	return &held.own[family == AF_INET6];
}

void
check_socket_configure(const struct conf *conf)
{
	const struct addr *own;

	free(held.list);
	held.count = conf->held_count;
	held.list = xcalloc(held.count + 1, sizeof(*held.list));
	for (uint32_t i = 0; i < held.count; i++)
		held.list[i].conf = conf->held[i];
	qsort(held.list, held.count, sizeof(*held.list), compare);
	*own_of(AF_INET) = *own_of(AF_INET6) = (struct addr){0};
	for (uint32_t i = conf->own.count; i-- > 0;) {
		own = &conf->own.list[i];
		if (!addr_is_link_local(own))
			*own_of(own->family) = *own;
	}
}

/* From an address, or if len is 0 from where the route says. */
static int
connect_from(
    struct check_run *run, const struct sockaddr_storage *from, socklen_t len)
{
	const struct conf_probe *conf = run->conf;
	struct sockaddr_storage to;
	int yes = 1;

	run->fd = socket(
	    conf->addr.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (run->fd == -1)
		return errno;
	if (len != 0) {
		/* Or all checks together would have the ports of one host. */
		setsockopt(run->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes,
		    sizeof(yes));
		if (bind(run->fd, (const struct sockaddr *)from, len) == -1)
			return errno;
	}
	len = addr_to_sockaddr(&conf->addr, conf->port, &to);
	return connect(run->fd, (struct sockaddr *)&to, len) == 0 ? 0 : errno;
}

/*
 * The virtual address that a connection would come from by the route, NULL:
 * from another. A datagram socket tells without a packet.
 */
static struct held *
held_source(const struct conf_probe *conf)
{
	static int fds[2] = {-1, -1};
	const struct sockaddr none = {.sa_family = AF_UNSPEC};
	int *fd = &fds[conf->addr.family == AF_INET6];
	struct sockaddr_storage at;
	socklen_t len = addr_to_sockaddr(&conf->addr, conf->port, &at);
	struct held key;
	uint16_t port;
	bool found;

	if (held.count == 0)
		return NULL;
	if (*fd == -1)
		*fd = socket(conf->addr.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (*fd == -1 || connect(*fd, (struct sockaddr *)&at, len) == -1)
		return NULL;
	len = sizeof(at);
	found = getsockname(*fd, (struct sockaddr *)&at, &len) == 0 &&
	    addr_from_sockaddr(
		&key.conf.addr, &port, (struct sockaddr *)&at, len) &&
	    !addr_equal(&key.conf.addr, &conf->addr);
	/* Otherwise the next one would come from the same address. */
	(void)connect(*fd, &none, sizeof(none));
	return found ?
	    bsearch(&key, held.list, held.count, sizeof(*held.list), compare) :
	    NULL;
}

/*
 * The link-local address of an interface: what a socket would send from to
 * another one there. Returns its length, 0: there is none.
 */
static socklen_t
link_local(const char *interface, struct sockaddr_storage *from)
{
	struct sockaddr_in6 *to = (struct sockaddr_in6 *)from;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*from);

	*to = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = 1};
	to->sin6_addr.s6_addr[0] = 0xfe;
	to->sin6_addr.s6_addr[1] = 0x80;
	to->sin6_addr.s6_addr[15] = 1;
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		(socklen_t)strlen(interface)) == -1 ||
	    connect(fd, (struct sockaddr *)to, sizeof(*to)) == -1 ||
	    getsockname(fd, (struct sockaddr *)from, &len) == -1)
		len = 0;
	if (fd != -1)
		close(fd);
	to->sin6_port = 0;
	return len;
}

/* Where the host has an address of its own, to which real servers answer it.
 * Returns its length, 0: nowhere. */
static socklen_t
find_own(const struct held *instead, struct sockaddr_storage *from)
{
	uint8_t family = instead->conf.addr.family;
	const struct addr *own = own_of(family);

	if (own->family == AF_UNSPEC && family == AF_INET6)
		return link_local(instead->conf.interface, from);
	return addr_to_sockaddr(own, 0, from);
}

/* Once for each address in a generation. */
static void
warn_of(struct held *from, const struct sockaddr_storage *own, socklen_t len,
    const struct conf_probe *conf)
{
	char address[ADDR_STRLEN], server[ADDR_STRLEN], other[ADDR_STRLEN];
	struct addr addr;
	uint16_t port;

	if (from->told)
		return;
	from->told = true;
	addr_format(&from->conf.addr, address);
	addr_format(&conf->addr, server);
	if (len != 0 &&
	    addr_from_sockaddr(&addr, &port, (const struct sockaddr *)own, len))
		log_warnx("checks of %s would come from the virtual address "
			  "%s, by the route: they come from %s",
		    server, address, addr_format(&addr, other));
	else
		log_warnx("checks of %s come from the virtual address %s, as "
			  "this node has no other of its family",
		    server, address);
}

int
check_connect(struct check_run *run)
{
	struct sockaddr_storage from;
	socklen_t len = addr_to_sockaddr(&run->conf->source, 0, &from);
	struct held *virtual;

	if (len == 0 && (virtual = held_source(run->conf)) != NULL) {
		len = find_own(virtual, &from);
		warn_of(virtual, &from, len, run->conf);
	}
	return connect_from(run, &from, len);
}

void
check_close(struct check_run *run)
{
	const struct sockaddr none = {.sa_family = AF_UNSPEC};

	if (run->fd == -1)
		return;
	/* This sends a reset, and leaves nothing behind. */
	if (run->conf->close == CLOSE_RESET)
		(void)connect(run->fd, &none, sizeof(none));
	close(run->fd);
	run->fd = -1;
}
