/* SPDX-License-Identifier: ISC */
/* The connection of a check that speaks over TCP. */
#ifndef CHECKD_CHECK_SOCKET_H
#define CHECKD_CHECK_SOCKET_H

struct check_run;

/*
 * Makes run->fd and begins to connect it to the probe's address. Returns 0 when
 * it is connected, EINPROGRESS, or the errno of what failed. The caller closes
 * run->fd with check_close() whatever it is.
 */
int check_connect(struct check_run *);
/* Closes run->fd, if it is open. */
void check_close(struct check_run *);

#endif
