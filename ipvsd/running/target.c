/* SPDX-License-Identifier: ISC */
/* What a TARGET means; see override.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "running/override.h"

const struct conf_node *
override_node(const struct conf *conf, const char *name)
{
	for (uint32_t i = 0; conf != NULL && i < conf->node_count; i++)
		if (strcmp(conf->nodes[i].name, name) == 0)
			return &conf->nodes[i];
	return NULL;
}

bool
override_is_node(const struct conf_node *node, const struct conf_server *server)
{
	if (server->node != NULL)
		return strcmp(server->node, node->name) == 0;
	for (uint32_t i = 0; i < node->addresses.count; i++)
		if (addr_equal(&node->addresses.list[i], &server->addr))
			return true;
	return false;
}

/* ADDRESS, [ADDRESS], ADDRESS:PORT or [ADDRESS]:PORT, else a node's name.
 * Writes into text. */
static bool
parse_server(struct override_target *target, char *text)
{
	char *port = NULL, *end;
	unsigned long number;

	if (*text == '[') {
		if ((end = strchr(++text, ']')) == NULL)
			return false;
		*end++ = '\0';
		if (*end != '\0' && *end != ':')
			return false;
		port = *end == ':' ? end + 1 : NULL;
	} else if ((end = strchr(text, ':')) != NULL &&
	    strchr(end + 1, ':') == NULL) {
		*end = '\0';
		port = end + 1;
	}
	if (port != NULL) {
		number = strtoul(port, &end, 10);
		if (*port < '0' || *port > '9' || *end != '\0' || number == 0 ||
		    number > UINT16_MAX)
			return false;
		target->port = (uint16_t)number;
	}
	if (addr_parse(&target->addr, text))
		return true;
	return port == NULL && *text != '\0' &&
	    snprintf(target->node, sizeof(target->node), "%s", text) <
	    (int)sizeof(target->node);
}

bool
override_target_parse(
    struct override_target *target, const char *text, const struct conf *conf)
{
	char server[CONF_NAME_MAX + ADDR_PORT_STRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - text);

	memset(target, 0, sizeof(*target));
	if (slash != NULL && (len == 0 || len > CONF_NAME_MAX))
		return false;
	memcpy(target->service, text, len);
	if (slash != NULL)
		text = slash + 1;
	if (strlen(text) >= sizeof(server))
		return false;
	strcpy(server, text);
	if (!parse_server(target, server))
		return false;
	target->conf = conf;
	if (*target->node != '\0')
		target->known = override_node(conf, target->node);
	return true;
}

bool
override_target_has(
    const struct override_target *target, const struct conf_service *service)
{
	return *target->service == '\0' ||
	    strcmp(target->service, service->name) == 0;
}

bool
override_target_is(const struct override_target *target,
    const struct conf_service *service, const struct conf_server *server)
{
	if (!override_target_has(target, service))
		return false;
	if (*target->node != '\0')
		return target->known != NULL &&
		    override_is_node(target->known, server);
	return addr_equal(&target->addr, &server->addr) &&
	    (target->port == 0 || target->port == server->port);
}
