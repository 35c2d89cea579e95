/* SPDX-License-Identifier: ISC */
/*
 * Another program of this host that sends adverts of an instance, a keepalived
 * that nobody has stopped. ipvsd asks when an address of the instance is here
 * that nobody holds: it is either such a program's, or left by one that is
 * gone.
 */
#ifndef VRRPD_BESIDE_H
#define VRRPD_BESIDE_H

struct instance;
struct received;
struct vrrpd;

/* Part of an instance's making and freeing. */
void beside_init(struct instance *);
void beside_stop(struct instance *);
/* LISTEN: listens from now on, and says BESIDE of each change. */
void beside_listen(struct instance *);
/* ipvsd, who has asked, is gone. */
void beside_stop_all(struct vrrpd *);
/* A socket_receive_fn: a packet that leaves this host, of any content. */
void beside_outgoing(const struct received *, void *vrrpd);

#endif
