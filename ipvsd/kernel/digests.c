/* SPDX-License-Identifier: ISC */
/* See digests.h. */
#include "kernel/digests.h"

#include "desired/table_digest.h"

void
digests_configure(struct kernel_digests *digests, struct kernel_turn *turn)
{
	digests->configured = 0;
	digests->sum = 0;
	turn->stats.configured_digest = 0;
}

void
digests_table_read(struct kernel_digests *digests)
{
	digests->live = 0;
}

bool
digests_step(struct kernel_digests *digests, struct kernel_turn *turn,
    const struct ipvs_table *live)
{
	const struct conf *conf = turn->input->conf;
	struct ipvs_service *service;
	uint64_t start = 0;
	uint32_t done = 0;
	bool busy = false;

	do {
		if (digests->configured < conf->service_count) {
			digests->sum += digest_configured_service(
			    &conf->services[digests->configured++]);
		} else if (digests->live < live->count) {
			service = live->services[digests->live++];
			if (service->ours && service->digest == 0)
				service->digest = digest_service(service);
		} else {
			break;
		}
		busy = true;
	} while (!turn_slice_over(&start, ++done));
	if (digests->configured == conf->service_count)
		turn->stats.configured_digest = digest_of_sum(digests->sum);
	return busy;
}

uint64_t
digests_live(const struct ipvs_table *live)
{
	struct ipvs_service *service;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < live->count; i++) {
		service = live->services[i];
		if (!service->ours)
			continue;
		if (service->digest == 0)
			service->digest = digest_service(service);
		sum += service->digest;
	}
	return digest_of_sum(sum);
}
