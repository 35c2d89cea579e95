/* SPDX-License-Identifier: ISC */
/*
 * Settings of interfaces: raised before the wanted addresses need them, put
 * back when they no longer do. Never lowered below what was found.
 */
#ifndef IPVSD_KERNEL_SETTING_H
#define IPVSD_KERNEL_SETTING_H

#include <stdio.h>

#include "kernel/addr_nl.h"
#include "kernel/turn.h"

struct kernel_settings;

struct kernel_settings *setting_new(struct kernel_turn *, struct addr_nl *);
void setting_free(struct kernel_settings *);

/* A slice of it. False: there is more to do. */
bool setting_raise(struct kernel_settings *, const struct desired_addresses *);
bool setting_lower(struct kernel_settings *, const struct desired_addresses *);

/* "link INTERFACE NAME VALUE" lines: what was found. */
void setting_save(const struct kernel_settings *, FILE *);
/* False: the line is another's. */
bool setting_load(struct kernel_settings *, const char *line);

#endif
