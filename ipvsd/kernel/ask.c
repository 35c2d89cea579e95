/* SPDX-License-Identifier: ISC */
/* What others ask of the kernel half; see kernel.h. */
#include <string.h>

#include "kernel/kernel_int.h"

void
kernel_refresh(struct kernel *kernel, void (*cb)(void *), void *arg)
{
	struct refresh *refresh;

	kernel->refreshes = grow(kernel->refreshes, kernel->refresh_count,
	    &kernel->refresh_size, sizeof(*kernel->refreshes));
	refresh = &kernel->refreshes[kernel->refresh_count++];
	refresh->cb = cb;
	refresh->arg = arg;
	refresh->started = false;
	dump_want(kernel);
}

const struct ipvs_table *
kernel_table(const struct kernel *kernel)
{
	return &kernel->live;
}

const struct kernel_stats *
kernel_stats(struct kernel *kernel)
{
	struct ipvs_service *service;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < kernel->live.count; i++) {
		service = kernel->live.services[i];
		if (!service->ours)
			continue;
		if (service->digest == 0)
			service->digest = digest_service(service);
		sum += service->digest;
	}
	kernel->turn.stats.live_digest = digest_of_sum(sum);
	return &kernel->turn.stats;
}

bool
kernel_has_address(
    const struct kernel *kernel, const struct conf_address *address)
{
	return address_present(kernel, address);
}

bool
kernel_iface_up(const struct kernel *kernel, const char *interface)
{
	const struct live_iface *iface = addr_nl_iface(
	    &kernel->addrs, interface);

	return iface != NULL && (iface->flags & IFF_UP);
}
