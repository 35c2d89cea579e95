/* SPDX-License-Identifier: ISC */
/* The forms of values in checks and services that are more than a word. */

#include <stdio.h>
#include <string.h>

#include "conf/text.h"
#include "conf/words.h"
#include "load/advice.h"
#include "load/bind.h"
#include "load/finding.h"
#include "load/forms_service.h"

/* What is the matter with a text that is no address:port; "" if that is all. */
static const char *
why_no_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':'), *port;
	struct addr addr;
	uint32_t number;

	if (colon == NULL || addr_parse(&addr, text))
		return "; the port is missing";
	port = colon + 1;
	if (strspn(port, "0123456789") > 0 && strpbrk(port, "-,/") != NULL)
		return "; a range of ports is not possible, only one port of "
		       "1 to 65535 an address, and several addresses as a list";
	if (text_number(port, &number))
		return number > 0 && number <= UINT16_MAX ?
		    advice_host_name(text) :
		    "; a port is 1 to 65535, there is none for all ports";
	return "; a port is a number of 1 to 65535";
}

static bool
read_endpoint(struct bind *b, void *field)
{
	struct src_endpoint *endpoint = b->object;
	const char *text;
	char buf[QUOTED_MAX];

	(void)field;
	if ((text = bind_text(b, b->value, "address:port")) == NULL)
		return false;
	if (!text_endpoint(text, &endpoint->addr, &endpoint->port))
		return bind_error(b, b->value,
		    "\"%s\" is not allowed, allowed is address:port such as "
		    "10.0.0.100:80 or [2001:db8::100]:80%s",
		    conf_quoted(text, buf), why_no_endpoint(text));
	return true;
}

static void
print_endpoint(struct out *o, const struct conf_row *row, const void *field)
{
	const struct src_endpoint *endpoint = OBJECT_OF(
	    struct src_endpoint, row, field);
	char buf[ADDR_PORT_STRLEN];

	out_value(o, addr_port_format(&endpoint->addr, endpoint->port, buf));
}

static bool
read_flag(struct bind *b, const struct ynode *node, uint32_t *flags)
{
	const struct conf_flag *flag;
	const char *text;
	char buf[QUOTED_MAX];

	if ((text = bind_text(b, node, "the name of a flag")) == NULL)
		return false;
	for (flag = conf_flags; flag->text != NULL; flag++) {
		if (strcmp(flag->text, text) != 0)
			continue;
		/* Which scheduler it was meant for must not get lost. */
		*flags |= flag->bits | 1u << (16 + (flag - conf_flags));
		return true;
	}
	return bind_error(b, node,
	    "\"%s\" is not known, allowed: sh-fallback, sh-port, mh-fallback, "
	    "mh-port, no-fallback",
	    conf_quoted(text, buf));
}

static bool
read_flags(struct bind *b, void *field)
{
	const struct ynode *node;
	uint32_t *flags = field;
	bool ok = true;

	if (b->value->kind != Y_SEQUENCE) {
		if (b->value->kind != Y_BAD)
			bind_error(b, b->value, "a list is expected: [...]");
		return false;
	}
	for (node = b->value->child; node != NULL; node = node->next)
		ok = read_flag(b, node, flags) && ok;
	return ok;
}

/* Resolved flags: what the scheduler has by default is written out. */
static void
print_flags(struct out *o, const struct conf_row *row, const void *field)
{
	const struct src_service *service = OBJECT_OF(
	    struct src_service, row, field);
	const struct conf_flag *flag;
	const char *scheduler = service->c.scheduler;
	bool hashed = strcmp(scheduler, "mh") == 0 ||
	    strcmp(scheduler, "sh") == 0,
	     first = true;

	out_plain(o, "[");
	for (flag = conf_flags; hashed && flag->text != NULL; flag++) {
		if (flag->scheduler == NULL ?
			(service->c.flags & CONF_FLAG_FALLBACK) != 0 :
			strcmp(flag->scheduler, scheduler) != 0 ||
			    (service->c.flags & flag->bits) == 0)
			continue;
		if (!first)
			out_raw(o, ", ");
		first = false;
		out_raw(o, flag->text);
	}
	out_raw(o, "]");
}

/* The same for a server, where a port need not be. */
static const char *
why_no_server(const char *text)
{
	size_t name = strcspn(text, ":");
	uint32_t number;

	if (text[name] == ':' && advice_host_name(text)[0] != '\0' &&
	    text_number(text + name + 1, &number))
		return "; a node's port is written {node: NAME, port: 80}, "
		       "and names are not resolved";
	return strchr(text, ':') == NULL ? "" : why_no_endpoint(text);
}

