/* SPDX-License-Identifier: ISC */
/*
 * VRRP adverts between wire and struct, see packet.h.
 *
 * Version 3 (RFC 9568 5.2): version and type, VRID, priority, count, 4 bits
 * reserved and 12 bits of interval in centiseconds, checksum, addresses.
 * Version 2 (RFC 3768 5.3): authentication type and interval in seconds
 * instead of the interval, and 8 bytes of authentication data at the end.
 */
#include "packet/packet.h"

#include <netinet/in.h>
#include <string.h>

#include "clock.h"
#include "link/wire.h"

#define HEADER_LEN	8
#define TYPE_ADVERT	1
#define CHECKSUM_AT	6
#define NS_PER_CS	(10 * NS_PER_MS)
#define INTERVAL_CS_MAX 4095u /* 12 bits */
#define INTERVAL_S_MAX	255u
/*
 * The shortest payload of an Ethernet frame, less an IPv4 header. A driver or
 * peer that counts the frame's padding as part of the packet gives at most
 * this much. With IPv6 every message is longer.
 */
#define PADDED_LEN	(46 - 20)

void
vrrp_group(uint8_t family, struct addr *group)
{
	addr_parse(group, family == AF_INET6 ? VRRP_GROUP_IN6 : VRRP_GROUP_IN);
}

size_t
vrrp_encoded_len(uint8_t version, uint8_t family, size_t count)
{
	return HEADER_LEN + count * addr_len(family) +
	    (version == 2 ? VRRP_AUTH_LEN : 0);
}

/* --- the checksum, RFC 1071 --- */

static uint32_t
sum_bytes(uint32_t sum, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	if (len & 1)
		sum += (uint32_t)bytes[len - 1] << 8;
	return sum;
}

/* The pseudo-header, in the form of RFC 8200 8.1 or RFC 793: equal sums. */
static uint32_t
sum_pseudo(
    const struct addr *source, const struct addr *destination, size_t len)
{
	uint32_t sum = (uint32_t)len + VRRP_PROTOCOL;

	sum = sum_bytes(sum, source->bytes, addr_len(source->family));
	return sum_bytes(
	    sum, destination->bytes, addr_len(destination->family));
}

