/* SPDX-License-Identifier: ISC */
/* What ipvsd and vrrpd hear from checkd. */
#ifndef CHECKD_TELL_H
#define CHECKD_TELL_H

#include "checkd.h"

void tell_init(struct checkd *);
void tell_free(struct checkd *);
/* Makes room for the probes of the generation in force. None is untold. */
void tell_commit(struct checkd *);
/* The probe's verdict has changed: every peer will hear it. */
void tell_probe(struct checkd *, struct probe *);
/* Sends COMMITTED, if it is due, and a snapshot of all verdicts. */
void tell_all(struct peer *);

#endif
