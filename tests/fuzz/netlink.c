/* SPDX-License-Identifier: ISC */
/*
 * A message of the kernel's, of any content but of the length it says:
 * every reader of IPVS dumps, addresses and links.
 */
#include <linux/netlink.h>

#include <string.h>

#include "addr_nl.h"
#include "fuzz.h"
#include "ipvs_nl.h"

static void
read_as(const struct nlmsghdr *header, uint8_t kind)
{
	struct ipvs_service *service;
	struct ipvs_daemon daemon;
	struct live_address address;
	struct live_link link;
	struct ipvs_dest dest;
	uint32_t proto, valid;

	switch (kind % 5) {
	case 0:
		if ((service = ipvs_nl_read_service(header)) != NULL)
			ipvs_service_free(service);
		break;
	case 1:
		(void)ipvs_nl_read_dest(header, kind & 8 ? 2 : 10, &dest);
		break;
	case 2:
		(void)ipvs_nl_read_daemon(header, &daemon);
		break;
	case 3:
		if (addr_nl_read_link(header, &link))
			MUST(memchr(link.name, '\0', sizeof(link.name)));
		break;
	case 4:
		if (addr_nl_read_address(header, &address, &proto, &valid))
			MUST(
			    memchr(address.label, '\0', sizeof(address.label)));
		break;
	}
}

/* One byte says what is read, the rest is the body. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *header;

	if (size < 1 || size > 65536)
		return 0;
	header = calloc(1, sizeof(*header) + size - 1);
	MUST(header != NULL);
	header->nlmsg_len = (uint32_t)(sizeof(*header) + size - 1);
	memcpy(header + 1, data + 1, size - 1);
	read_as(header, data[0]);
	free(header);
	return 0;
}
