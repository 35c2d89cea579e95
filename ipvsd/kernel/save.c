/* SPDX-License-Identifier: ISC */
/* What is ours and what was before us, over a restart: lines of text. */
#include <string.h>

#include "kernel/kernel_int.h"

void
kernel_save(const struct kernel *kernel, FILE *file)
{
	sync_save(kernel->sync, file);
	setting_save(kernel->settings, file);
	claim_save(&kernel->addrs.claims, file);
}

void
kernel_load(struct kernel *kernel, FILE *file)
{
	char line[256];

	while (fgets(line, sizeof(line), file) != NULL)
		if (!sync_load(kernel->sync, line) &&
		    !setting_load(kernel->settings, line))
			(void)claim_load(&kernel->addrs.claims, line);
	/* Who is ours may have changed with it. */
	kernel->ifaces_dump_wanted = true;
	turn_schedule(&kernel->turn);
}
