/* SPDX-License-Identifier: ISC */
/*
 * A message of the kernel's, of any content but of the length it says:
 * every reader of IPVS dumps, addresses and links, ipvsd's and vrrpd's.
 */
#include <string.h>

#include "fuzz.h"
#include "iface.h"
#include "kernel/addr_nl_msg.h"
#include "kernel/ipvs_nl_msg.h"

#define INDEX 2 /* an interface that is known, as in the seeds */

static struct ifaces *ifaces; /* vrrpd's table, empty between messages */

/* An interface goes into vrrpd's table and out of it again. */
static void
into_table(const struct netlink_iface *told)
{
	struct netlink_iface same = *told;
	struct iface *iface;

	(void)iface_told(ifaces, told);
	same.event = 0; /* what happens is news each time */
	MUST(!iface_told(ifaces, &same));
	iface = iface_by_index(ifaces, told->index);
	MUST(iface != NULL);
	MUST(memchr(iface->name, '\0', sizeof(iface->name)) != NULL);
	iface_gone(ifaces, told->index);
	MUST(iface_by_index(ifaces, told->index) == NULL);
}

/* The same of an address, of an interface that is known or not. */
static void
address_into_table(const struct netlink_address *told)
{
	const struct netlink_iface eth0 = {.index = INDEX, .name = "eth0"};
	bool known = told->ifindex == INDEX;

	(void)iface_told(ifaces, &eth0);
	MUST(iface_address_told(ifaces, told) == known);
	MUST(!iface_address_told(ifaces, told));
	MUST((iface_address(ifaces, INDEX, &told->addr) != NULL) == known);
	MUST(iface_address_gone(ifaces, told) == known);
	/* What a dump does not tell is no more. */
	(void)iface_address_told(ifaces, told);
	iface_mark(ifaces);
	(void)iface_sweep(ifaces);
	MUST(iface_by_index(ifaces, INDEX) == NULL);
}

static void
read_as(const struct nlmsghdr *header, uint8_t kind)
{
	struct netlink_address address;
	struct ipvs_service *service;
	struct netlink_iface iface;
	struct ipvs_daemon daemon;
	struct live_iface live;
	struct ipvs_dest dest;

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
		if (netlink_read_address(header, &address))
			MUST(
			    memchr(address.label, '\0', sizeof(address.label)));
		break;
	case 5:
		if (netlink_read_iface(header, &iface))
			into_table(&iface);
		break;
	case 6:
		if (netlink_read_address(header, &address))
			address_into_table(&address);
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
	if (ifaces == NULL)
		ifaces = iface_new();
	header = calloc(1, sizeof(*header) + size - 1);
	MUST(header != NULL);
	header->nlmsg_len = (uint32_t)(sizeof(*header) + size - 1);
	memcpy(header + 1, data + 1, size - 1);
	read_as(header, data[0]);
	free(header);
	return 0;
}
