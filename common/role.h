/* SPDX-License-Identifier: ISC */
/* The processes by the part they play on a link. */
#ifndef COMMON_ROLE_H
#define COMMON_ROLE_H

/* Who speaks; PARSER is ipvsd's child, CLIENT an operator's vipctl. */
#define ROLE_TABLE(X)       \
	X(IPVSD, "ipvsd")   \
	X(VRRPD, "vrrpd")   \
	X(CHECKD, "checkd") \
	X(PARSER, "parser") \
	X(CLIENT, "client")

enum role {
#define X(id, name) ROLE_##id,
	ROLE_TABLE(X)
#undef X
	    ROLE_MAX
};

const char *role_name(enum role);
/* Gives ROLE_MAX for an unknown name. */
enum role role_from_name(const char *);

/* Sets of roles, short for the tables of messages and of the schema. */
#define MI (1u << ROLE_IPVSD)
#define MV (1u << ROLE_VRRPD)
#define MK (1u << ROLE_CHECKD)
#define MP (1u << ROLE_PARSER)
#define MC (1u << ROLE_CLIENT)
#define MD (MI | MV | MK) /* any daemon */

#endif
