/* SPDX-License-Identifier: ISC */
/*
 * A YAML file as a tree of small nodes, made from libyaml's events (its
 * document loader needs several times the memory). What is not allowed is
 * reported and passed over, so that one run finds all errors.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <yaml.h>

#include "load/advice.h"
#include "load/finding.h"
#include "load/source.h"
#include "load/yaml.h"
#include "log.h"

#define SMALL_MAP 16 /* pairs that are compared rather than hashed */

struct level {
	struct ynode *node;
	struct ynode **link; /* where the next child goes */
};

struct reading {
	struct conf_source *source;
	yaml_parser_t parser;
	uint16_t file;
	int fd;
	size_t bytes;
	size_t skipped; /* of a byte order mark */
	bool too_large;
	uint32_t nodes;
	int depth;
	struct level levels[YAML_DEPTH_MAX];
	struct ynode *root;
	uint32_t documents;
	bool stop;
};

static int
read_some(void *arg, unsigned char *buf, size_t size, size_t *got)
{
	struct reading *r = arg;
	ssize_t n;

	do {
		n = read(r->fd, buf, size);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return 0;
	r->bytes += (size_t)n;
	if (r->bytes > YAML_FILE_MAX) {
		r->too_large = true;
		return 0;
	}
	*got = (size_t)n;
	if (r->bytes == *got && *got >= strlen(BYTE_ORDER_MARK) &&
	    memcmp(buf, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
		/* libyaml counts a byte order mark as a column. */
		r->skipped = strlen(BYTE_ORDER_MARK);
		*got -= r->skipped;
		memmove(buf, buf + r->skipped, *got);
	}
	return 1;
}

static void
error_mark(struct reading *r, const yaml_mark_t *mark, const char *what)
{
	conf_error_at(r->source, r->file, (uint32_t)mark->line + 1,
	    (uint32_t)mark->column + 1, "%s", what);
}

static struct ynode *
add_node(struct reading *r, const yaml_event_t *event, enum ynode_kind kind)
{
	struct ynode *node;
	struct level *level;

	if (++r->nodes > YAML_NODES_MAX) {
		error_mark(r, &event->start_mark,
		    "too many values, at most 4,000,000 are allowed");
		r->stop = true;
		return NULL;
	}
	node = source_alloc(r->source, sizeof(*node));
	node->kind = (uint8_t)kind;
	node->file = r->file;
	node->line = (uint32_t)event->start_mark.line + 1;
	node->column = (uint32_t)event->start_mark.column + 1;
	if (r->depth == 0) {
		r->root = node;
	} else {
		level = &r->levels[r->depth - 1];
		*level->link = node;
		level->link = &node->next;
		level->node->count++;
	}
	return node;
}

static void
refuse_properties(struct reading *r, const yaml_event_t *event,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		error_mark(r, &event->start_mark,
		    "anchors are not allowed, write the value out");
	if (tag != NULL)
		error_mark(r, &event->start_mark, "tags are not allowed");
}

static void
on_scalar(struct reading *r, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct ynode *node;

	refuse_properties(
	    r, event, event->data.scalar.anchor, event->data.scalar.tag);
	if ((node = add_node(r, event, Y_SCALAR)) == NULL)
		return;
	if (memchr(value, '\0', len) != NULL) {
		error_mark(
		    r, &event->start_mark, "a NUL character is not allowed");
		node->kind = Y_BAD;
		return;
	}
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->count = (uint32_t)len;
	node->text = source_text(r->source, value, len);
}

static void
on_begin(struct reading *r, const yaml_event_t *event, enum ynode_kind kind)
{
	struct ynode *node;

	if (kind == Y_MAP)
		refuse_properties(r, event, event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
	else
		refuse_properties(r, event, event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
	if (r->depth == YAML_DEPTH_MAX) {
		error_mark(r, &event->start_mark,
		    "nested too deeply, at most 16 levels are allowed");
		r->stop = true;
		return;
	}
	if ((node = add_node(r, event, kind)) == NULL)
		return;
	r->levels[r->depth].node = node;
	r->levels[r->depth].link = &node->child;
	r->depth++;
}

/* Takes a duplicate's pair out of the map, so that it is reported once. */
static void
check_key(struct reading *r, struct ynode *map, struct names *keys,
    const struct ynode *key, struct ynode **link)
{
	const struct ynode *k;
	char buf[QUOTED_MAX];
	bool twice = false;

	if (map->count > SMALL_MAP) {
		twice = names_get(keys, key->text, key->count) != NAMES_NONE;
		names_put(keys, key->text, key->count, 0);
	} else {
		for (k = map->child; k != key && !twice; k = k->next->next)
			twice = k->kind == Y_SCALAR &&
			    strcmp(k->text, key->text) == 0;
	}
	if (!twice)
		return;
	conf_error(r->source, key,
	    "\"%s\" is here already, a key may stand once",
	    conf_quoted(key->text, buf));
	*link = key->next->next;
}

static void
finish_map(struct reading *r, struct ynode *map)
{
	struct names keys = {NULL, 0, 0};
	struct ynode **link = &map->child, *key;
	uint32_t pairs = 0;

	map->count /= 2;
	while ((key = *link) != NULL && key->next != NULL) {
		if (key->kind == Y_SCALAR) {
			check_key(r, map, &keys, key, link);
		} else {
			if (key->kind != Y_BAD)
				conf_error(r->source, key,
				    "a key must be a plain word%s",
				    key->kind == Y_SEQUENCE ?
					"; quote an IPv6 address: "
					"\"[2001:db8::1]:80\"" :
					"");
			*link = key->next->next;
		}
		if (*link == key) {
			pairs++;
			link = &key->next->next;
		}
	}
	map->count = pairs;
	names_free(&keys);
}

static void
on_end(struct reading *r)
{
	struct ynode *node = r->levels[--r->depth].node;

	if (node->kind == Y_MAP)
		finish_map(r, node);
}

static void
on_document(struct reading *r, const yaml_event_t *event)
{
	if (r->documents++ > 0) {
		error_mark(r, &event->start_mark,
		    "a second document is not allowed, use one file");
		r->stop = true;
	} else if (event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end) {
		error_mark(r, &event->start_mark, "tags are not allowed");
	}
}

static void
on_event(struct reading *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		on_document(r, event);
		break;
	case YAML_ALIAS_EVENT:
		error_mark(r, &event->start_mark,
		    "aliases are not allowed, write the value out");
		add_node(r, event, Y_BAD);
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(r, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		on_begin(r, event, Y_SEQUENCE);
		break;
	case YAML_MAPPING_START_EVENT:
		on_begin(r, event, Y_MAP);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(r);
		break;
	case YAML_STREAM_END_EVENT:
		r->stop = true;
		break;
	default:
		break;
	}
}

/* The reader knows its offset alone: the place is counted again. */
static void
reader_error(struct reading *r)
{
	char buf[4096];
	size_t left = r->parser.problem_offset + r->skipped, part;
	uint32_t line = 1, column = 1;
	ssize_t n, i;

	if (lseek(r->fd, 0, SEEK_SET) == -1)
		left = 0;
	while (left > 0) {
		part = left < sizeof(buf) ? left : sizeof(buf);
		if ((n = read(r->fd, buf, part)) <= 0)
			break;
		for (i = 0; i < n; i++) {
			column = buf[i] == '\n' ? 1 : column + 1;
			line += buf[i] == '\n';
		}
		left -= (size_t)n;
	}
	conf_error_at(r->source, r->file, line, column, "not valid UTF-8: %s%s",
	    r->parser.problem != NULL ? r->parser.problem : "cannot be read",
	    advice_encoding(r->fd));
}

static void
parser_error(struct reading *r)
{
	const yaml_mark_t *mark = &r->parser.problem_mark;
	const char *problem = r->parser.problem;

	r->root = NULL;
	if (r->too_large) {
		conf_error_at(r->source, r->file, 1, 1,
		    "larger than 64 MB, which is the most that is allowed");
		return;
	}
	if (r->parser.error == YAML_READER_ERROR) {
		reader_error(r);
		return;
	}
	if (problem == NULL)
		problem = "no memory";
	conf_error_at(r->source, r->file, (uint32_t)mark->line + 1,
	    (uint32_t)mark->column + 1, "not valid YAML: %s%s", problem,
	    advice_syntax(r->fd, (uint32_t)mark->line + 1, problem));
}

static void
read_events(struct reading *r)
{
	yaml_event_t event;

	if (!yaml_parser_initialize(&r->parser))
		fatalx("conf: out of memory");
	yaml_parser_set_input(&r->parser, read_some, r);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	while (!r->stop) {
		if (!yaml_parser_parse(&r->parser, &event)) {
			parser_error(r);
			break;
		}
		on_event(r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&r->parser);
}

/* -1 after an error; a size that is known to be too large is not read. */
static int
open_file(struct conf_source *s, uint16_t file)
{
	char advice[ADVICE_MAX];
	struct stat st;
	int fd;

	fd = open(s->files[file], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1) {
		int error = errno;

		conf_error_at(s, file, 1, 1, "cannot be read: %s%s",
		    strerror(error),
		    advice_open(s->files[file], error, advice));
	} else if (S_ISDIR(st.st_mode)) {
		conf_error_at(s, file, 1, 1, "is a directory, not a file");
	} else if (S_ISREG(st.st_mode) && st.st_size > (off_t)YAML_FILE_MAX) {
		conf_error_at(s, file, 1, 1,
		    "%lld MB are larger than the 64 MB that are allowed",
		    (long long)st.st_size >> 20);
	} else {
		/* Opening must not wait for a pipe's writer, reading may. */
		fcntl(fd, F_SETFL, 0);
		return fd;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

static void
check_root(struct reading *r)
{
	if (r->depth != 0 || r->root == NULL || r->root->kind == Y_MAP)
		return;
	conf_error(r->source, r->root,
	    "a configuration is a map: `nodes`, `vrrp`, `services` and so "
	    "on%s",
	    advice_not_a_map(r->fd));
	r->root->kind = Y_BAD;
}

struct ynode *
conf_yaml_read(struct conf_source *s, uint16_t file, bool may_be_empty)
{
	struct reading r = {.source = s, .file = file};
	uint32_t before = s->finding_count;

	if ((r.fd = open_file(s, file)) == -1)
		return NULL;
	read_events(&r);
	check_root(&r);
	close(r.fd);
	if (r.documents == 0 && !may_be_empty && s->finding_count == before)
		conf_error_at(
		    s, file, 1, 1, "nothing in it, `nodes` at least is needed");
	/* A tree that was left half-way has levels that were never ended. */
	return r.depth == 0 ? r.root : NULL;
}
