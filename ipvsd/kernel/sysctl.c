/* SPDX-License-Identifier: ISC */
/* Settings under /proc/sys/net; see sysctl.h. */
#include "kernel/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define VS_PATH	    "/proc/sys/net/ipv4/vs/"
#define VRF_PATH    "/proc/sys/net/ipv4/raw_l3mdev_accept"

#define X(id, name) [SYSCTL_##id] = name,
static const char *const vs_names[] = {SYSCTL_VS_TABLE(X)};
#undef X

/* The value without its newline; false with errno. */
static bool
read_value(const char *path, char value[SYSCTL_VALUE_LEN])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	ssize_t len;

	if (fd == -1)
		return false;
	len = read(fd, value, SYSCTL_VALUE_LEN - 1);
	saved = errno;
	(void)close(fd);
	errno = saved;
	if (len == -1)
		return false;
	value[len] = '\0';
	value[strcspn(value, "\n")] = '\0';
	/* Two numbers come with a tab between them. */
	for (char *tab = value; (tab = strchr(tab, '\t')) != NULL;)
		*tab = ' ';
	return true;
}

bool
sysctl_vrf_is_unheard(void)
{
	char value[SYSCTL_VALUE_LEN];

	/* A kernel without VRFs does not have it. */
	return read_value(VRF_PATH, value) && strcmp(value, "0") == 0;
}

static bool
write_value(const char *path, const char *value)
{
	size_t len = strlen(value);
	int fd = open(path, O_WRONLY | O_CLOEXEC), saved;
	ssize_t written;

	if (fd == -1)
		return false;
	written = write(fd, value, len);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return written == (ssize_t)len;
}

bool
sysctl_write_conf(const char *interface, const char *name, unsigned value)
{
	char path[128], text[SYSCTL_VALUE_LEN];

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s",
	    interface, name);
	(void)snprintf(text, sizeof(text), "%u", value);
	return write_value(path, text);
}

static void
option(const struct conf_option *from, char value[SYSCTL_VALUE_LEN])
{
	if (from->set)
		(void)snprintf(value, SYSCTL_VALUE_LEN, "%u", from->value);
}

/* What the configuration wants of each; "": nothing. */
static void
wanted_values(
    const struct conf_ipvs *ipvs, char wanted[SYSCTL_VS_MAX][SYSCTL_VALUE_LEN])
{
	const struct conf_sync *sync = &ipvs->sync;

	memset(wanted, 0, SYSCTL_VS_MAX * SYSCTL_VALUE_LEN);
	option(&ipvs->expire_nodest_conn, wanted[SYSCTL_EXPIRE_NODEST_CONN]);
	option(&ipvs->sloppy_tcp, wanted[SYSCTL_SLOPPY_TCP]);
	option(
	    &ipvs->expire_quiescent_template, wanted[SYSCTL_EXPIRE_QUIESCENT]);
	option(&ipvs->conn_reuse_mode, wanted[SYSCTL_CONN_REUSE_MODE]);
	option(&ipvs->conntrack, wanted[SYSCTL_CONNTRACK]);
	if (!sync->enabled)
		return;
	if (sync->period != 0)
		(void)snprintf(wanted[SYSCTL_SYNC_THRESHOLD], SYSCTL_VALUE_LEN,
		    "%u %u", sync->threshold, sync->period);
	/* The kernel's unit is the second. */
	if (sync->refresh != 0)
		(void)snprintf(wanted[SYSCTL_SYNC_REFRESH], SYSCTL_VALUE_LEN,
		    "%u", (sync->refresh + 999) / 1000);
}

static bool
set_one(enum sysctl_vs which, const char *value, char *former, bool *changed)
{
	char path[128], now[SYSCTL_VALUE_LEN];

	(void)snprintf(path, sizeof(path), VS_PATH "%s", vs_names[which]);
	if (!read_value(path, now)) {
		log_warn("sysctl %s", path);
		return false;
	}
	if (strcmp(now, value) == 0)
		return true;
	if (!write_value(path, value)) {
		log_warn("sysctl %s: %s", path, value);
		return false;
	}
	log_info(
	    "sysctl net.ipv4.vs.%s: %s -> %s", vs_names[which], now, value);
	if (former != NULL && former[0] == '\0') {
		memcpy(former, now, SYSCTL_VALUE_LEN);
		*changed = true;
	}
	return true;
}

unsigned
sysctl_vs_apply(
    const struct conf_ipvs *ipvs, struct sysctl_saved *saved, bool *changed)
{
	char wanted[SYSCTL_VS_MAX][SYSCTL_VALUE_LEN], *former;
	unsigned errors = 0;

	wanted_values(ipvs, wanted);
	for (int i = 0; i < SYSCTL_VS_MAX; i++) {
		former = saved->former[i];
		if (wanted[i][0] != '\0') {
			errors += !set_one(
			    (enum sysctl_vs)i, wanted[i], former, changed);
		} else if (former[0] != '\0') {
			errors += !set_one(
			    (enum sysctl_vs)i, former, NULL, changed);
			former[0] = '\0';
			*changed = true;
		}
	}
	return errors;
}

void
sysctl_vs_restore(struct sysctl_saved *saved)
{
	bool changed;

	for (int i = 0; i < SYSCTL_VS_MAX; i++) {
		if (saved->former[i][0] != '\0')
			(void)set_one((enum sysctl_vs)i, saved->former[i], NULL,
			    &changed);
		saved->former[i][0] = '\0';
	}
}

void
sysctl_vs_save(const struct sysctl_saved *saved, FILE *file)
{
	for (int i = 0; i < SYSCTL_VS_MAX; i++)
		if (saved->former[i][0] != '\0')
			(void)fprintf(
			    file, "vs %s %s\n", vs_names[i], saved->former[i]);
}

bool
sysctl_vs_load(struct sysctl_saved *saved, const char *line)
{
	size_t len;

	if (strncmp(line, "vs ", 3) != 0)
		return false;
	line += 3;
	for (int i = 0; i < SYSCTL_VS_MAX; i++) {
		len = strlen(vs_names[i]);
		if (strncmp(line, vs_names[i], len) != 0 || line[len] != ' ')
			continue;
		(void)snprintf(saved->former[i], SYSCTL_VALUE_LEN, "%.*s",
		    (int)strcspn(line + len + 1, "\n"), line + len + 1);
		return true;
	}
	return false;
}
