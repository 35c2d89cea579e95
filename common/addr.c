/* SPDX-License-Identifier: ISC */
/* Addresses: text, order, kinds, and conversion from and to the kernel's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "addr.h"

size_t
addr_len(uint8_t family)
{
	switch (family) {
	case AF_INET:
		return 4;
	case AF_INET6:
		return 16;
	default:
		return 0;
	}
}

uint8_t
addr_max_prefix(uint8_t family)
{
	return (uint8_t)(addr_len(family) * 8);
}

bool
addr_parse(struct addr *addr, const char *text)
{
	struct addr parsed = {0};

	if (inet_pton(AF_INET, text, parsed.bytes) == 1)
		parsed.family = AF_INET;
	else if (inet_pton(AF_INET6, text, parsed.bytes) == 1)
		parsed.family = AF_INET6;
	else
		return false;
	*addr = parsed;
	return true;
}

/* What inet_ntop() gives, which goes through sprintf(): a canonical
 * configuration has tens of thousands. */
static const char *
format_inet(const uint8_t *bytes, char *buf)
{
	char *p = buf;

	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		if (bytes[i] >= 100)
			*p++ = (char)('0' + bytes[i] / 100);
		if (bytes[i] >= 10)
			*p++ = (char)('0' + bytes[i] / 10 % 10);
		*p++ = (char)('0' + bytes[i] % 10);
	}
	*p = '\0';
	return buf;
}

const char *
addr_format(const struct addr *addr, char buf[ADDR_STRLEN])
{
	if (addr->family == AF_INET)
		return format_inet(addr->bytes, buf);
	if (addr_len(addr->family) == 0 ||
	    inet_ntop(addr->family, addr->bytes, buf, ADDR_STRLEN) == NULL) {
		buf[0] = '-';
		buf[1] = '\0';
	}
	return buf;
}

const char *
addr_port_format(
    const struct addr *addr, uint16_t port, char buf[ADDR_PORT_STRLEN])
{
	char text[ADDR_STRLEN];

	snprintf(buf, ADDR_PORT_STRLEN,
	    addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
	    addr_format(addr, text), port);
	return buf;
}

int
addr_cmp(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, addr_len(a->family));
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_cmp(a, b) == 0;
}

bool
addr_is_link_local(const struct addr *addr)
{
	switch (addr->family) {
	case AF_INET:
		return addr->bytes[0] == 169 && addr->bytes[1] == 254;
	case AF_INET6:
		return addr->bytes[0] == 0xfe &&
		    (addr->bytes[1] & 0xc0) == 0x80;
	default:
		return false;
	}
}

bool
addr_is_per_link(const struct addr *addr)
{
	return addr->family == AF_INET6 && addr_is_link_local(addr);
}

bool
addr_is_multicast(const struct addr *addr)
{
	switch (addr->family) {
	case AF_INET:
		return (addr->bytes[0] & 0xf0) == 0xe0;
	case AF_INET6:
		return addr->bytes[0] == 0xff;
	default:
		return false;
	}
}

bool
addr_is_any(const struct addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->bytes, zero, addr_len(addr->family)) == 0;
}

void
addr_from_in(struct addr *addr, const void *in_addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = AF_INET;
	memcpy(addr->bytes, in_addr, 4);
}

void
addr_from_in6(struct addr *addr, const void *in6_addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = AF_INET6;
	memcpy(addr->bytes, in6_addr, 16);
}

socklen_t
addr_to_sockaddr(
    const struct addr *addr, uint16_t port, struct sockaddr_storage *storage)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	switch (addr->family) {
	case AF_INET:
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, addr->bytes, 4);
		return sizeof(*sin);
	case AF_INET6:
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		memcpy(&sin6->sin6_addr, addr->bytes, 16);
		return sizeof(*sin6);
	default:
		return 0;
	}
}

bool
addr_from_sockaddr(
    struct addr *addr, uint16_t *port, const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (len >= sizeof(sin) && sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		addr_from_in(addr, &sin.sin_addr);
		if (port != NULL)
			*port = ntohs(sin.sin_port);
		return true;
	}
	if (len >= sizeof(sin6) && sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		addr_from_in6(addr, &sin6.sin6_addr);
		if (port != NULL)
			*port = ntohs(sin6.sin6_port);
		return true;
	}
	return false;
}
