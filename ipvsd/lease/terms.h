/* SPDX-License-Identifier: ISC */
/*
 * The file of the open terms, by which the next ipvsd takes them over: a line
 * a term, NAME TERM END. What changes in one turn of the loop is saved, and
 * then told to vrrpd, once at its end: these functions note what is due, and
 * instances_flush() does it.
 */
#ifndef IPVSD_LEASE_TERMS_H
#define IPVSD_LEASE_TERMS_H

#include "lease/instance.h"

/*
 * How long an adopted term runs without a renewal: as long as the kernel
 * lets its addresses live. Until then vrrpd, which was not lost, has found
 * the new ipvsd; the saved end is what was true while the former one lived.
 */
#define TERMS_ADOPTED_NS (10 * NS_PER_SEC)

/* A term began or ended. */
void terms_changed(struct ipvsd *);
/* The term of an instance whose `announce' is set is to be told again. */
void terms_announce(struct ipvsd *);
/* All terms are to be told again: once, however often vrrpd asks. */
void terms_resync(struct ipvsd *);

/* Writes the file if a term has begun or ended since. */
void terms_save(struct ipvsd *);
/* A term has another end: written at once, in its place. */
void terms_renewed(const struct instance *);
/* Terms that an earlier run left: makes their instances masters. The kernel
 * half is not configured yet. */
void terms_adopt(struct ipvsd *);

#endif
