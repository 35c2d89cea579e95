/* SPDX-License-Identifier: ISC */
/* Words for dropped and odd packets, see packet_drop.h. */
#include "name.h"
#include "packet/packet_drop.h"

#define DROPS(X) X(OK, "ok") VRRP_DROP_TABLE(X)
NAME_FUNCTION(vrrp_drop_text, vrrp_drop, DROPS, "unknown")

const char *
vrrp_note_text(unsigned i)
{
	static const char *const texts[VRRP_NOTES_MAX] = {
#define X(id, bit, text) text,
	    VRRP_NOTE_TABLE(X)
#undef X
	};

	return texts[i];
}
