/* SPDX-License-Identifier: ISC */
/* How near a mistyped word is to one that there is; see nearest.h. */
#include <string.h>

#include "nearest.h"

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* cost[i][j] is the distance of the first i letters to the first j (Damerau and
 * Levenshtein, without a second change of letters that were exchanged). */
unsigned
nearest_distance(const char *typed, const char *word)
{
	unsigned cost[NEAREST_MAX][NEAREST_MAX], differ, most;
	size_t m = strlen(typed), n = strlen(word);

	if (m >= NEAREST_MAX || n >= NEAREST_MAX)
		return NEAREST_FAR;
	for (size_t i = 0; i <= m; i++) {
		for (size_t j = 0; j <= n; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = (unsigned)(i + j);
				continue;
			}
			differ = typed[i - 1] != word[j - 1];
			cost[i][j] = least(cost[i - 1][j - 1] + differ,
			    1 + least(cost[i - 1][j], cost[i][j - 1]));
			if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] &&
			    typed[i - 2] == word[j - 1])
				cost[i][j] = least(
				    cost[i][j], cost[i - 2][j - 2] + 1);
		}
	}
	most = (unsigned)((m > n ? m : n) + 1) / 3;
	return cost[m][n] > most ? NEAREST_FAR : cost[m][n];
}
