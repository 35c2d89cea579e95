/* SPDX-License-Identifier: ISC */
/* The one event that fsm_event() is handling, as its handlers get it. */
#ifndef VRRPD_FSM_STEP_H
#define VRRPD_FSM_STEP_H

#include "fsm/event.h"
#include "fsm/types.h"

struct step {
	struct fsm *fsm;
	const struct fsm_event *event;
	uint64_t now; /* CLOCK_MONOTONIC, ns */
	struct fsm_actions *out;
};

#endif
