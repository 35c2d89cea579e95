/* SPDX-License-Identifier: ISC */
/*
 * The file of the open terms, by which the next ipvsd takes them over. A line
 * is NAME TERM END, with END in monotonic ns. terms_changed(), terms_announce()
 * and terms_resync() only note what is due: instances_flush() saves and then
 * tells it, once at the end of a turn of the loop.
 */
#ifndef IPVSD_LEASE_TERMS_H
#define IPVSD_LEASE_TERMS_H

#include "clock.h"
#include "lease/instance.h"

/*
 * How long an adopted term runs until vrrpd has found the new ipvsd: as long as
 * the lifetime of its addresses in the kernel. The saved end does not end it,
 * because vrrpd could not renew the lease while no ipvsd was there.
 */
#define TERMS_ADOPTED_NS (10 * NS_PER_SEC)

/* A term began or ended. */
void terms_changed(struct ipvsd *);
/* HELD is due for the instances with `announce` set. */
void terms_announce(struct ipvsd *);
/* RESYNC: a snapshot is due, one for all RESYNCs of a turn of the loop. */
void terms_resync(struct ipvsd *);

/* Writes the file if a term has begun or ended since it was written. */
void terms_save(struct ipvsd *);
/* A term has a new end: noted, and the end of the turn is asked for. */
void terms_renewed(const struct instance *);
/* Writes what was noted into the file, all at once. */
void terms_write(struct ipvsd *);
/* Reads the terms that a former ipvsd left and makes their instances masters.
 * Comes before kernel_configure(). */
void terms_adopt(struct ipvsd *);

#endif
