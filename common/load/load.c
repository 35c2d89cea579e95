/* SPDX-License-Identifier: ISC */
/* The files of a configuration, and the steps from them to a source. */

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/arena.h"
#include "load/advice.h"
#include "load/bind.h"
#include "load/build.h"
#include "load/finding.h"
#include "load/host.h"
#include "load/lint.h"
#include "load/load.h"
#include "load/resolve.h"
#include "load/services.h"
#include "load/source.h"
#include "load/spread.h"
#include "load/yaml.h"
#include "log.h"

#define FILES_MAX 4096

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len > strlen(end) &&
	    strcasecmp(name + len - strlen(end), end) == 0;
}

/* Names that are read (.yaml), and names that look as if they were. */
static int
is_meant(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return name[0] != '.' &&
	    (ends_in(name, ".yaml") || ends_in(name, ".yml"));
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The directory cannot be read. It need not be there; something else by its
 * name is a mistake. */
static void
no_directory(struct conf_source *s, const char *directory)
{
	char advice[ADVICE_MAX];
	struct stat st;
	int error = errno;

	if ((error == ENOENT || error == ENOTDIR) &&
	    lstat(directory, &st) == -1)
		return;
	if (error == ENOTDIR)
		conf_error(s, NULL,
		    "%.100s is no directory; its files NAME.yaml would be read",
		    directory);
	else if (error == ENOENT)
		conf_error(s, NULL, "%.100s is a link to nothing", directory);
	else
		conf_error(s, NULL, "%.100s cannot be read: %s%s", directory,
		    strerror(error), advice_open(directory, error, advice));
}

static void
add_file(struct conf_source *s, const char *directory, const char *name)
{
	char *path;

	if (strcmp(strrchr(name, '.'), ".yaml") != 0) {
		conf_find(s, LINT_CONF_D, NULL,
		    "%.100s/%.100s is not read, only names that end in .yaml "
		    "are",
		    directory, name);
		return;
	}
	if (s->file_count == FILES_MAX)
		return;
	path = source_alloc(s, strlen(directory) + strlen(name) + 2);
	sprintf(path, "%s/%s", directory, name);
	s->files[s->file_count++] = path;
}

/* conf.d beside the file, in the order of the bytes of the names. */
static void
add_directory(struct conf_source *s, const char *file)
{
	struct dirent **list;
	char directory[4096];
	const char *slash = strrchr(file, '/');
	int count, i;

	snprintf(directory, sizeof(directory), "%.*sconf.d",
	    slash == NULL ? 0 : (int)(slash - file + 1), file);
	if ((count = scandir(directory, &list, is_meant, by_name)) == -1) {
		no_directory(s, directory);
		return;
	}
	if (count >= FILES_MAX) {
		conf_error(s, NULL, "%d files in %.100s, allowed are %d", count,
		    directory, FILES_MAX - 1);
	}
	for (i = 0; i < count; i++) {
		add_file(s, directory, list[i]->d_name);
		free(list[i]);
	}
	free(list);
}

static void
read_files(struct conf_source *s)
{
	const struct ynode *root;
	uint16_t i;

	for (i = 0; i < s->file_count; i++) {
		if ((root = conf_yaml_read(s, i, i > 0)) != NULL)
			conf_bind(s, root);
	}
}

static void
resolve(struct conf_source *s, const char *node)
{
	if (s->root.head.at == NULL)
		return;
	if (s->root.nodes.count == 0) {
		if (!s->root.head.bad)
			conf_error(s, s->root.head.at,
			    "`nodes` is missing or empty, one at least is "
			    "needed");
		return;
	}
	conf_host_read(s);
	conf_self(s, node);
	conf_spread(s);
	conf_resolve(s);
	conf_services(s);
}

static struct conf_source *
read_all(const char *file, const char *node)
{
	struct conf_source *s;

	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->arena = conf_arena_new()) == NULL)
		fatalx("conf: out of memory");
	s->files = source_alloc(s, FILES_MAX * sizeof(*s->files));
	s->files[s->file_count++] = strcpy(
	    source_alloc(s, strlen(file) + 1), file);
	memcpy(&s->root, bind_defaults(s, &conf_schema_root), sizeof(s->root));
	add_directory(s, file);
	read_files(s);
	resolve(s, node != NULL && node[0] != '\0' ? node : NULL);
	return s;
}

static void
judge(struct conf_source *s, conf_report_fn report, void *arg, unsigned *errors,
    unsigned *warnings)
{
	if (s->root.head.at != NULL && s->root.nodes.count > 0)
		conf_lint(s);
	if (s->error_count == 0)
		conf_build(s);
	conf_report(s, report, arg, errors, warnings);
}

struct conf_source *
conf_load(const char *file, const char *node, conf_report_fn report, void *arg,
    unsigned *errors, unsigned *warnings)
{
	struct conf_source *s = read_all(file, node);

	judge(s, report, arg, errors, warnings);
	return s;
}

const char *
conf_source_node(const struct conf_source *s, uint32_t index)
{
	return index < s->root.nodes.count ?
	    VEC_AT(&s->root.nodes, struct src_node, index)->c.name :
	    NULL;
}

const char *
conf_source_file(const struct conf_source *s, uint32_t index)
{
	return index < s->file_count ? s->files[index] : NULL;
}

void
conf_source_free(struct conf_source *s)
{
	if (s == NULL)
		return;
	names_free(&s->nodes);
	names_free(&s->instances);
	names_free(&s->bases);
	names_free(&s->checks);
	names_free(&s->services);
	names_free(&s->addresses);
	names_free(&s->link_local);
	names_free(&s->node_addresses);
	names_free(&s->networks.table);
	names_free(&s->host.interfaces);
	names_free(&s->host.in_vrf);
	names_free(&s->definitions);
	names_free(&s->probes);
	free(s->root.c.probes);
	free(s->probe_here);
	conf_arena_free(s->arena);
	free(s);
}
