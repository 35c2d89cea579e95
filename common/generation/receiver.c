/* SPDX-License-Identifier: ISC */
/* The receiving side of generations, see receiver.h. */
#include "generation/receiver.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "conf/codec.h"
#include "link/link.h"
#include "log_change.h"

#define DECODE_STRIDE 8 /* objects between two looks at the clock */
#define OBJECT_LEN    160
#define REASON_LEN    320
/* What a refusal names that is about no single object. */
#define WHOLE	      "configuration"

enum state {
	IDLE,
	DECODING, /* the decoder is at work */
	JUDGING,  /* begin() was called */
	READY,	  /* as was said; it waits for COMMIT */
	REJECTED, /* as was said */
};

struct receiver {
	struct link *link; /* to ipvsd */
	enum role role;
	const struct receiver_handlers *handlers;
	void *arg;
	uint64_t in_force; /* generation; 0: none yet */
	/* the last PREPARE, until its COMMIT or ABORT */
	enum state state;
	uint64_t generation;	      /* means nothing while IDLE */
	struct conf_decoder *decoder; /* while DECODING */
	bool commit_due;	      /* COMMIT came before READY */
	bool unheard;		      /* the answer found no room in the link */
	char object[OBJECT_LEN];      /* why it was refused */
	char reason[REASON_LEN];
	uint64_t rejects;
};

struct receiver *
receiver_new(struct link *link, enum role role,
    const struct receiver_handlers *handlers, void *arg)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));

	if (receiver == NULL)
		fatal("generations");
	receiver->link = link;
	receiver->role = role;
	receiver->handlers = handlers;
	receiver->arg = arg;
	return receiver;
}

void
receiver_free(struct receiver *receiver)
{
	receiver_abort(receiver);
	free(receiver);
}

/* The PREPARE is over. The configuration that begin() took stays the daemon's.
 */
static void
forget(struct receiver *receiver)
{
	conf_decoder_free(receiver->decoder);
	receiver->decoder = NULL;
	receiver->state = IDLE;
	receiver->commit_due = false;
	receiver->unheard = false;
}

void
receiver_abort(struct receiver *receiver)
{
	enum state state = receiver->state;
	bool same = receiver->generation == receiver->in_force;

	forget(receiver);
	if (state == JUDGING || (state == READY && !same))
		receiver->handlers->drop(receiver->arg);
}

/* --- answers --- */

static void
answer(struct receiver *receiver)
{
	bool ready = receiver->state == READY;
	struct writer *writer = link_compose_generation(receiver->link,
	    ready ? MSG_READY : MSG_REJECT, receiver->generation);

	if (!ready) {
		put_string(writer, receiver->object);
		put_string(writer, receiver->reason);
	}
	receiver->unheard = !link_send(receiver->link, 0, -1);
}

void
receiver_refill(struct receiver *receiver)
{
	if (receiver->unheard)
		answer(receiver);
}

int
receiver_refuse(
    struct receiver *receiver, const char *object, const char *reason)
{
	snprintf(receiver->object, sizeof(receiver->object), "%s", object);
	snprintf(receiver->reason, sizeof(receiver->reason), "%s", reason);
	return -1;
}

static void
reject(struct receiver *receiver)
{
	uint64_t generation = receiver->generation;

	log_change_warnx("rejected", "generation %016llx: %s: %s",
	    (unsigned long long)generation, receiver->object, receiver->reason);
	receiver_abort(receiver);
	receiver->state = REJECTED;
	receiver->generation = generation;
	receiver->rejects++;
	answer(receiver);
}

static void
commit(struct receiver *receiver)
{
	enum receiver_commit how = COMMIT_NEXT;

	if (receiver->generation == receiver->in_force)
		how = COMMIT_SAME;
	else if (receiver->commit_due)
		how = COMMIT_EARLY;
	receiver->in_force = receiver->generation;
	forget(receiver);
	receiver->handlers->commit(receiver->arg, how);
}

static void
ready(struct receiver *receiver)
{
	receiver->state = READY;
	answer(receiver);
	if (receiver->commit_due)
		commit(receiver);
}

/* --- slices --- */

/* Decodes some objects. 1: go on, once all are decoded by judge(); -1: it is
 * refused. */
static int
decode(struct receiver *receiver)
{
	const char *why = "out of memory";
	struct conf *conf;
	int result;

	result = conf_decoder_step(receiver->decoder, DECODE_STRIDE, &why);
	if (result == 1)
		return 1;
	if (result == -1)
		return receiver_refuse(receiver, WHOLE, why);
	conf = conf_decoder_take(receiver->decoder);
	if (conf->generation != receiver->generation) {
		why = "its generation is not the one announced";
	} else if (receiver->handlers->begin(receiver->arg, conf)) {
		conf_decoder_free(receiver->decoder);
		receiver->decoder = NULL;
		receiver->state = JUDGING;
		return 1;
	}
	conf_free(conf);
	return receiver_refuse(receiver, WHOLE, why);
}

bool
receiver_step(struct receiver *receiver, uint64_t deadline)
{
	int result;

	while (receiver->state == DECODING || receiver->state == JUDGING) {
		if (clock_monotonic() >= deadline)
			return true;
		result = receiver->state == DECODING ?
		    decode(receiver) :
		    receiver->handlers->judge(receiver->arg, deadline);
		if (result == -1)
			reject(receiver);
		else if (result == 0)
			ready(receiver);
	}
	return false;
}

/* --- what ipvsd says --- */

static int
on_prepare(struct receiver *receiver, struct msg *msg, const char **why)
{
	/* It only has to be in its bound: the decoder goes by the memfd's. */
	uint32_t size = get_u32(&msg->body);
	const char *bad;

	if (!reader_done(&msg->body) || size > CONF_SIZE_MAX) {
		*why = "impossible size";
		return -1;
	}
	receiver_abort(receiver);
	receiver->generation = msg->generation;
	if (receiver->generation == receiver->in_force) {
		ready(receiver);
		return 0;
	}
	receiver->state = DECODING;
	receiver->decoder = conf_decoder_new(msg->fd, receiver->role, &bad);
	if (receiver->decoder == NULL) {
		receiver_refuse(receiver, WHOLE, bad);
		reject(receiver);
	}
	return 0;
}

/*
 * COMMIT of what is in force changes nothing. COMMIT of what was just rejected
 * is honest: ipvsd may have taken a READY to an earlier PREPARE of the same
 * generation for the answer to the last one.
 */
static int
on_commit(struct receiver *receiver, struct msg *msg, const char **why)
{
	bool about = receiver->generation == msg->generation;

	switch (about ? receiver->state : IDLE) {
	case DECODING:
	case JUDGING:
		receiver->commit_due = true;
		return 0;
	case READY:
		commit(receiver);
		return 0;
	case REJECTED:
		link_count_unknown(receiver->link);
		return 0;
	default:
		break;
	}
	if (receiver->in_force == msg->generation)
		return 0;
	*why = "it is neither prepared nor in force";
	return -1;
}

int
receiver_message(struct receiver *receiver, struct msg *msg, const char **why)
{
	if (msg->type == MSG_PREPARE)
		return on_prepare(receiver, msg, why);
	if (!reader_done(&msg->body))
		return -1;
	if (msg->type == MSG_COMMIT)
		return on_commit(receiver, msg, why);
	/* ABORT of another one changes nothing. */
	if (receiver->generation == msg->generation)
		receiver_abort(receiver);
	return 0;
}

uint64_t
receiver_rejects(const struct receiver *receiver)
{
	return receiver->rejects;
}
