/* SPDX-License-Identifier: ISC */
/* The life of an instance: prepared, started, configured anew, left, freed. */
#ifndef VRRPD_INSTANCE_H
#define VRRPD_INSTANCE_H

struct conf_instance;
struct generation;
struct instance;
struct vrrpd;

/* Prepares one; conf is the generation's, of which the instance holds a
 * reference. NULL without memory. */
struct instance *instance_new(
    struct vrrpd *, struct generation *, const struct conf_instance *);
/* It takes part from now on. */
void instance_start(struct instance *);
/* The same virtual router has another configuration. */
void instance_configure(
    struct instance *, struct generation *, const struct conf_instance *);
/* It hands over if it is master, and is freed by a turn of work then. */
void instance_leave(struct instance *, const char *why);
/* Frees it, started or only prepared, and takes it out of its generation. */
void instance_free(struct instance *);

#endif
