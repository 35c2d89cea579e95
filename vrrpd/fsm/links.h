/* SPDX-License-Identifier: ISC */
/* The links of an instance's addresses, and what a fault of them (fault.h)
 * makes the router do. */
#ifndef VRRPD_FSM_LINKS_H
#define VRRPD_FSM_LINKS_H

#include "fsm/step.h"

void fsm_on_links(struct step *);
void fsm_on_moved(struct step *);
/* A master hands over, if that is due. */
void fsm_fault_due(struct step *);

#endif
