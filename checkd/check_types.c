/* SPDX-License-Identifier: ISC */
/* The table of check types. */
#include <stddef.h>

#include "check_http.h"
#include "check_tcp.h"
#include "check_types.h"

const struct check_type *
check_type(enum conf_check_type type)
{
	switch (type) {
	case CHECK_TCP:
		return check_tcp();
	case CHECK_HTTP:
		return check_http();
	}
	return NULL;
}
