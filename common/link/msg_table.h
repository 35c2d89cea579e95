/* SPDX-License-Identifier: ISC */
/*
 * The messages that triumvir's processes exchange: a row a message.
 * HACKING.md explains how to add one; msg.h has what reads the table.
 */
#ifndef COMMON_LINK_MSG_TABLE_H
#define COMMON_LINK_MSG_TABLE_H

#include "role.h"

/* What the header's generation must be. */
enum msg_generation {
	GEN_ZERO, /* 0: the message has nothing to do with any */
	GEN_LINK, /* what the sender last announced by COMMITTED;
		     otherwise counted and dropped */
	GEN_ANY	  /* not 0; the handler looks at it itself */
};

/* How often an honest sibling says it; the numbers are in pace.h. */
enum msg_pace {
	PACE_FEW, /* about the whole of it: reloads, snapshots, digests */
	PACE_MANY /* about an object: as often as there are objects, and as
		     often as they may change */
};

/*
 * X(name, senders, receivers, least body, largest body, fds, generation, pace,
 *   since)
 * Sizes are without header. since: the protocol level (MSG_LEVEL, msg.h) of the
 * first version that has it; link_send() sends it to no older peer.
 *
 * HELLO	u16 protocol level spoken, u16 oldest understood
 * LINK		u8 peer's role, u64 epoch; to a receiver of level 2 or more
 *		u16 the peer's protocol level, else the peer's is 1; the
 *		pair's end as fd
 * PARSE	bool urgent; string file, string node (ipvsd -> parser)
 * PARSED	u8 ok, u32 errors, u32 warnings, u64 generation;
 *		then four CONF packets when ok
 * CONF		u8 role, u32 size; a sealed memfd
 * REPORT	u8 severity, string text: one finding of a PARSE or a reload
 * PREPARE	u32 size; sealed memfd with the receiver's rows
 * READY	empty; header: the prepared generation
 * REJECT	string object, string reason
 * COMMIT	empty: what was PREPAREd is from now on in force
 * ABORT	empty: forget what was PREPAREd
 * COMMITTED	empty: what follows on this link means this generation
 * SNAPSHOT	u8 1 at the begin, 0 at the end, of the sender's whole state
 * DIGEST	u32 count, u64 digest of what the sender last told
 * RESYNC	empty: please send a SNAPSHOT
 * ACQUIRE	u32 instance
 * RENEW	u32 instance, u64 term, u64 time of the advert (monotonic ns)
 * RELEASE	u32 instance, u64 term (0: whatever is being opened)
 * RETURNED	u32 instance: its interface was away, and the checks with it;
 *		MAY_PREEMPT is to be said anew
 * HELD		u32 instance, u64 term, u64 end (monotonic ns)
 * RENEWED	u32 instance, u64 term, u64 end
 * FAILED	u32 instance, u8 enum lease_reason; for a term that runs only
 *		LEASE_LEAVING: hand over, then RELEASE
 * ENDED	u32 instance, u64 term, u8 enum lease_reason
 * MAY_PREEMPT	u32 instance: its checks have verdicts, its services are in
 * VERDICTS	u16 count, then each: u32 probe, u8 health, u8 reason,
 *		u32 latency in us, u32 HTTP status or errno
 * CTL_REQUEST	u8 count, then each a string: command and arguments
 * CTL_ROW	string kind, u8 count, then each: string key, u8 type, value
 * CTL_END	u8 ok, string reason
 * FORMER	u32 probe, then u8 health of this one and each behind it:
 *		what is in force in ipvsd, told before COMMIT
 * SINCE	u32 probe, then of this one and each behind it u32: for how
 *		many seconds that is so; 2^32 - 1: not known
 * STATE	u32 instance, u8 enum fsm_state, u64 since (monotonic ns): of
 *		vrrpd, on change and after each snapshot; ipvsd tells it in
 *		its own, so that a vrrpd which has restarted knows
 * RENEWALS	u16 count, then each as a RENEW (renewals.h)
 * RENEWED_MANY	u16 count, then each as a RENEWED
 * LISTEN	u32 instance: an address of it is here, and no term: does
 *		another program on this host send its adverts?
 * BESIDE	u32 instance, bool: one does; or none was heard for as long as
 *		a backup waits for its master
 */
/*
 * A new one comes last: the others keep their numbers, and their form, for
 * ever. What has to be said otherwise is another message, which has a level of
 * its own. (LINK alone has two forms: it is what tells the level.) A number or
 * a word in a body means what it has always meant; who has more to say of a
 * thing adds a reason (other.h) or a message. What comes from a newer sibling
 * and is no message here is counted and dropped, so that its descriptors are
 * closed: a new message has some only between roles that send some already.
 */
