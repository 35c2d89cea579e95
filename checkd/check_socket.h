/* SPDX-License-Identifier: ISC */
/* The connection of a check that speaks over TCP. */
#ifndef CHECKD_CHECK_SOCKET_H
#define CHECKD_CHECK_SOCKET_H

#include "conf/conf.h"

struct check_run;

/* The configuration in force says which addresses are this host's own, and
 * which it only holds. */
void check_socket_configure(const struct conf *);
/*
 * Makes run->fd and begins to connect it to the probe's address. Returns 0 when
 * it is connected, EINPROGRESS, or the errno of what failed. The caller closes
 * run->fd with check_close() whatever it is. The check comes from its source,
 * else from where the route says, unless that is an address that this host
 * holds as a master: real servers may have it as well.
 */
int check_connect(struct check_run *);
/* Closes run->fd, if it is open, as the check says. */
void check_close(struct check_run *);

#endif
