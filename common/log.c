/* SPDX-License-Identifier: ISC */
/*
 * Logging to stderr (often the journal) in the foreground, else to syslogd.
 * Nobody who reads a socket slowly, or fills it, makes a loop wait: a line that
 * does not go at once is lost, and the next one that goes says so.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define TEXT_SIZE 2048
#define LINE_SIZE (TEXT_SIZE + 128) /* with what stands around the text */
#define LOST_SIZE 64
#define SECOND	  UINT64_C(1000000000) /* ns */

static bool to_stderr = true;
static bool to_journal; /* stderr is */
static bool to_socket;	/* likewise */
static int verbosity;
static const char *log_name = "triumvir";
static int syslogd = -1;
static uint64_t connected; /* or tried to, ns of monotonic_now() */
static uint32_t lost;	   /* lines, since one went */
static bool torn;	   /* a part of a line went, its end did not */

/* Its own, for clock.c logs what goes wrong: the log calls nobody. */
static uint64_t
monotonic_now(void)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

/* Whether stderr is what the service manager says it is (systemd.exec(5)). */
static bool
is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;

	return stream != NULL &&
	    sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	    st->st_dev == device && st->st_ino == inode;
}

/* Connects the same socket again: there is none to close then. */
static bool
syslog_connect(void)
{
	static const struct sockaddr_un sun = {
	    .sun_family = AF_UNIX, .sun_path = _PATH_LOG};

	connected = monotonic_now();
	return connect(syslogd, (const struct sockaddr *)&sun, sizeof(sun)) ==
	    0;
}

static void
syslog_open(void)
{
	/* Without syslogd the daemon goes on, and send_syslog() tries again. */
	syslogd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (syslogd == -1)
		fatal("the log: socket");
	(void)syslog_connect();
}

void
log_init(const char *name, bool foreground, int verbose)
{
	struct stat st;
	bool known = fstat(STDERR_FILENO, &st) == 0;

	tzset(); /* while its file may be read */
	log_name = name;
	verbosity = verbose;
	to_journal = known && is_journal(&st);
	to_socket = known && S_ISSOCK(st.st_mode);
	if (!foreground)
		syslog_open();
	to_stderr = foreground;
}

int
log_verbose(void)
{
	return verbosity;
}

static bool
send_syslog(const char *line, size_t len)
{
	if (send(syslogd, line, len, MSG_NOSIGNAL) != -1)
		return true;
	if (monotonic_now() - connected < SECOND)
		return false;
	return syslog_connect() && send(syslogd, line, len, MSG_NOSIGNAL) != -1;
}

/* One write a line, so that daemons sharing a stderr do not mix. */
static bool
send_stderr(const char *line, size_t len)
{
	ssize_t n = to_socket ?
	    send(STDERR_FILENO, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) :
	    write(STDERR_FILENO, line, len);

	if (n > 0)
		torn = (size_t)n < len;
	return n == (ssize_t)len;
}

static int
format_syslog(
    char line[LINE_SIZE], int priority, const char *text, const char *gap)
{
	return snprintf(line, LINE_SIZE, "<%d>%.32s[%d]: %s%s",
	    LOG_DAEMON | priority, log_name, (int)getpid(), text, gap);
}

/* The journal knows who and when; the priority is sd-daemon(3)'s. */
static int
format_stderr(
    char line[LINE_SIZE], int priority, const char *text, const char *gap)
{
	const char *before = torn ? "\n" : "";
	struct timespec ts;
	struct tm tm;

	if (to_journal)
		return snprintf(line, LINE_SIZE, "%s<%d>%s%s\n", before,
		    priority, text, gap);
	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	return snprintf(line, LINE_SIZE, "%s%02d:%02d:%02d.%03ld %.32s: %s%s\n",
	    before, tm.tm_hour, tm.tm_min, tm.tm_sec, ts.tv_nsec / 1000000,
	    log_name, text, gap);
}

/* The count of lost lines is part of the next line: a reader's socket that is
 * nearly full may have no room for a line of its own. */
static void
deliver(int priority, const char *text)
{
	char line[LINE_SIZE], gap[LOST_SIZE] = "";
	bool sent;
	int len;

	if (lost != 0)
		snprintf(gap, sizeof(gap), " (%u line%s of the log %s lost)",
		    (unsigned)lost, lost == 1 ? "" : "s",
		    lost == 1 ? "was" : "were");
	if (to_stderr) {
		len = format_stderr(line, priority, text, gap);
		sent = len > 0 && send_stderr(line, (size_t)len);
	} else {
		len = format_syslog(line, priority, text, gap);
		sent = len > 0 && send_syslog(line, (size_t)len);
	}
	if (sent)
		lost = 0;
	else if (lost < UINT32_MAX)
		lost++;
}

static void
log_line(int priority, int error, const char *fmt, va_list args)
{
	char text[TEXT_SIZE];
	size_t used;
	int n;

	n = vsnprintf(text, sizeof(text), fmt, args);
	used = n < 0 ? 0 : (size_t)n;
	if (error != 0 && used < sizeof(text) - 1)
		snprintf(
		    text + used, sizeof(text) - used, ": %s", strerror(error));
	/* A text of a peer's cannot begin a second line. */
	for (char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	}
	deliver(priority, text);
}

void
log_warn(const char *fmt, ...)
{
	int saved_errno = errno;
	va_list args;

	va_start(args, fmt);
	log_line(LOG_WARNING, saved_errno, fmt, args);
	va_end(args);
	errno = saved_errno;
}

void
log_warnx(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_WARNING, 0, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_INFO, 0, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	if (verbosity == 0)
		return;
	va_start(args, fmt);
	log_line(LOG_DEBUG, 0, fmt, args);
	va_end(args);
}

void
fatal(const char *fmt, ...)
{
	int saved_errno = errno;
	va_list args;

	va_start(args, fmt);
	log_line(LOG_CRIT, saved_errno, fmt, args);
	va_end(args);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_CRIT, 0, fmt, args);
	va_end(args);
	exit(1);
}

bool
log_limit(struct log_limit *limit, uint64_t now, uint32_t burst,
    uint64_t interval_ns, uint32_t *suppressed)
{
	*suppressed = 0;
	if (limit->window_start == 0 ||
	    now - limit->window_start >= interval_ns) {
		limit->window_start = now;
		limit->count = 0;
	}
	if (limit->count >= burst) {
		limit->suppressed++;
		return false;
	}
	limit->count++;
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	return true;
}

const char *
log_more(uint32_t suppressed, char buf[LOG_MORE_SIZE])
{
	buf[0] = '\0';
	if (suppressed != 0)
		snprintf(buf, LOG_MORE_SIZE, " (%u more not logged)",
		    (unsigned)suppressed);
	return buf;
}
