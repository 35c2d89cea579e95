/* SPDX-License-Identifier: ISC */
/* What operators ask for: resign, enable, shut down, a new configuration. */
#ifndef VRRPD_FSM_OPERATOR_H
#define VRRPD_FSM_OPERATOR_H

#include "fsm/step.h"

void fsm_on_resign(struct step *);
void fsm_on_enable(struct step *);
void fsm_on_shutdown(struct step *);
void fsm_on_config(struct step *);

/* Copies the scalars of the configuration; pointers become NULL. */
void fsm_keep_scalars(struct fsm *, const struct conf_instance *);

#endif
