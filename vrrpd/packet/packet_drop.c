/* SPDX-License-Identifier: ISC */
/* Words for dropped and odd packets, see packet_drop.h. */
#include "name.h"
#include "packet/packet_drop.h"

#define DROPS(X) X(OK, "ok") VRRP_DROP_TABLE(X)
NAME_FUNCTION(vrrp_drop_text, vrrp_drop, DROPS, "unknown")

NAME_FUNCTION(vrrp_note_text, vrrp_note_place, VRRP_NOTE_TABLE, "unknown")
