/* SPDX-License-Identifier: ISC */
/* Objects in their binary form (conf/wire_form.h), by the rows of the schema.
 */
#ifndef COMMON_LOAD_ENCODE_ROWS_H
#define COMMON_LOAD_ENCODE_ROWS_H

#include "conf/schema.h"
#include "role.h"
#include "link/wire.h"

#define ENCODER_BUFFER ((size_t)256 << 10)

struct encoder {
	struct writer w; /* over buf, of ENCODER_BUFFER bytes */
	void *buf;
	int fd;	     /* where buf goes when it is full; -1: it must not be */
	bool failed; /* the file could not be written (logged) */
	enum role role;
	const bool *probe_here; /* by probe id, for checkd */
};

/* The rows of the role, and of lists the objects that it has to do with. */
void encode_rows(struct encoder *, const struct conf_schema *, const void *);
/* What is in the buffer, into the file. */
void encoder_flush(struct encoder *);

/* One object's rows of a role into buf, which must be large; the length. */
size_t encode_object(const struct conf_schema *, const void *, enum role,
    void *buf, size_t size);

#define ENCODED_DEFAULT 512 /* bytes, which no default needs */

/* The value of a row where nothing is said, as an object would have it; the
 * length. */
size_t encode_default(
    const struct conf_row *, enum role, uint8_t buf[ENCODED_DEFAULT]);

#endif
