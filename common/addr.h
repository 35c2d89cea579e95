/* SPDX-License-Identifier: ISC */
/*
 * Addresses of both families, in network byte order, without ports.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest text form of an address and its terminating NUL. */
#define ADDR_STRLEN	 46
/* Longest text form of "[address]:port". */
#define ADDR_PORT_STRLEN (ADDR_STRLEN + 9)

/* An IPv4 or IPv6 address; family 0 (AF_UNSPEC) means "none". */
struct addr {
	uint8_t family;	   /* AF_INET, AF_INET6 or AF_UNSPEC */
	uint8_t bytes[16]; /* network byte order; IPv4 uses the first 4 */
};

/* Bytes of an address of this family: 4, 16 or 0. */
size_t addr_len(uint8_t family);
/* Longest prefix of this family: 32, 128 or 0. */
uint8_t addr_max_prefix(uint8_t family);

/* Reads the text form (RFC 4291 2.2 for IPv6, dotted quad for IPv4). */
bool addr_parse(struct addr *, const char *);
/* Writes the canonical text (RFC 5952); returns buf. */
const char *addr_format(const struct addr *, char buf[ADDR_STRLEN]);
/* "10.0.0.1:80" or "[2001:db8::1]:80"; returns buf. */
const char *addr_port_format(
    const struct addr *, uint16_t port, char buf[ADDR_PORT_STRLEN]);

/* Orders by family, then by the bytes as an unsigned big-endian number. */
int addr_cmp(const struct addr *, const struct addr *);
bool addr_equal(const struct addr *, const struct addr *);
bool addr_is_link_local(const struct addr *); /* fe80::/10, 169.254/16 */
/* Whether each interface may have this address anew: IPv6 link-local. */
bool addr_is_per_link(const struct addr *);
bool addr_is_multicast(const struct addr *);
bool addr_is_any(const struct addr *); /* 0.0.0.0 or :: */

/* Conversion; addr_to_sockaddr returns the length, 0 for AF_UNSPEC. */
void addr_from_in(struct addr *, const void *in_addr);
void addr_from_in6(struct addr *, const void *in6_addr);
socklen_t addr_to_sockaddr(
    const struct addr *, uint16_t port, struct sockaddr_storage *);
bool addr_from_sockaddr(
    struct addr *, uint16_t *port, const struct sockaddr *, socklen_t);

#endif
