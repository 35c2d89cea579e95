/* SPDX-License-Identifier: ISC */
/*
 * See log_change.h. An object is remembered until its whole burst is there
 * again, so there are no more of them than have changed of late.
 */
#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "log_change.h"

#define BUCKETS	  1024
#define SWEEP	  32 /* buckets a tick */
#define TEXT_SIZE 1024
#define MORE_SIZE 64

struct object {
	LIST_ENTRY(object) hash;
	TAILQ_ENTRY(object) wait; /* of those that hold a line */
	uint64_t full;		  /* when its whole burst is there again, ns */
	char *held;		  /* the newest line, NULL: it was written */
	uint64_t said;		  /* when, ns */
	uint32_t replaced;	  /* by it, since one was written */
	bool warning;
	char name[];
};

static struct {
	void (*arm)(void); /* NULL: not in use */
	LIST_HEAD(, object) objects[BUCKETS];
	TAILQ_HEAD(, object) waiting;
	SLIST_HEAD(, log_crowd) crowds; /* with changes that were not logged */
	uint32_t held;			/* in waiting */
	uint32_t count;			/* of objects */
	unsigned sweep;			/* the next bucket */
} changes;

static unsigned
bucket(const char *name)
{
	uint32_t hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash % BUCKETS;
}

static struct object *
find(const char *name)
{
	struct object *object;
	unsigned at = bucket(name);
	size_t size = strlen(name) + 1;

	LIST_FOREACH(object, &changes.objects[at], hash) {
		if (strcmp(object->name, name) == 0)
			return object;
	}
	if ((object = calloc(1, sizeof(*object) + size)) == NULL)
		return NULL;
	memcpy(object->name, name, size);
	LIST_INSERT_HEAD(&changes.objects[at], object, hash);
	changes.count++;
	return object;
}

static void
forget(struct object *object)
{
	LIST_REMOVE(object, hash);
	changes.count--;
	free(object);
}

static void
write_line(bool warning, const char *text, const char *more)
{
	if (warning)
		log_warnx("%s%s", text, more);
	else
		log_info("%s%s", text, more);
}

static void
write_held(struct object *object, uint64_t now)
{
	unsigned long long ago = (now - object->said) / NS_PER_SEC;
	char more[MORE_SIZE] = "", since[MORE_SIZE / 2] = "";

	if (ago != 0)
		snprintf(since, sizeof(since), "%llu s ago%s", ago,
		    object->replaced != 0 ? ", " : "");
	if (object->replaced != 0)
		snprintf(more, sizeof(more), " (%s%u more not logged)", since,
		    (unsigned)object->replaced);
	else if (ago != 0)
		snprintf(more, sizeof(more), " (%s)", since);
	write_line(object->warning, object->held, more);
	TAILQ_REMOVE(&changes.waiting, object, wait);
	changes.held--;
	free(object->held);
	object->held = NULL;
	object->replaced = 0;
	/* The object has not calmed down: its next burst is far away. */
	object->full = now + LOG_CHANGE_BURST * LOG_CHANGE_TOKEN;
}

/* Forgets objects that have been quiet until their whole burst was back. */
static void
sweep(uint64_t now)
{
	struct object *object, *next;

	for (unsigned i = 0; i < SWEEP; i++) {
		object = LIST_FIRST(&changes.objects[changes.sweep]);
		for (; object != NULL; object = next) {
			next = LIST_NEXT(object, hash);
			if (object->held == NULL && object->full <= now)
				forget(object);
		}
		changes.sweep = (changes.sweep + 1) % BUCKETS;
	}
}

static void
arm(void)
{
	if (changes.count != 0 || !SLIST_EMPTY(&changes.crowds))
		changes.arm();
}

static void
write_crowds(void)
{
	struct log_crowd *crowd;

	while ((crowd = SLIST_FIRST(&changes.crowds)) != NULL) {
		SLIST_REMOVE_HEAD(&changes.crowds, next);
		log_info("%s: %u more went down and %u up, too many to be "
			 "named here",
		    crowd->what, (unsigned)crowd->worse,
		    (unsigned)crowd->better);
		crowd->better = crowd->worse = 0;
		crowd->listed = false;
	}
}

void
log_change_tick(void)
{
	uint64_t now = clock_monotonic();
	uint32_t ticks = LOG_CHANGE_WITHIN / LOG_CHANGE_TICK, due;

	due = (changes.held + ticks - 1) / ticks;
	while (due-- > 0)
		write_held(TAILQ_FIRST(&changes.waiting), now);
	write_crowds();
	sweep(now);
	arm();
}

void
log_change_init(void (*arm_timer)(void))
{
	TAILQ_INIT(&changes.waiting);
	changes.arm = arm_timer;
	if (atexit(log_change_flush) != 0)
		fatalx("log: atexit");
}

void
log_change_flush(void)
{
	uint64_t now = clock_monotonic();

	while (changes.held > 0)
		write_held(TAILQ_FIRST(&changes.waiting), now);
	write_crowds();
}

/* Whether a line may be written at once: then it is counted. */
static bool
take_token(struct object *object, uint64_t now)
{
	uint64_t full = object->full > now ? object->full : now;

	if (object->held != NULL ||
	    full + LOG_CHANGE_TOKEN - now > LOG_CHANGE_BURST * LOG_CHANGE_TOKEN)
		return false;
	object->full = full + LOG_CHANGE_TOKEN;
	return true;
}

/* False: there is no memory for it. */
static bool
hold(struct object *object, bool warning, const char *text, uint64_t now)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return false;
	if (object->held != NULL) {
		object->replaced++;
		free(object->held);
	} else {
		TAILQ_INSERT_TAIL(&changes.waiting, object, wait);
		changes.held++;
	}
	object->held = copy;
	object->said = now;
	object->warning = warning;
	return true;
}

static void
change(const char *name, bool warning, const char *fmt, va_list args)
{
	uint64_t now = clock_monotonic();
	struct object *object;
	char text[TEXT_SIZE];

	vsnprintf(text, sizeof(text), fmt, args);
	object = changes.arm == NULL ? NULL : find(name);
	if (object == NULL || take_token(object, now) ||
	    !hold(object, warning, text, now))
		write_line(warning, text, "");
	if (object != NULL)
		arm();
}

void
log_change(const char *object, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	change(object, false, fmt, args);
	va_end(args);
}

void
log_change_warnx(const char *object, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	change(object, true, fmt, args);
	va_end(args);
}

/* Whether a line of the crowd may be written: then it is counted. */
static bool
crowd_token(struct log_crowd *crowd, uint64_t now)
{
	uint64_t full = crowd->full > now ? crowd->full : now;

	if (full + LOG_CROWD_TOKEN - now > LOG_CROWD_BURST * LOG_CROWD_TOKEN)
		return false;
	crowd->full = full + LOG_CROWD_TOKEN;
	return true;
}

void
log_crowd(struct log_crowd *crowd, bool better, const char *object,
    const char *fmt, ...)
{
	va_list args;

	if (changes.arm == NULL || crowd_token(crowd, clock_monotonic())) {
		va_start(args, fmt);
		change(object, false, fmt, args);
		va_end(args);
		return;
	}
	crowd->better += better;
	crowd->worse += !better;
	if (!crowd->listed)
		SLIST_INSERT_HEAD(&changes.crowds, crowd, next);
	crowd->listed = true;
	arm();
}
