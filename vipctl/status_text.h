/* SPDX-License-Identifier: ISC */
/* The document of `status` for people. */
#ifndef VIPCTL_STATUS_TEXT_H
#define VIPCTL_STATUS_TEXT_H

#include <jansson.h>

void status_text(json_t *document);

#endif
