/* SPDX-License-Identifier: ISC */
/*
 * What ipvsd gives to the parser that it starts: its end of the pair at
 * PARSER_FD, and
 *
 *	ipvsd-parser [-bv] [-R DIR]... -f FILE
 *
 *	-b	ipvsd is in the background: no stdio, the log goes to syslogd
 *	-f	the parser may read what is in the directory of FILE and below
 *	-R	the parser may read what is in DIR and below, too
 *	-v	logs more
 *
 * `ipvsd -n' becomes `ipvsd-parser -n [-N NODE]', which checks FILE as NODE and
 * has no pair. The findings go to stderr, and with -v the canonical form to
 * stdout.
 */
#ifndef IPVSD_PARSER_GIVEN_H
#define IPVSD_PARSER_GIVEN_H

#define PARSER_PROGRAM	"ipvsd-parser"
#define PARSER_FD	3
#define PARSER_DIRS_MAX 16

#endif
