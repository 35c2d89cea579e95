/* SPDX-License-Identifier: ISC */
/* Names and words for dropped and odd packets, see packet_drop.h. */
#include "packet/packet_drop.h"

static const struct {
	const char *name, *text;
} drops[VRRP_DROP_MAX] = {[VRRP_OK] = {"ok", "ok"},
#define X(id, counter, why) [VRRP_DROP_##id] = {counter, why},
    VRRP_DROP_TABLE(X)
#undef X
};

static const struct {
	const char *name, *text;
} notes[VRRP_NOTES_MAX] = {
#define X(id, bit, counter, why) {counter, why},
    VRRP_NOTE_TABLE(X)
#undef X
};

const char *
vrrp_drop_name(enum vrrp_drop drop)
{
	return (unsigned)drop < VRRP_DROP_MAX ? drops[drop].name : "unknown";
}

const char *
vrrp_drop_text(enum vrrp_drop drop)
{
	return (unsigned)drop < VRRP_DROP_MAX ? drops[drop].text : "unknown";
}

const char *
vrrp_note_name(unsigned i)
{
	return notes[i].name;
}

const char *
vrrp_note_text(unsigned i)
{
	return notes[i].text;
}
