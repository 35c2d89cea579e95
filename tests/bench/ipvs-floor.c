/* SPDX-License-Identifier: ISC */
/*
 * ipvs-floor SERVICES SERVERS [BATCH]: the floor of programming IPVS. The
 * commands that ipvsd sends for so many services, made before the clock
 * starts and sent BATCH (100) a sendmsg with one acknowledgement each, into
 * an empty table in a network namespace of its own.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>

#define MESSAGE_MAX 256

static struct {
	uint8_t *bytes;
	size_t len;
} out;

static uint8_t *message; /* the one being made */

static void
put(uint16_t type, const void *data, size_t len)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)message;
	struct nlattr attr = {
	    .nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + len)};
	uint8_t *at = message + header->nlmsg_len;

	memcpy(at, &attr, sizeof(attr));
	memcpy(at + NLA_HDRLEN, data, len);
	header->nlmsg_len += (uint32_t)NLA_ALIGN(NLA_HDRLEN + len);
}

static void
put_u16(uint16_t type, uint16_t value)
{
	put(type, &value, sizeof(value));
}

static void
put_u32(uint16_t type, uint32_t value)
{
	put(type, &value, sizeof(value));
}

static uint32_t
nest(uint16_t type)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)message;
	uint32_t at = header->nlmsg_len;

	put((uint16_t)(type | NLA_F_NESTED), "", 0);
	return at;
}

static void
nest_end(uint32_t at)
{
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)message;
	uint16_t len = (uint16_t)(header->nlmsg_len - at);

	memcpy(message + at, &len, sizeof(len));
}

static void
begin(uint16_t family, uint8_t command, uint32_t seq)
{
	struct nlmsghdr *header;
	struct genlmsghdr genl = {.cmd = command, .version = IPVS_GENL_VERSION};

	message = out.bytes + out.len;
	header = (struct nlmsghdr *)(void *)message;
	header->nlmsg_type = family;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = seq;
	header->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	memcpy(message + NLMSG_HDRLEN, &genl, sizeof(genl));
}

static void
end(void)
{
	out.len += NLMSG_ALIGN(((struct nlmsghdr *)(void *)message)->nlmsg_len);
}

