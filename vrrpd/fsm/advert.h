/* SPDX-License-Identifier: ISC */
/* What a heard advert does, and MAY_PREEMPT, which decides about some. */
#ifndef VRRPD_FSM_ADVERT_H
#define VRRPD_FSM_ADVERT_H

#include "fsm/step.h"

void fsm_on_advert(struct step *);
void fsm_on_may_preempt(struct step *);

#endif
