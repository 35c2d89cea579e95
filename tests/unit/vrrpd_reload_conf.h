/* SPDX-License-Identifier: ISC */
/* Configurations for vrrpd_reload.c. */
#ifndef TESTS_VRRPD_RELOAD_CONF_H
#define TESTS_VRRPD_RELOAD_CONF_H

#include <stdint.h>

/* So many instances, named by the letter and a number, as vrrpd gets them: a
 * descriptor, which is the caller's. */
int encode_instances(
    char letter, unsigned count, unsigned priority, uint64_t *generation);

#endif
