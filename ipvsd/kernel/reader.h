/* SPDX-License-Identifier: ISC */
/*
 * Single services are read from the kernel, one after the other: those that
 * somebody asks for, and beside that all of ours in turn, a share each second,
 * so that every one is compared once a resync. A table that others have emptied
 * shows at the next one that is read.
 */
#ifndef IPVSD_KERNEL_READER_H
#define IPVSD_KERNEL_READER_H

#include "kernel/live.h"
#include "kernel/services.h"
#include "kernel/turn.h"

struct kernel_reader;

struct kernel_reader *reader_new(struct kernel_turn *, struct event_base *,
    struct kernel_live *, struct kernel_services *);
void reader_free(struct kernel_reader *);

/* turn->input is a new one. Who waits gets a whole dump instead. */
void reader_configure(struct kernel_reader *);
/* Stops reading in turn: the table is no longer followed. */
void reader_stop(struct kernel_reader *);
/*
 * Reads a service; index into conf->services. cb is called once, from the loop,
 * when it is in the copy, or when the copy does without it.
 */
void reader_read(
    struct kernel_reader *, uint32_t index, void (*cb)(void *), void *arg);
/* Goes on; share: with the services in turn, too. False: there is nothing to
 * do. */
bool reader_step(struct kernel_reader *, bool share);

#endif
