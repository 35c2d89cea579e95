/* SPDX-License-Identifier: ISC */
/* How near a mistyped word is to one that there is; pure. */
#ifndef VIPCTL_NEAREST_H
#define VIPCTL_NEAREST_H

#define NEAREST_MAX 32	 /* longer words are near to none */
#define NEAREST_FAR 1000 /* they have nothing in common */

/* How many letters are missing, too many, wrong or exchanged with the next
 * one. NEAREST_FAR: more than a third of the longer word's. */
unsigned nearest_distance(const char *typed, const char *word);

#endif
