/* SPDX-License-Identifier: ISC */
/* Names of roles. */
#include <string.h>

#include "name.h"
#include "role.h"

NAME_FUNCTION(role_name, role, ROLE_TABLE, "nobody")

enum role
role_from_name(const char *name)
{
	for (enum role role = 0; role < ROLE_MAX; role++) {
		if (strcmp(name, role_name(role)) == 0)
			return role;
	}
	return ROLE_MAX;
}
