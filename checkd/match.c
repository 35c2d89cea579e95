/* SPDX-License-Identifier: ISC */
/* Matches the probes of two configurations; see match.h. */
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "log.h"
#include "match.h"

uint64_t
match_hash(const struct conf_probe *probe)
{
	uint64_t h = FNV1A64_INIT;

	h = fnv1a64_u32(h, (uint32_t)probe->type);
	h = fnv1a64(h, probe->addr.bytes, addr_len(probe->addr.family));
	h = fnv1a64_u32(h, probe->port);
	if (probe->type == CHECK_HTTP) {
		h = fnv1a64_string(h, probe->method);
		h = fnv1a64_string(h, probe->host);
		h = fnv1a64_string(h, probe->path);
		h = fnv1a64_string(h, probe->body);
	}
	return digest_mix(h);
}

static bool
same_string(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool
same_http(const struct conf_probe *a, const struct conf_probe *b)
{
	if (!same_string(a->method, b->method) ||
	    !same_string(a->host, b->host) || !same_string(a->path, b->path) ||
	    !same_string(a->body, b->body) ||
	    a->header_count != b->header_count ||
	    a->status_count != b->status_count)
		return false;
	for (uint32_t i = 0; i < a->header_count; i++) {
		if (!same_string(a->headers[i].name, b->headers[i].name) ||
		    !same_string(a->headers[i].value, b->headers[i].value))
			return false;
	}
	for (uint32_t i = 0; i < a->status_count; i++) {
		if (a->status[i].low != b->status[i].low ||
		    a->status[i].high != b->status[i].high)
			return false;
	}
	return true;
}

static bool
same_target(const struct conf_probe *a, const struct conf_probe *b)
{
	return a->type == b->type && a->port == b->port &&
	    addr_equal(&a->addr, &b->addr) &&
	    (a->type != CHECK_HTTP || same_http(a, b));
}

bool
match_times(const struct conf_probe *a, const struct conf_probe *b)
{
	return a->interval == b->interval && a->timeout == b->timeout &&
	    a->rise == b->rise && a->fall == b->fall;
}

/* The old probes by their hash, chained; one that is taken is left out. */
struct chains {
	const struct conf *conf;
	uint32_t mask;
	uint32_t *heads;
	uint32_t *next;
};

static void
chains_fill(struct chains *chains, const struct conf *conf)
{
	uint32_t size = 16;

	while (size < conf->probe_count)
		size *= 2;
	chains->conf = conf;
	chains->mask = size - 1;
	chains->heads = malloc(size * sizeof(uint32_t));
	chains->next = malloc((conf->probe_count + 1) * sizeof(uint32_t));
	if (chains->heads == NULL || chains->next == NULL)
		fatal("matching %u probes", conf->probe_count);
	memset(chains->heads, 0xff, size * sizeof(uint32_t));
	for (uint32_t i = conf->probe_count; i-- > 0;) {
		uint32_t at = (uint32_t)match_hash(&conf->probes[i]) &
		    chains->mask;

		chains->next[i] = chains->heads[at];
		chains->heads[at] = i;
	}
}

static uint32_t
chains_take(struct chains *chains, const struct conf_probe *probe, bool times)
{
	uint32_t *at = &chains
			    ->heads[(uint32_t)match_hash(probe) & chains->mask];

	for (; *at != MATCH_NONE; at = &chains->next[*at]) {
		const struct conf_probe *old = &chains->conf->probes[*at];

		if (same_target(old, probe) &&
		    (!times || match_times(old, probe))) {
			uint32_t found = *at;

			*at = chains->next[found];
			return found;
		}
	}
	return MATCH_NONE;
}

void
match_probes(const struct conf *old, const struct conf *new, uint32_t *to)
{
	struct chains chains;

	chains_fill(&chains, old);
	for (uint32_t i = 0; i < new->probe_count; i++)
		to[i] = chains_take(&chains, &new->probes[i], true);
	for (uint32_t i = 0; i < new->probe_count; i++) {
		if (to[i] == MATCH_NONE)
			to[i] = chains_take(&chains, &new->probes[i], false);
	}
	free(chains.heads);
	free(chains.next);
}