#define MSG_TABLE(X)                                                  \
	X(HELLO, MV | MK, MI, 4, 4, 0, GEN_ZERO, PACE_FEW, 1)         \
	X(LINK, MI, MV | MK, 9, 11, 1, GEN_ZERO, PACE_FEW, 1)         \
	X(PARSE, MI, MP, 5, 4352, 0, GEN_ZERO, PACE_FEW, 1)           \
	X(PARSED, MP, MI, 17, 17, 0, GEN_ZERO, PACE_FEW, 1)           \
	X(CONF, MP, MI, 5, 5, 1, GEN_ANY, PACE_FEW, 1)                \
	X(REPORT, MP, MI, 3, 2048, 0, GEN_ZERO, PACE_MANY, 1)         \
	X(PREPARE, MI, MV | MK, 4, 4, 1, GEN_ANY, PACE_FEW, 1)        \
	X(READY, MV | MK, MI, 0, 0, 0, GEN_ANY, PACE_FEW, 1)          \
	X(REJECT, MV | MK, MI, 4, 1024, 0, GEN_ANY, PACE_FEW, 1)      \
	X(COMMIT, MI, MV | MK, 0, 0, 0, GEN_ANY, PACE_FEW, 1)         \
	X(ABORT, MI, MV | MK, 0, 0, 0, GEN_ANY, PACE_FEW, 1)          \
	X(COMMITTED, MD, MD, 0, 0, 0, GEN_ANY, PACE_FEW, 1)           \
	X(SNAPSHOT, MD, MD, 1, 1, 0, GEN_LINK, PACE_FEW, 1)           \
	X(DIGEST, MD, MD, 12, 12, 0, GEN_LINK, PACE_FEW, 1)           \
	X(RESYNC, MD, MD, 0, 0, 0, GEN_ANY, PACE_FEW, 1)              \
	X(ACQUIRE, MV, MI, 4, 4, 0, GEN_LINK, PACE_MANY, 1)           \
	X(RENEW, MV, MI, 20, 20, 0, GEN_LINK, PACE_MANY, 1)           \
	X(RELEASE, MV, MI, 12, 12, 0, GEN_LINK, PACE_MANY, 1)         \
	X(RETURNED, MV, MI, 4, 4, 0, GEN_LINK, PACE_MANY, 1)          \
	X(HELD, MI, MV, 20, 20, 0, GEN_LINK, PACE_MANY, 1)            \
	X(RENEWED, MI, MV, 20, 20, 0, GEN_LINK, PACE_MANY, 1)         \
	X(FAILED, MI, MV, 5, 5, 0, GEN_LINK, PACE_MANY, 1)            \
	X(ENDED, MI, MV, 13, 13, 0, GEN_LINK, PACE_MANY, 1)           \
	X(MAY_PREEMPT, MI, MV, 4, 4, 0, GEN_LINK, PACE_MANY, 1)       \
	X(VERDICTS, MK, MI | MV, 16, 8176, 0, GEN_LINK, PACE_MANY, 1) \
	X(CTL_REQUEST, MC, MD, 3, 8180, 0, GEN_ZERO, PACE_FEW, 1)     \
	X(CTL_ROW, MD, MC, 3, 8180, 0, GEN_ZERO, PACE_FEW, 1)         \
	X(CTL_END, MD, MC, 3, 4096, 0, GEN_ZERO, PACE_FEW, 1)         \
	X(FORMER, MI, MK, 5, 8180, 0, GEN_ANY, PACE_MANY, 3)          \
	X(SINCE, MI, MK, 8, 8180, 0, GEN_ANY, PACE_MANY, 3)           \
	X(STATE, MI | MV, MI | MV, 13, 13, 0, GEN_LINK, PACE_MANY, 3) \
	X(RENEWALS, MV, MI, 22, 8162, 0, GEN_LINK, PACE_MANY, 4)      \
	X(RENEWED_MANY, MI, MV, 22, 8162, 0, GEN_LINK, PACE_MANY, 4)  \
	X(LISTEN, MI, MV, 4, 4, 0, GEN_LINK, PACE_MANY, 4)            \
	X(BESIDE, MV, MI, 5, 5, 0, GEN_LINK, PACE_MANY, 4)

enum msg_type {
	MSG_NONE,
#define X(name, from, to, min, max, fds, gen, pace, since) MSG_##name,
	MSG_TABLE(X)
#undef X
	    MSG_TYPE_MAX
};

#endif
