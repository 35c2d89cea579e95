/* SPDX-License-Identifier: ISC */
/* What the peers hear. */
#ifndef CHECKD_TELL_H
#define CHECKD_TELL_H

#include "checkd.h"

void tell_init(struct checkd *);
void tell_free(struct checkd *);
/* Room for the probes of the generation in force, all told. */
void tell_commit(struct checkd *);
/* This probe has news for every peer. */
void tell_probe(struct checkd *, struct probe *);
/* COMMITTED and all verdicts. */
void tell_all(struct peer *);

#endif
