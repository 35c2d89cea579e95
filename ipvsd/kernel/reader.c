/* SPDX-License-Identifier: ISC */
/* See reader.h. */
#include "kernel/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "log_change.h"

#define SHARE_EVERY NS_PER_SEC

struct read {
	uint32_t index; /* into conf->services */
	struct ipvs_key key;
	void (*cb)(void *); /* NULL: nobody waits */
	void *arg;
};

struct kernel_reader {
	struct kernel_turn *turn;
	struct kernel_live *live;
	struct kernel_services *services;
	struct timer timer;
	uint32_t next;	    /* whose turn it is, index into conf->services */
	uint32_t due;	    /* of this second's share, not read yet */
	struct read *waits; /* the first of them is read before the others */
	uint32_t count;
	uint32_t size;
	bool reading;
	struct read current;
	uint64_t number; /* live_number() when it began */
	struct ipvs_table fresh;
};

/* This second's share of the services. What is left of the last one falls. */
static void
on_share(void *arg)
{
	struct kernel_reader *reader = arg;
	const struct conf *conf = reader->turn->input->conf;
	uint64_t seconds = conf->ipvs.resync * NS_PER_MS / SHARE_EVERY;

	if (seconds == 0)
		seconds = 1;
	reader->due = (uint32_t)((conf->service_count + seconds - 1) / seconds);
	timer_after(&reader->timer, SHARE_EVERY);
	turn_schedule(reader->turn);
}

struct kernel_reader *
reader_new(struct kernel_turn *turn, struct event_base *base,
    struct kernel_live *live, struct kernel_services *services)
{
	struct kernel_reader *reader = xcalloc(1, sizeof(*reader));

	reader->turn = turn;
	reader->live = live;
	reader->services = services;
	timer_init(&reader->timer, base, on_share, reader);
	return reader;
}

void
reader_free(struct kernel_reader *reader)
{
	timer_stop(&reader->timer);
	ipvs_table_clear(&reader->fresh);
	free(reader->waits);
	free(reader);
}

/* Whoever waits gets a whole dump instead. */
static void
give_up(struct kernel_reader *reader, const struct read *read)
{
	if (read->cb != NULL)
		live_refresh(reader->live, false, read->cb, read->arg);
}

static void
give_all_up(struct kernel_reader *reader)
{
	reader->due = 0;
	if (reader->reading)
		give_up(reader, &reader->current);
	reader->reading = false;
	for (uint32_t i = 0; i < reader->count; i++)
		give_up(reader, &reader->waits[i]);
	reader->count = 0;
}

void
reader_stop(struct kernel_reader *reader)
{
	timer_stop(&reader->timer);
	give_all_up(reader);
}

void
reader_configure(struct kernel_reader *reader)
{
	reader_stop(reader);
	reader->next = 0;
	if (services_any(reader->services))
		timer_after(&reader->timer, SHARE_EVERY);
}

static struct read
read_of(const struct kernel_reader *reader, uint32_t index)
{
	struct read read = {.index = index};

	desired_key(&reader->turn->input->conf->services[index], &read.key);
	return read;
}

/* Waits as the last one. */
static void
enqueue(struct kernel_reader *reader, const struct read *read)
{
	reader->waits = grow(reader->waits, reader->count, &reader->size,
	    sizeof(*reader->waits));
	reader->waits[reader->count++] = *read;
	turn_schedule(reader->turn);
}

void
reader_read(
    struct kernel_reader *reader, uint32_t index, void (*cb)(void *), void *arg)
{
	struct read read = read_of(reader, index);

	read.cb = cb;
	read.arg = arg;
	enqueue(reader, &read);
}

/* The next service to read: those that somebody waits for come first. */
static bool
next_read(struct kernel_reader *reader, bool share)
{
	const struct conf *conf = reader->turn->input->conf;

	if (reader->count > 0) {
		reader->current = reader->waits[0];
		memmove(reader->waits, reader->waits + 1,
		    --reader->count * sizeof(*reader->waits));
		return true;
	}
	while (share && reader->due > 0) {
		reader->due--;
		if (reader->next >= conf->service_count)
			reader->next = 0;
		reader->current = read_of(reader, reader->next++);
		if (conf->services[reader->current.index].director)
			return true;
	}
	return false;
}

/* The service is read. One that a command has changed meanwhile is read again
 * if somebody waits for it. */
static void
read_done(struct kernel_reader *reader)
{
	struct read *read = &reader->current;
	struct ipvs_service *fresh = reader->fresh.services[0];
	bool altered, taken;

	reader->reading = false;
	reader->fresh.count = 0;
	taken = live_take(reader->live, fresh, reader->number);
	if (live_find(reader->live, &read->key, &altered) == NULL)
		give_up(reader, read);
	else if (!taken && read->cb != NULL)
		enqueue(reader, read);
	if (altered)
		services_touch(reader->services, read->index, DIRTY);
	if (taken && read->cb != NULL)
		read->cb(read->arg);
}

/*
 * The service is not to be had. If the kernel has lost one that the copy has,
 * others may be gone as well, so everything is read.
 */
static void
read_failed(struct kernel_reader *reader, int error)
{
	struct read *read = &reader->current;
	bool copied = ipvs_table_find(live_table(reader->live), &read->key) !=
	    NULL;

	reader->reading = false;
	if (error != ESRCH) {
		log_change_warnx("table", "ipvs: dump: %s", strerror(error));
		turn_retry(reader->turn);
	} else if (copied) {
		live_want(reader->live);
	} else if (read->cb != NULL) {
		read->cb(read->arg);
		return;
	}
	give_up(reader, read);
}

static void
read_begin(struct kernel_reader *reader)
{
	ipvs_table_clear(&reader->fresh);
	reader->number = live_number(reader->live);
	reader->reading = true;
	if (ipvs_nl_dump_one(live_ipvs(reader->live), &reader->current.key,
		&reader->fresh) == -1)
		read_failed(reader, errno);
}

bool
reader_step(struct kernel_reader *reader, bool share)
{
	struct ipvs_nl *ipvs = live_ipvs(reader->live);
	int more;

	if (reader->turn->stats.ip_vs != IPVS_YES ||
	    !live_is_known(reader->live)) {
		give_all_up(reader);
		return false;
	}
	if (!reader->reading) {
		if (!next_read(reader, share))
			return false;
		read_begin(reader);
		return true;
	}
	more = ipvs_nl_dump_step(ipvs, &ipvs->one, TURN_SLICE);
	if (more == 0)
		read_done(reader);
	else if (more == -1)
		read_failed(reader, errno);
	return true;
}
