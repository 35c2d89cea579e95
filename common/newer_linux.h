/* SPDX-License-Identifier: ISC */
/* Constants of sockets that Debian 12's headers (Linux 6.1) do not have. */
#ifndef COMMON_NEWER_LINUX_H
#define COMMON_NEWER_LINUX_H

#include <sys/socket.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* asm-generic/socket.h since Linux 6.16 */
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04 /* linux/socket.h since Linux 6.5 */
#endif

#endif
