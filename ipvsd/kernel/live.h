/* SPDX-License-Identifier: ISC */
/*
 * Our copy of the kernel's IPVS table. Dumps read it, in slices, while
 * commands go on; what the kernel accepts of these is applied to it. A
 * service of it is newer than a dump when a command changed it after the dump
 * had begun.
 */
#ifndef IPVSD_KERNEL_LIVE_H
#define IPVSD_KERNEL_LIVE_H

#include "desired/diff.h"
#include "kernel/ipvs_nl.h"
#include "kernel/repair.h"
#include "kernel/turn.h"

struct kernel_live;

struct live_handlers {
	/* A dump is in the copy, and who waits for it does not know yet. */
	void (*read)(void *arg);
	/* The same of one that has read which services there are, without
	 * their destinations. */
	void (*listed)(void *arg);
};

struct kernel_live *live_new(struct kernel_turn *, struct kernel_repairs *,
    const struct live_handlers *, void *arg);
void live_free(struct kernel_live *);

/*
 * Asks for the kernel's ip_vs if it is needed and not there yet (or only
 * notes that it is not needed). True: it is there now; a dump comes.
 */
bool live_need(struct kernel_live *, bool needed);
/* Its sockets; to be used once ip_vs is there. */
struct ipvs_nl *live_ipvs(struct kernel_live *);

/* A dump has been read, and all answers since. */
bool live_is_known(const struct kernel_live *);
const struct ipvs_table *live_table(const struct kernel_live *);
/* How often the copy has become one that is not known. */
uint64_t live_losses(const struct kernel_live *);

/* Reads everything anew, once a dump that is under way is over. */
void live_want(struct kernel_live *);
/* Reads which services there are. One of ours that is not there, or a new one
 * of others, has everything read anew. */
void live_want_list(struct kernel_live *);
/*
 * Everything anew; cb is called once, when a dump that begins after this has
 * been read, or at once in the next turn where there is no ip_vs. With join a
 * dump that is under way will do.
 */
void live_refresh(
    struct kernel_live *, bool join, void (*cb)(void *), void *arg);
/* Whether the last dump is so young that another one would cost too much: a
 * dump may take 5 % of the processor, but not more than 15 s may pass. */
bool live_is_recent(const struct kernel_live *);
/*
 * A service that was read by itself takes its place in the copy. Taken over.
 * number: live_number() when the reading began. False: the copy has it not, or
 * a command has changed it since; it is freed.
 */
bool live_take(struct kernel_live *, struct ipvs_service *, uint64_t number);
/*
 * A service of the copy, NULL: there is none. What others have done to it is
 * told when it was read since the last call; *altered, which may be NULL:
 * whether they have done anything.
 */
struct ipvs_service *live_find(
    struct kernel_live *, const struct ipvs_key *, bool *altered);
/* Of the last command. */
uint64_t live_number(const struct kernel_live *);
/* Goes on with a dump. False: there is nothing to do. */
bool live_step(struct kernel_live *);

/*
 * Sends at most NETLINK_BATCH commands, counts them, applies to the copy what
 * the kernel accepts, and logs what it refuses. errors[i]: 0, an errno, or
 * NETLINK_UNANSWERED. -1: some answers were lost. The copy is not known then
 * before the next dump: send nothing that was compared with it.
 */
int live_send(struct kernel_live *, const struct ipvs_command *, uint32_t count,
    int *errors);

#endif
