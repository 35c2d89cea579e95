/* SPDX-License-Identifier: ISC */
/* vrrpd.ctl, the control socket: HACKING.md lists commands and rows. */
#ifndef VRRPD_CONTROL_H
#define VRRPD_CONTROL_H

struct vrrpd;

/* Opens it in the run-time directory, before priv_drop(). Fatal on failure. */
void control_init(struct vrrpd *, const char *dir);

#endif
