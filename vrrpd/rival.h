/* SPDX-License-Identifier: ISC */
/*
 * Who is master beside this router and goes on: another virtual router that
 * has an instance's VRID, a master whose adverts are dropped, or somebody who
 * speaks for an instance's addresses by another VRID, version or interface.
 * An operator must mend that, so `vipctl status` begins with it.
 */
#ifndef VRRPD_RIVAL_H
#define VRRPD_RIVAL_H

#include "packet/packet.h"

struct instance;
struct vrrpd;

/*
 * The instance's rival has just been heard; text is what to tell. One that is
 * not heard again for three of his intervals is none any more; who says by
 * priority 0 that he leaves has left.
 */
void rival_heard(
    struct instance *, const struct vrrp_advert *, const char *text);
/* Who has that source is none any more. */
void rival_left(struct instance *, const struct addr *source);
/*
 * Looks whose addresses an advert lists that was meant for no instance which
 * has them: the sender is that instance's rival.
 */
void rival_elsewhere(struct vrrpd *, const struct vrrp_advert *);
/* The text, "" when there is no rival. */
const char *rival_text(const struct instance *, uint64_t now);

#endif
