/* SPDX-License-Identifier: ISC */
/* Logging to stderr (often the journal) in the foreground, else to syslog. */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static bool to_stderr = true;
static bool to_journal; /* stderr is */
static int verbosity;
static const char *log_name = "triumvir";

/* Whether stderr is what the service manager says it is (systemd.exec(5)). */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL &&
	    sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	    st.st_ino == inode;
}

void
log_init(const char *name, bool foreground, int verbose)
{
	tzset(); /* while its file may be read */
	log_name = name;
	to_stderr = foreground;
	verbosity = verbose;
	to_journal = stderr_is_journal();
	if (!to_stderr)
		openlog(log_name, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

int
log_verbose(void)
{
	return verbosity;
}

/* The journal knows who and when; the priority is sd-daemon(3)'s. */
static void
log_stderr(int priority, const char *text)
{
	struct timespec ts;
	struct tm tm;

	if (to_journal) {
		fprintf(stderr, "<%d>%s\n", priority, text);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	/* One write a line, so that daemons sharing a stderr do not mix. */
	fprintf(stderr, "%02d:%02d:%02d.%03ld %s: %s\n", tm.tm_hour, tm.tm_min,
	    tm.tm_sec, ts.tv_nsec / 1000000, log_name, text);
}

static void
log_line(int priority, int error, const char *fmt, va_list args)
{
	char text[2048];
	size_t used;
	int n;

	n = vsnprintf(text, sizeof(text), fmt, args);
	used = n < 0 ? 0 : (size_t)n;
	if (error != 0 && used < sizeof(text) - 1)
		snprintf(
		    text + used, sizeof(text) - used, ": %s", strerror(error));
	/* A line of the log is one line, whatever a peer put into it. */
	for (char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	}
	if (to_stderr)
		log_stderr(priority, text);
	else
		syslog(priority, "%s", text);
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
