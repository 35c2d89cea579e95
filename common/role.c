/* SPDX-License-Identifier: ISC */
/* Names of roles. */
#include <string.h>

#include "role.h"

const char *
role_name(enum role role)
{
	static const char *const names[ROLE_MAX] = {
#define X(id, name) [ROLE_##id] = name,
	    ROLE_TABLE(X)
#undef X
	};

	return role < ROLE_MAX ? names[role] : "nobody";
}

enum role
role_from_name(const char *name)
{
	for (enum role role = 0; role < ROLE_MAX; role++) {
		if (strcmp(name, role_name(role)) == 0)
			return role;
	}
	return ROLE_MAX;
}