static uint16_t
fold(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The ways of summing up (VRRP_SUM_*) by which the checksum is right. */
static uint8_t
sums_right(const struct vrrp_advert *advert, const struct vrrp_ip *ip,
    const uint8_t *packet, size_t len)
{
	uint32_t sum = sum_bytes(0, packet, len);
	uint8_t sums = 0;

	if (ip->family == AF_INET && fold(sum) == 0xffff)
		sums |= VRRP_SUM_PLAIN;
	sum += sum_pseudo(&ip->source, &ip->destination, len);
	if (advert->version == 3 && fold(sum) == 0xffff)
		sums |= VRRP_SUM_PSEUDO;
	return sums;
}

/* --- receive --- */

/* What a unicast advert's TTL may be depends on the instance. */
static enum vrrp_drop
check_ip(struct vrrp_advert *advert, const struct vrrp_ip *ip)
{
	struct addr group;

	vrrp_group(ip->family, &group);
	advert->unicast = !addr_equal(&ip->destination, &group);
	if (!advert->unicast && ip->ttl != VRRP_TTL)
		return VRRP_DROP_TTL;
	if (advert->unicast && addr_is_multicast(&ip->destination))
		return VRRP_DROP_DESTINATION;
	if (ip->source.family != ip->family || addr_is_any(&ip->source) ||
	    addr_is_multicast(&ip->source))
		return VRRP_DROP_SOURCE;
	return VRRP_OK;
}

/* Whether the bytes after the message are a short frame's zero padding; len is
 * that of the whole packet. */
static bool
is_padding(const uint8_t *rest, size_t rest_len, uint8_t family, size_t len)
{
	if (family != AF_INET || len > PADDED_LEN)
		return false;
	while (rest_len > 0)
		if (rest[--rest_len] != 0)
			return false;
	return true;
}

static enum vrrp_drop
check_length(
    const struct vrrp_advert *advert, const uint8_t *packet, size_t len)
{
	size_t need = vrrp_encoded_len(
	    advert->version, advert->family, advert->count);

	if (len < need)
		return VRRP_DROP_LENGTH;
	if (len > need &&
	    !is_padding(packet + need, len - need, advert->family, len))
		return VRRP_DROP_TRAILING;
	return VRRP_OK;
}

static void
read_interval(struct vrrp_advert *advert, const uint8_t *packet)
{
	if (advert->version == 2)
		advert->interval = packet[5] * NS_PER_SEC;
	else /* the upper nibble is reserved: ignored */
		advert->interval = NS_PER_CS *
		    (uint64_t)((packet[4] & 0x0f) << 8 | packet[5]);
}

enum vrrp_drop
vrrp_decode(struct vrrp_advert *advert, const void *bytes, size_t len,
    const struct vrrp_ip *ip)
{
	const uint8_t *packet = bytes;
	enum vrrp_drop drop;

	memset(advert, 0, sizeof(*advert));
	advert->family = ip->family;
	advert->ifindex = ip->ifindex;
	advert->source = ip->source;
	advert->destination = ip->destination;
	advert->ttl = ip->ttl;
	if (len > 0)
		advert->version = packet[0] >> 4;
	if (len > 1)
		advert->vrid = packet[1];
	if ((drop = check_ip(advert, ip)) != VRRP_OK)
		return drop;
	if (len < HEADER_LEN)
		return VRRP_DROP_LENGTH;
	if (advert->version != 3 &&
	    (advert->version != 2 || ip->family != AF_INET))
		return VRRP_DROP_VERSION;
	if ((packet[0] & 0x0f) != TYPE_ADVERT)
		return VRRP_DROP_TYPE;
	advert->priority = packet[2];
	advert->count = packet[3];
	if (advert->count == 0) /* erratum 8299 */
		return VRRP_DROP_ADDRESS_COUNT;
	if ((drop = check_length(advert, packet, len)) != VRRP_OK)
		return drop;
	advert->sums = sums_right(advert, ip, packet,
	    vrrp_encoded_len(advert->version, advert->family, advert->count));
	if (advert->sums == 0)
		return VRRP_DROP_CHECKSUM;
	if (advert->version == 2 && packet[4] != 0)
		return VRRP_DROP_AUTH_TYPE;
	read_interval(advert, packet);
	if (advert->interval == 0) /* erratum 8301 */
		return VRRP_DROP_INTERVAL_ZERO;
	if (advert->vrid == 0)
		return VRRP_DROP_VRID_ZERO;
	advert->list = packet + HEADER_LEN;
	return VRRP_OK;
}

void
vrrp_advert_address(
    const struct vrrp_advert *advert, size_t i, struct addr *addr)
{
	size_t len = addr_len(advert->family);

	memset(addr, 0, sizeof(*addr));
	addr->family = advert->family;
	memcpy(addr->bytes, advert->list + i * len, len);
}

static bool
dialect_matches(
    const struct vrrp_advert *advert, const struct conf_instance *conf)
{
	if (advert->version != 3 || advert->family != AF_INET)
		return true;
	return advert->sums &
	    (conf->checksum == CHECKSUM_RFC9568 ? VRRP_SUM_PLAIN :
						  VRRP_SUM_PSEUDO);
}

static bool
first_is_link_local(const struct vrrp_advert *advert)
{
	struct addr first;

	if (advert->family != AF_INET6)
		return true;
	vrrp_advert_address(advert, 0, &first);
	return addr_is_link_local(&first);
}

static bool
is_listed(const struct vrrp_advert *advert, const struct addr *addr)
{
	size_t i, len = addr_len(advert->family);

	for (i = 0; i < advert->count; i++)
		if (memcmp(advert->list + i * len, addr->bytes, len) == 0)
			return true;
	return false;
}

bool
vrrp_shares_address(
    const struct vrrp_advert *advert, const struct conf_instance *conf)
{
	for (uint32_t i = 0; i < conf->address_count; i++)
		if (conf->addresses[i].advertised &&
		    is_listed(advert, &conf->addresses[i].addr))
			return true;
	return false;
}

/* Whether both lists name the same addresses, in whatever order. */
static bool
same_addresses(
    const struct vrrp_advert *advert, const struct conf_instance *conf)
{
	uint32_t i, count = 0;

	for (i = 0; i < conf->address_count; i++)
		count += conf->addresses[i].advertised;
	if (count != advert->count)
		return false;
	for (i = 0; i < conf->address_count; i++)
		if (conf->addresses[i].advertised &&
		    !is_listed(advert, &conf->addresses[i].addr))
			return false;
	return true;
}

static unsigned
notes_of(const struct vrrp_advert *advert, const struct conf_instance *conf)
{
	unsigned notes = 0;

	if (advert->interval != conf->interval * NS_PER_MS)
		notes |= VRRP_NOTE_INTERVAL;
	if (!same_addresses(advert, conf))
		notes |= VRRP_NOTE_ADDRESSES;
	if (!first_is_link_local(advert))
		notes |= VRRP_NOTE_FIRST;
	if (advert->priority == conf->priority)
		notes |= conf->priority == VRRP_PRIORITY_OWNER ?
		    VRRP_NOTE_OWNERS :
		    VRRP_NOTE_EQUAL;
	return notes;
}

/* Whether it came by the way by which the instance's adverts go. */
static enum vrrp_drop
check_way(const struct vrrp_advert *advert, const struct conf_instance *conf,
    const struct addr *own)
{
	if (advert->unicast && advert->ttl < VRRP_TTL - conf->hops)
		return VRRP_DROP_TTL;
	if (advert->unicast != conf->unicast ||
	    (advert->unicast && !addr_equal(&advert->destination, own)))
		return VRRP_DROP_DESTINATION;
	return VRRP_OK;
}

enum vrrp_drop
vrrp_accept(const struct vrrp_advert *advert, const struct conf_instance *conf,
    const struct addr *own, enum vrrp_drop sender, unsigned *notes)
{
	enum vrrp_drop drop = check_way(advert, conf, own);

	*notes = 0;
	if (drop != VRRP_OK)
		return drop;
	if (advert->version != conf->version)
		return VRRP_DROP_VERSION;
	if (addr_equal(&advert->source, own))
		return VRRP_DROP_SOURCE_OWN;
	if (sender != VRRP_OK)
		return sender;
	if (conf->strict && !dialect_matches(advert, conf))
		return VRRP_DROP_CHECKSUM_DIALECT;
	if (conf->strict && !first_is_link_local(advert))
		return VRRP_DROP_FIRST_ADDRESS; /* erratum 8300 */
	if (advert->version == 2 &&
	    advert->interval != conf->interval * NS_PER_MS)
		return VRRP_DROP_INTERVAL_MISMATCH;
	if (conf->priority == VRRP_PRIORITY_OWNER && conf->owner_ignore_adverts)
		return VRRP_DROP_OWNER;
	*notes = notes_of(advert, conf);
	return VRRP_OK;
}

/* --- send --- */

size_t
vrrp_list(const struct conf_instance *conf, struct addr *list, size_t max)
{
	const struct conf_address *address;
	size_t count = 0, first = 0;
	uint32_t i;
	bool found = false;

	for (i = 0; i < conf->address_count; i++) {
		address = &conf->addresses[i];
		if (!address->advertised)
			continue;
		if (count == max)
			return 0;
		if (!found && address->addr.family == AF_INET6 &&
		    addr_is_link_local(&address->addr)) {
			found = true;
			first = count;
		}
		list[count++] = address->addr;
	}
	if (first > 0) {
		struct addr link_local = list[first];

		memmove(list + 1, list, first * sizeof(*list));
		list[0] = link_local;
	}
	return count;
}

/* The two bytes for the interval; 0 if this version cannot express it. */
static uint16_t
wire_interval(const struct vrrp_send *send)
{
	uint64_t n;

	n = send->interval / (send->version == 2 ? NS_PER_SEC : NS_PER_CS);
	if (n > (send->version == 2 ? INTERVAL_S_MAX : INTERVAL_CS_MAX))
		return 0;
	return (uint16_t)n; /* v2: authentication type 0 above it */
}

static bool
may_send(const struct vrrp_send *send)
{
	size_t i;

	if (send->version != 3 &&
	    (send->version != 2 || send->family != AF_INET))
		return false;
	if (send->vrid == 0 || wire_interval(send) == 0 ||
	    send->source.family != send->family)
		return false;
	if (send->count == 0 || send->count > VRRP_ADDRESSES_MAX)
		return false;
	for (i = 0; i < send->count; i++)
		if (send->list[i].family != send->family)
			return false;
	return true;
}

static uint16_t
checksum(const struct vrrp_send *send, const uint8_t *packet, size_t len)
{
	uint32_t sum = sum_bytes(0, packet, len);
	struct addr to = send->destination;

	if (to.family == AF_UNSPEC)
		vrrp_group(send->family, &to);
	if (send->version == 3 &&
	    (send->family == AF_INET6 || send->checksum == CHECKSUM_RFC5798))
		sum += sum_pseudo(&send->source, &to, len);
	return (uint16_t)~fold(sum);
}

size_t
vrrp_encode(void *buf, size_t size, const struct vrrp_send *send)
{
	struct writer w;
	uint16_t sum;
	size_t i;

	if (!may_send(send))
		return 0;
	writer_init(&w, buf, size);
	put_u8(&w, (uint8_t)(send->version << 4 | TYPE_ADVERT));
	put_u8(&w, send->vrid);
	put_u8(&w, send->priority);
	put_u8(&w, (uint8_t)send->count);
	put_u16(&w, wire_interval(send));
	put_u16(&w, 0);
	for (i = 0; i < send->count; i++)
		put_bytes(&w, send->list[i].bytes, addr_len(send->family));
	if (send->version == 2)
		put_u64(&w, 0);
	if (w.error)
		return 0;
	sum = checksum(send, buf, w.len);
	((uint8_t *)buf)[CHECKSUM_AT] = (uint8_t)(sum >> 8);
	((uint8_t *)buf)[CHECKSUM_AT + 1] = (uint8_t)sum;
	return w.len;
}
