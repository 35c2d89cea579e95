/* SPDX-License-Identifier: ISC */
/* What is ours and what was before us, over a restart: lines of text. */
#include <string.h>

#include "kernel/kernel_int.h"

void
kernel_save(const struct kernel *kernel, FILE *file)
{
	const struct former_setting *former;

	sysctl_vs_save(&kernel->sysctls, file);
	if (kernel->timeouts_changed)
		(void)fprintf(file, "timeouts %u %u %u\n",
		    kernel->former_timeouts.tcp,
		    kernel->former_timeouts.tcp_fin,
		    kernel->former_timeouts.udp);
	if (kernel->daemons_ours)
		(void)fprintf(file, "daemons\n");
	for (uint32_t i = 0; i < kernel->former_count; i++) {
		former = &kernel->formers[i];
		(void)fprintf(file, "link %s %s %u\n", former->interface,
		    iface_setting_name(former->setting), former->value);
	}
	claim_save(&kernel->addrs.claims, file);
}

static void
load_setting(struct kernel *kernel, const char *interface, const char *name,
    unsigned value)
{
	for (int i = 0; i < IFACE_SETTING_MAX; i++)
		if (strcmp(iface_setting_name((enum iface_setting)i), name) ==
		    0)
			setting_former(
			    kernel, interface, (enum iface_setting)i, value);
}

static void
load_line(struct kernel *kernel, const char *line)
{
	char first[IFNAMSIZ], second[ADDR_STRLEN];
	struct ipvs_timeouts timeouts;
	unsigned number;

	if (sysctl_vs_load(&kernel->sysctls, line))
		return;
	if (strcmp(line, "daemons\n") == 0) {
		kernel->daemons_ours = true;
	} else if (sscanf(line, "timeouts %u %u %u", &timeouts.tcp,
		       &timeouts.tcp_fin, &timeouts.udp) == 3) {
		kernel->former_timeouts = timeouts;
		kernel->timeouts_changed = true;
	} else if (sscanf(line, "link %15s %45s %u", first, second, &number) ==
	    3) {
		load_setting(kernel, first, second, number);
	} else {
		(void)claim_load(&kernel->addrs.claims, line);
	}
}

void
kernel_load(struct kernel *kernel, FILE *file)
{
	char line[256];

	while (fgets(line, sizeof(line), file) != NULL)
		load_line(kernel, line);
	/* Who is ours may have changed with it. */
	kernel->ifaces_dump_wanted = true;
	kernel_schedule(kernel);
}
