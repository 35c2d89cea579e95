/* SPDX-License-Identifier: ISC */
/*
 * What to do about a file; see advice.h. The line of an error is looked at
 * again for what people often do.
 */
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "load/advice.h"

#define LINE_BYTES 512
#define HEAD_BYTES 4096

/* The line of this number, from 1, cut; "" when there is none. */
static void
read_line(int fd, uint32_t line, char text[LINE_BYTES])
{
	char buf[4096];
	size_t len = 0;
	off_t at = 0;
	ssize_t n, i;

	memset(text, 0, LINE_BYTES);
	while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
		at += n;
		for (i = 0; i < n; i++) {
			if (buf[i] == '\n' && --line == 0)
				return;
			if (line == 1 && buf[i] != '\n' && len < LINE_BYTES - 1)
				text[len++] = buf[i];
		}
	}
}

/* Whether the line has an IPv6 address that is not quoted. */
static bool
has_bare_ipv6(const char *line)
{
	const char *p = line;
	char quote = '\0';
	int colons = 0;

	for (; *p != '\0' && (*p != '#' || quote != '\0'); p++) {
		if (quote != '\0') {
			if (*p == quote)
				quote = '\0';
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
		} else if (*p == ':') {
			/* Three between hex digits, or two side by side. */
			if (p[1] == ':' || ++colons == 3)
				return true;
		} else if (!isxdigit((unsigned char)*p)) {
			colons = 0;
		}
	}
	return false;
}

static bool
is_tab_indented(const char *line)
{
	return line[strspn(line, " ")] == '\t';
}

/* "vrrp_instance web {": a block of keepalived.conf. */
static bool
is_keepalived(const char *text)
{
	static const char *const blocks[] = {"vrrp_instance", "virtual_server",
	    "global_defs", "vrrp_sync_group", "vrrp_script"};
	const char *p;
	size_t i, len;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if ((p = strstr(text, blocks[i])) == NULL)
			continue;
		len = strcspn(p, "{\n:");
		if (p[len] == '{')
			return true;
	}
	return false;
}

const char *
advice_not_a_map(int fd)
{
	char head[HEAD_BYTES + 1];
	ssize_t len = pread(fd, head, HEAD_BYTES, 0);

	head[len > 0 ? len : 0] = '\0';
	return is_keepalived(head) ?
	    "; this looks like keepalived.conf, which is another language: "
	    "see director.yaml(5)" :
	    "";
}

const char *
advice_syntax(int fd, uint32_t line, const char *problem)
{
	const char *other = advice_not_a_map(fd);
	char text[LINE_BYTES];

	if (other[0] != '\0')
		return other;
	read_line(fd, line, text);
	if (is_tab_indented(text) || strstr(problem, "tab") != NULL)
		return "; indent by spaces, not by tabs";
	if (strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		return "; remove the byte order mark (U+FEFF) at the line's "
		       "begin";
	if (has_bare_ipv6(text))
		return "; quote an IPv6 address: \"fe80::1\", "
		       "\"[fe80::1]:80\"";
	if (strstr(problem, "cannot start any token") != NULL)
		return "; quote a text that begins with @, ` or %";
	if (strstr(problem, "mapping values are not allowed") != NULL)
		return "; quote a text that has a colon and a space, or look "
		       "at the line's indentation";
	return "";
}

const char *
advice_encoding(int fd)
{
	unsigned char head[4] = {0};

	if (pread(fd, head, sizeof(head), 0) < 2)
		return "";
	if ((head[0] == 0xff && head[1] == 0xfe) ||
	    (head[0] == 0xfe && head[1] == 0xff) || head[0] == 0 ||
	    head[1] == 0)
		return "; it looks like UTF-16: save it as UTF-8, by iconv -f "
		       "UTF-16 -t UTF-8";
	return "; save it as UTF-8";
}

/*
 * Whether a directory on the way lets this process not through; the first such
 * one into buf. It is the parent of the first part that stat(2) refuses.
 */
static bool
closed_directory(const char *path, char buf[ADVICE_MAX])
{
	char part[ADVICE_MAX];
	struct stat st;
	size_t len;

	snprintf(buf, ADVICE_MAX, "%s", path[0] == '/' ? "/" : ".");
	for (len = 1; len < ADVICE_MAX && path[len - 1] != '\0'; len++) {
		if (path[len] != '/' && path[len] != '\0')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		if (stat(part, &st) == -1 && errno == EACCES)
			return true;
		memcpy(buf, part, len + 1);
	}
	return false;
}

/* Whether the file's own bits let this process read it. */
static bool
is_open(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return false;
	if (st.st_uid == geteuid())
		return (st.st_mode & S_IRUSR) != 0;
	if (st.st_gid == getegid())
		return (st.st_mode & S_IRGRP) != 0;
	return (st.st_mode & S_IROTH) != 0;
}

const char *
advice_open(const char *path, int error, char buf[ADVICE_MAX])
{
	char directory[ADVICE_MAX];

	if (error != EACCES)
		return "";
	if (closed_directory(path, directory))
		snprintf(buf, ADVICE_MAX,
		    "; ipvsd reads it as user _ipvsd, who must be let through "
		    "%.100s: chmod o+x",
		    directory);
	else if (is_open(path))
		snprintf(buf, ADVICE_MAX,
		    "; ipvsd reads only below the directory of its file, and "
		    "what its option -R adds");
	else
		snprintf(buf, ADVICE_MAX,
		    "; ipvsd reads it as user _ipvsd: chgrp _ipvsd and chmod "
		    "g+r");
	return buf;
}

const char *
advice_host_name(const char *text)
{
	size_t len = strcspn(text, ":/"), i;
	bool letter = false;

	for (i = 0; i < len; i++) {
		if (isalpha((unsigned char)text[i]))
			letter = true;
		else if (!isdigit((unsigned char)text[i]) &&
		    strchr("._-", text[i]) == NULL)
			return "";
	}
	return letter && strchr(text + len, ':') == strrchr(text, ':') ?
	    "; names are not resolved" :
	    "";
}
