/* SPDX-License-Identifier: ISC */
/* What differs between two configurations in their canonical form; pure. */
#ifndef VIPCTL_CHANGES_H
#define VIPCTL_CHANGES_H

#define CHANGES_TEXT 400

/* op: "added", "removed" or "changed"; object: "service" and the like; text:
 * what has changed in it, "" unless "changed". */
typedef void (*changes_fn)(const char *op, const char *object, const char *name,
    const char *text, void *arg);

/* Tells every object that differs, in the order of their names; both texts are
 * changed. Exits without memory. */
void changes_tell(char *before, char *after, changes_fn, void *arg);

#endif
