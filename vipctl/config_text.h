/* SPDX-License-Identifier: ISC */
/* The canonical text of the configuration in force. */
#ifndef VIPCTL_CONFIG_TEXT_H
#define VIPCTL_CONFIG_TEXT_H

#include "vipctl.h"

/*
 * Asks ipvsd for it. *text is to be freed, and not cleaned yet; NULL: there is
 * none. Returns an enum exit_code; why is filled unless that is EXIT_DONE.
 */
int config_text(const struct vipctl *, char **text, char why[WHY_SIZE]);

#endif
