/* SPDX-License-Identifier: ISC */
/*
 * A message of the kernel's, of any content but of the length it says:
 * every reader of IPVS dumps, addresses and links, ipvsd's and vrrpd's.
 */
#include <linux/rtnetlink.h>
#include <string.h>

#include "fuzz.h"
#include "iface.h"
#include "iface_msg.h"
#include "kernel/addr_nl_msg.h"
#include "kernel/ipvs_nl_msg.h"

#define INDEX 2 /* an interface that is known, as in the seeds */

/* Into vrrpd's table and out of it again; it is empty at last. */
static void
read_into_table(
    const struct nlmsghdr *header, uint16_t set, uint16_t remove, bool link)
{
	static struct ifaces *ifaces;
	bool (*take)(struct ifaces *,
	    struct nlmsghdr *) = link ? iface_read_link : iface_read_address;
	struct nlmsghdr *msg = malloc(header->nlmsg_len);
	struct iface *iface;

	MUST(msg != NULL);
	memcpy(msg, header, header->nlmsg_len);
	if (ifaces == NULL)
		ifaces = iface_new();
	iface_mark(ifaces);
	MUST(iface_set(ifaces, INDEX, "eth0") != NULL);
	msg->nlmsg_type = set;
	(void)take(ifaces, msg);
	MUST(!take(ifaces, msg)); /* nothing new the second time */
	if ((iface = iface_by_index(ifaces, INDEX)) != NULL)
		MUST(memchr(iface->name, '\0', sizeof(iface->name)) != NULL);
	msg->nlmsg_type = remove;
	(void)take(ifaces, msg);
	free(msg);
	iface_mark(ifaces);
	(void)iface_sweep(ifaces);
	MUST(iface_by_index(ifaces, INDEX) == NULL);
}

static void
read_as(const struct nlmsghdr *header, uint8_t kind)
{
	struct ipvs_service *service;
	struct ipvs_daemon daemon;
	struct live_address address;
	struct live_iface live;
	struct ipvs_dest dest;
	uint32_t proto, valid;

	switch (kind % 7) {
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
		if (addr_nl_read_iface(header, &live))
			MUST(memchr(live.name, '\0', sizeof(live.name)));
		break;
	case 4:
		if (addr_nl_read_address(header, &address, &proto, &valid))
			MUST(
			    memchr(address.label, '\0', sizeof(address.label)));
		break;
	case 5:
		read_into_table(header, RTM_NEWLINK, RTM_DELLINK, true);
		break;
	case 6:
		read_into_table(header, RTM_NEWADDR, RTM_DELADDR, false);
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