static void
put_service(uint32_t number, int full)
{
	struct ip_vs_flags flags = {.mask = 0x3d};
	uint32_t at = nest(IPVS_CMD_ATTR_SERVICE);
	uint8_t addr[16] = {
	    10, 1, (uint8_t)(number / 250), (uint8_t)(number % 250 + 1)};

	put_u16(IPVS_SVC_ATTR_AF, AF_INET);
	put_u16(IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	put(IPVS_SVC_ATTR_ADDR, addr, sizeof(addr));
	put_u16(IPVS_SVC_ATTR_PORT, htons(80));
	if (full) {
		put(IPVS_SVC_ATTR_SCHED_NAME, "rr", 3);
		put(IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
		put_u32(IPVS_SVC_ATTR_TIMEOUT, 0);
		put_u32(IPVS_SVC_ATTR_NETMASK, UINT32_MAX);
	}
	nest_end(at);
}

static void
put_dest(uint32_t number)
{
	uint32_t at = nest(IPVS_CMD_ATTR_DEST);
	uint8_t addr[16] = {10, 2, 0, (uint8_t)(number + 1)};

	put(IPVS_DEST_ATTR_ADDR, addr, sizeof(addr));
	put_u16(IPVS_DEST_ATTR_PORT, htons(80));
	put_u16(IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	put_u32(IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_DROUTE);
	put_u32(IPVS_DEST_ATTR_WEIGHT, 1);
	put_u32(IPVS_DEST_ATTR_U_THRESH, 0);
	put_u32(IPVS_DEST_ATTR_L_THRESH, 0);
	nest_end(at);
}

/* Sends and reads until the acknowledgement of seq; counts refusals. */
static unsigned
exchange(int fd, const void *bytes, size_t len, uint32_t seq)
{
	static uint8_t in[65536];
	struct nlmsghdr *header;
	unsigned errors = 0;
	ssize_t got;
	int ended = 0;

	if (send(fd, bytes, len, 0) == -1)
		err(1, "send");
	while (!ended) {
		if ((got = recv(fd, in, sizeof(in), 0)) == -1)
			err(1, "recv");
		for (header = (struct nlmsghdr *)(void *)in;
		     NLMSG_OK(header, got); header = NLMSG_NEXT(header, got)) {
			if (header->nlmsg_type != NLMSG_ERROR)
				continue;
			errors += ((struct nlmsgerr *)NLMSG_DATA(header))
				      ->error != 0;
			ended |= header->nlmsg_seq == seq;
		}
	}
	return errors;
}

static uint16_t
resolve(int fd)
{
	static uint8_t in[8192];
	struct nlmsghdr *header = (struct nlmsghdr *)(void *)in;
	struct nlattr *attr;
	uint16_t family;
	ssize_t len;

	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME, sizeof(IPVS_GENL_NAME));
	if (send(fd, message, ((struct nlmsghdr *)(void *)message)->nlmsg_len,
		0) == -1 ||
	    (len = recv(fd, in, sizeof(in), 0)) == -1)
		err(1, "resolve");
	if (header->nlmsg_type == NLMSG_ERROR)
		errx(77, "this kernel has no ip_vs");
	attr = (struct nlattr *)(void *)(in + NLMSG_HDRLEN + GENL_HDRLEN);
	while ((uint8_t *)attr < in + len) {
		if ((attr->nla_type & NLA_TYPE_MASK) == CTRL_ATTR_FAMILY_ID) {
			memcpy(&family, (uint8_t *)attr + NLA_HDRLEN, 2);
			return family;
		}
		attr = (struct nlattr *)(void *)((uint8_t *)attr +
		    NLA_ALIGN(attr->nla_len));
	}
	errx(1, "no family in the answer");
}

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The last command of every batch asks for an acknowledgement. */
static size_t
make(uint16_t family, uint32_t services, uint32_t servers, uint32_t batch,
    size_t *ends)
{
	uint32_t seq = 0, total = services * (servers + 1);
	size_t batches = 0;

	out.len = 0;
	for (uint32_t i = 0; i < services; i++) {
		for (uint32_t j = 0; j <= servers; j++) {
			seq++;
			begin(family,
			    j == 0 ? IPVS_CMD_NEW_SERVICE : IPVS_CMD_NEW_DEST,
			    seq);
			put_service(i, j == 0);
			if (j > 0)
				put_dest(j - 1);
			if (seq % batch == 0 || seq == total) {
				((struct nlmsghdr *)(void *)message)
				    ->nlmsg_flags |= NLM_F_ACK;
				end();
				ends[batches++] = out.len;
			} else {
				end();
			}
		}
	}
	return batches;
}

int
main(int argc, char **argv)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	uint32_t services, servers, batch = 100, last;
	size_t *ends, count, at = 0;
	unsigned errors = 0;
	double start;
	int fd, size = 1 << 20;

	if (argc < 3)
		errx(2, "usage: ipvs-floor SERVICES SERVERS [BATCH]");
	services = (uint32_t)strtoul(argv[1], NULL, 10);
	servers = (uint32_t)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		batch = (uint32_t)strtoul(argv[3], NULL, 10);
	if (batch == 0)
		errx(2, "a batch is at least 1");
	if (unshare(CLONE_NEWNET) == -1)
		err(77, "a network namespace");
	if (system("ip link set lo up") != 0)
		errx(1, "lo");
	out.bytes = calloc((size_t)services * (servers + 1) + 1, MESSAGE_MAX);
	ends = calloc((size_t)services * (servers + 1), sizeof(*ends));
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd == -1 || out.bytes == NULL || ends == NULL ||
	    connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)) == -1)
		err(1, "netlink");
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	count = make(resolve(fd), services, servers, batch, ends);
	start = now();
	for (size_t i = 0; i < count; i++) {
		last = i + 1 == count ? services * (servers + 1) :
					(uint32_t)(i + 1) * batch;
		errors += exchange(fd, out.bytes + at, ends[i] - at, last);
		at = ends[i];
	}
	printf("seconds %.4f commands %u errors %u\n", now() - start,
	    services * (servers + 1), errors);
	return errors != 0;
}