/* A bare server: a node's name, an address, or address:port. */
static bool
read_server(struct bind *b, void *field)
{
	struct conf_server *c = b->object;
	const char *text;
	char buf[QUOTED_MAX];

	(void)field;
	text = bind_text(
	    b, b->value, "a node's name, an address or address:port");
	if (text == NULL)
		return false;
	if (addr_parse(&c->addr, text) ||
	    text_endpoint(text, &c->addr, &c->port))
		return true;
	memset(&c->addr, 0, sizeof(c->addr));
	if (!conf_name_valid(text))
		return bind_error(b, b->value,
		    "\"%s\" is not allowed, allowed is a node's name, an "
		    "address or address:port%s",
		    conf_quoted(text, buf), why_no_server(text));
	c->node = text;
	return true;
}

static bool
read_headers(struct bind *b, void *field)
{
	struct conf_probe *c = b->object;
	const struct ynode *key;
	struct conf_header *header;
	char buf[QUOTED_MAX];
	bool ok = true;

	(void)field;
	if (b->value->kind == Y_BAD)
		return false;
	if (b->value->kind != Y_MAP || b->value->count > b->row->max)
		return bind_error(b, b->value,
		    "a map of at most %u names and values is expected",
		    b->row->max);
	c->http.headers = source_alloc(b->s, b->value->count * sizeof(*header));
	c->http.header_count = 0;
	for (key = b->value->child; key != NULL; key = key->next->next) {
		header = &c->http.headers[c->http.header_count++];
		header->name = key->text;
		header->value = bind_text(b, key->next, "a text");
		if (header->value == NULL) {
			ok = false;
		} else if (!conf_http_name_valid(key->text) ||
		    key->count > 256) {
			ok = bind_error(b, key,
			    "\"%s\" is not the name of a header",
			    conf_quoted(key->text, buf));
		} else if (!conf_http_value_valid(header->value) ||
		    key->next->count > 4096) {
			ok = bind_error(b, key->next,
			    "the value of %s must be one line of at most 4096 "
			    "bytes",
			    conf_quoted(key->text, buf));
		}
	}
	return ok;
}

static void
print_headers(struct out *o, const struct conf_row *row, const void *field)
{
	const struct conf_probe *c = OBJECT_OF(struct conf_probe, row, field);
	uint32_t i;

	if (c->http.header_count == 0)
		return;
	out_plain(o, "{");
	for (i = 0; i < c->http.header_count; i++) {
		if (i > 0)
			out_raw(o, ", ");
		out_value(o, c->http.headers[i].name);
		out_raw(o, ": ");
		out_value(o, c->http.headers[i].value);
	}
	out_raw(o, "}");
}

static bool
read_status(
    struct bind *b, const struct ynode *node, struct conf_status_range *range)
{
	const char *text,
	    *what = "a status or a range of 100 to 599, such as 200 or 200-299";
	char buf[QUOTED_MAX];

	if ((text = bind_text(b, node, what)) == NULL)
		return false;
	if (!text_status(text, &range->low, &range->high))
		return bind_error(b, node,
		    "\"%s\" is not allowed, allowed is %s",
		    conf_quoted(text, buf), what);
	return true;
}

static bool
read_statuses(struct bind *b, void *field)
{
	struct conf_probe *c = b->object;
	const struct ynode *node;
	bool ok = true;

	(void)field;
	c->http.status_count = 0;
	if (b->value->kind != Y_SEQUENCE) {
		c->http.status = source_alloc(b->s, sizeof(*c->http.status));
		c->http.status_count = 1;
		return read_status(b, b->value, c->http.status);
	}
	if (b->value->count < b->row->min || b->value->count > b->row->max)
		return bind_error(b, b->value, "a list of %u to %u is allowed",
		    b->row->min, b->row->max);
	c->http.status = source_alloc(
	    b->s, b->value->count * sizeof(*c->http.status));
	for (node = b->value->child; node != NULL; node = node->next)
		ok = read_status(
			 b, node, &c->http.status[c->http.status_count++]) &&
		    ok;
	return ok;
}

static void
print_statuses(struct out *o, const struct conf_row *row, const void *field)
{
	const struct conf_probe *c = OBJECT_OF(struct conf_probe, row, field);
	char buf[24];
	uint32_t i;

	out_plain(o, "[");
	for (i = 0; i < c->http.status_count; i++) {
		if (i > 0)
			out_raw(o, ", ");
		if (c->http.status[i].low == c->http.status[i].high)
			snprintf(buf, sizeof(buf), "%u", c->http.status[i].low);
		else
			snprintf(buf, sizeof(buf), "%u-%u",
			    c->http.status[i].low, c->http.status[i].high);
		out_raw(o, buf);
	}
	out_raw(o, "]");
}

const struct form form_endpoint = {read_endpoint, print_endpoint};
const struct form form_flags = {read_flags, print_flags};
const struct form form_server = {read_server, NULL};
const struct form form_headers = {read_headers, print_headers};
const struct form form_statuses = {read_statuses, print_statuses};
