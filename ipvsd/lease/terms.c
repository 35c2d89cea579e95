/* SPDX-License-Identifier: ISC */
/* The file of the open terms; see terms.h. */
#include "lease/terms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log_change.h"
#include "running/running.h"
#include "running/state.h"

#define END_WIDTH 20 /* digits of END, which is overwritten in place */

/* ---- what is to be saved and told at the end of this turn ---- */

/* A failover changes the terms of a thousand instances and writes one file. */
void
terms_changed(struct ipvsd *ipvsd)
{
	ipvsd->terms.changed = true;
	ipvsd->announce_due = true;
	timer_end_of_turn(&ipvsd->flush);
}

void
terms_announce(struct ipvsd *ipvsd)
{
	ipvsd->announce_due = true;
	timer_end_of_turn(&ipvsd->flush);
}

void
terms_resync(struct ipvsd *ipvsd)
{
	ipvsd->resync_due = true;
	timer_end_of_turn(&ipvsd->flush);
}

/* ---- the file ---- */

/* Notes where each END is, for terms_renewed(). */
static void
write_terms(FILE *file, void *arg)
{
	const struct ipvsd *ipvsd = arg;
	struct instance *instance;

	for (uint32_t i = 0; i < ipvsd->running->instance_count; i++) {
		instance = ipvsd->running->instances[i];
		if (instance == NULL)
			continue;
		instance->end_offset = 0;
		if (instance_expiry(instance) == 0)
			continue;
		fprintf(file, "%s %" PRIu64 " ", instance->conf->name,
		    instance->lease.term);
		instance->end_offset = ftell(file);
		fprintf(
		    file, "%0*" PRIu64 "\n", END_WIDTH, instance->lease.end);
	}
}

static void
write_text(FILE *file, void *arg)
{
	fputs(arg, file);
}

/* Makes terms->text, which stays in step with the file. */
static void
make_text(struct ipvsd *ipvsd)
{
	size_t size;
	FILE *file;

	free(ipvsd->terms.text);
	ipvsd->terms.text = NULL;
	file = open_memstream(&ipvsd->terms.text, &size);
	if (file == NULL)
		fatal("terms");
	write_terms(file, ipvsd);
	if (fclose(file) == EOF)
		fatal("terms");
}

void
terms_save(struct ipvsd *ipvsd)
{
	struct terms *terms = &ipvsd->terms;

	if (!terms->changed)
		return;
	terms->changed = false;
	if (terms->fd != -1)
		close(terms->fd);
	terms->fd = -1;
	terms->to = 0;
	make_text(ipvsd);
	if (state_save(STATE_TERMS, write_text, terms->text))
		terms->fd = state_edit(STATE_TERMS);
}

/*
 * Renewals are too frequent for a new file each. But END must be true: after a
 * crash the next ipvsd tells it to vrrpd in HELD, and vrrpd does not take up a
 * term that is over.
 */
void
terms_renewed(const struct instance *instance)
{
	struct terms *terms = &instance->ipvsd->terms;
	size_t at = (size_t)instance->end_offset;
	uint64_t end = instance->lease.end;

	timer_end_of_turn(&instance->ipvsd->flush);
	if (terms->fd == -1 || instance->end_offset <= 0)
		return;
	for (size_t i = END_WIDTH; i > 0; i--, end /= 10)
		terms->text[at + i - 1] = (char)('0' + end % 10);
	if (terms->to == 0 || at < terms->from)
		terms->from = at;
	if (at + END_WIDTH > terms->to)
		terms->to = at + END_WIDTH;
}

void
terms_write(struct ipvsd *ipvsd)
{
	struct terms *terms = &ipvsd->terms;

	if (terms->to != 0 &&
	    pwrite(terms->fd, terms->text + terms->from,
		terms->to - terms->from, (off_t)terms->from) == -1)
		log_change_warnx("terms", "terms: %s", strerror(errno));
	terms->to = 0;
}

static void
adopt(struct ipvsd *ipvsd, const char *name, uint64_t term, uint64_t end)
{
	const struct conf_instance *conf;
	struct instance *instance;
	uint64_t now = clock_monotonic();

	conf = conf_instance_by_name(ipvsd->running->conf, name);
	instance = conf == NULL ? NULL : ipvsd->running->instances[conf->id];
	if (instance == NULL)
		return;
	log_info("lease %s: taken over from the former ipvsd", name);
	lease_resume(&instance->lease, term, end, now);
	instance->adopted_until = now + TERMS_ADOPTED_NS;
	instance->state = INSTANCE_ADOPTED;
	ipvsd->running->duty[conf->id] = DUTY_MASTER;
}

void
terms_adopt(struct ipvsd *ipvsd)
{
	char line[CONF_NAME_MAX + 64], name[CONF_NAME_MAX + 1];
	uint64_t term, end;
	FILE *file;

	if ((file = state_open(STATE_TERMS)) == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%64s %" SCNu64 " %" SCNu64, name, &term,
			&end) == 3 &&
		    term != 0)
			adopt(ipvsd, name, term, end);
		else
			log_warnx("terms: not understood: %s", line);
	}
	fclose(file);
}
