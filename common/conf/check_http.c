/* SPDX-License-Identifier: ISC */
/* What can stand in a request; see check_http.h. */
#include "conf/check_http.h"

#include <string.h>

bool
conf_http_word_valid(const char *text)
{
	while (*text > ' ' && *text < 0x7f)
		text++;
	return *text == '\0';
}

bool
conf_http_name_valid(const char *text)
{
	return text[0] != '\0' &&
	    text[strspn(text,
		"!#$%&'*+-.^_`|~0123456789"
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
	    '\0';
}

bool
conf_http_value_valid(const char *text)
{
	for (; *text != '\0'; text++) {
		if (((unsigned char)*text < ' ' && *text != '\t') ||
		    *text == 0x7f)
			return false;
	}
	return true;
}
