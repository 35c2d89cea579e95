/* SPDX-License-Identifier: ISC */
/*
 * ipvsd: options, order of start, the loop. The order matters: the parser is
 * started while nothing is open, sockets are bound while ipvsd may be root, and
 * nothing from outside is read before CAP_NET_ADMIN is the only privilege left.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker.h"
#include "clock.h"
#include "control.h"
#include "ctl/ctl_server.h"
#include "dispatch.h"
#include "gone.h"
#include "lease/instance.h"
#include "lease/instances.h"
#include "lease/leave.h"
#include "lease/leftovers.h"
#include "lease/may_preempt.h"
#include "lease/snapshot.h"
#include "process/background.h"
#include "process/closer.h"
#include "process/log_loop.h"
#include "process/loop.h"
#include "process/notify.h"
#include "process/options.h"
#include "process/priv.h"
#include "process/sandbox.h"
#include "process/signals.h"
#include "reload/parse.h"
#include "reload/parser_start.h"
#include "reload/peers.h"
#include "reload/reload.h"
#include "running/event.h"
#include "running/health.h"
#include "running/override.h"
#include "running/running.h"
#include "running/slow_start.h"
#include "running/state.h"

#define DEFAULT_FILE "/etc/triumvir/director.yaml"
/* Clients and siblings need about 100, a generation needs four. */
#define FILES_MAX    1024
/* Two slices of work. Then others have the processor for a moment. */
#define AWAKE_NS     (4 * NS_PER_MS)

static const char usage_line[] =
    "usage: ipvsd [-dhnvV] [-F role=fd] [-f FILE] [-N NODE] [-R DIR] "
    "[-r DIR]\n";

static void __attribute__((noreturn)) usage(void)
{
	fputs(usage_line, stderr);
	exit(2);
}

static void __attribute__((noreturn)) help(void)
{
	fputs(usage_line, stdout);
	options_help(ROLE_IPVSD,
	    "  -f FILE     the configuration, by default " DEFAULT_FILE "\n"
	    "  -n          check the configuration and exit; -nv prints it\n"
	    "  -N NODE     which node of the file this host is\n"
	    "  -R DIR      certificates and keys may be below DIR, "
	    "too\n" OPTIONS_HELP);
}

/* The absolute form of a path. Fatal on failure; never freed. */
static char *
whole_name(const char *path)
{
	char *name, *cwd = NULL;

	if (*path != '/' && (cwd = getcwd(NULL, 0)) == NULL)
		fatal("getcwd");
	if (asprintf(&name, "%s%s%s", cwd == NULL ? "" : cwd,
		cwd == NULL ? "" : "/", path) == -1)
		fatal("asprintf");
	free(cwd);
	return name;
}

/* True: -n, ipvsd is only to check the configuration. */
static bool
parse_options(
    struct parser_job *job, struct options *options, int argc, char *argv[])
{
	const char *file = DEFAULT_FILE;
	bool check = false;
	int option;

	options_init(options);
	while ((option = getopt_long(argc, argv,
		    OPTIONS_LETTERS "nf:N:R:", options_long, NULL)) != -1) {
		switch (option) {
		case 'h':
			help();
		case 'n':
			check = true;
			break;
		case 'f':
			file = optarg;
			break;
		case 'N':
			job->node = optarg;
			break;
		case 'R':
			if (job->dir_count == PARSER_DIRS_MAX)
				usage();
			job->dirs[job->dir_count++] = whole_name(optarg);
			break;
		default:
			if (!options_take(options, ROLE_IPVSD, option, optarg))
				usage();
		}
	}
	if (options_word_help(argc, argv))
		help();
	if (optind != argc)
		usage();
	job->file = whole_name(file);
	job->verbose = options->verbose > 0;
	job->background = !options->foreground;
	return check;
}

/* ---- the kernel half ---- */

static void
kernel_is_idle(void *arg)
{
	struct ipvsd *ipvsd = arg;

	if (ipvsd->ready || ipvsd->running == NULL)
		return;
	ipvsd->ready = true;
	log_info("node %s: ready", ipvsd->running->conf->self);
	event_status(ipvsd);
	peers_release(ipvsd->peers);
	background_ready();
}

static void
write_kernel(FILE *file, void *arg)
{
	kernel_save(arg, file);
}

static void
save_kernel(void *arg)
{
	struct ipvsd *ipvsd = arg;

	state_save(STATE_KERNEL, write_kernel, ipvsd->kernel);
}

static void
kernel_changed(void *arg)
{
	struct ipvsd *ipvsd = arg;

	timer_end_of_turn(&ipvsd->save);
}

static void
kernel_repaired(const char *name, const char *from, const char *to, void *arg)
{
	event_tell(arg, "ipvs", name, from, to,
	    "put right, somebody else had changed it");
}

static void
start_kernel(struct ipvsd *ipvsd)
{
	static const struct kernel_handlers handlers = {
	    .held = instance_held,
	    .released = instance_released,
	    .lost = instance_lost,
	    .renewable = instance_renewable,
	    .claimable = leftovers_claimable,
	    .addresses = leftovers_look,
	    .turn = slow_start_look,
	    .idle = kernel_is_idle,
	    .repaired = kernel_repaired,
	    .save = kernel_changed,
	};
	FILE *file;

	timer_init(&ipvsd->save, ipvsd->base, save_kernel, ipvsd);
	ipvsd->kernel = kernel_new(ipvsd->base, &handlers, ipvsd);
	if (ipvsd->kernel == NULL)
		fatalx("the kernel's netlink is not to be had");
	if ((file = state_open(STATE_KERNEL)) != NULL) {
		kernel_load(ipvsd->kernel, file);
		fclose(file);
	}
}

/* ---- signals ---- */

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct ipvsd *ipvsd = arg;

	(void)what;
	switch (number) {
	case SIGTERM:
	case SIGINT:
		reload_leave(ipvsd);
		leave(ipvsd);
		break;
	case SIGUSR2:
		reload_leave(ipvsd);
		leave_as_it_is(ipvsd);
		break;
	case SIGHUP:
		reload_start(ipvsd, 0);
		break;
	}
}

static void
start_signals(struct ipvsd *ipvsd)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGUSR2, SIGHUP};
	struct event *event;

	signal(SIGPIPE, SIG_IGN);
	signals_ignore(ipvsd->base);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		event = evsignal_new(ipvsd->base, numbers[i], on_signal, ipvsd);
		if (event == NULL || evsignal_add(event, NULL) == -1)
			fatalx("signals: out of memory");
	}
}

/* ---- the order of start ---- */

static void
broker_link(const struct link_end *end, void *arg)
{
	struct ipvsd *ipvsd = arg;

	link_attach(
	    end->peer == ROLE_VRRPD ? ipvsd->vrrpd : ipvsd->checkd, end);
}

/* Who gives it by -F has built its daemons together. */
static void
take_ends(struct ipvsd *ipvsd, const struct options *options)
{
	struct link_end end = {.epoch = clock_monotonic(), .level = MSG_LEVEL};

	for (end.peer = 0; end.peer < ROLE_MAX; end.peer++) {
		end.fd = options->fds[end.peer];
		if (end.fd != -1)
			broker_link(&end, ipvsd);
	}
}

static void
load_overrides(struct ipvsd *ipvsd)
{
	FILE *file = state_open(STATE_OVERRIDES);

	ipvsd->overrides = override_new();
	if (file == NULL)
		return;
	override_load(ipvsd->overrides, file);
	fclose(file);
}

/* By default libevent reads a coarse clock. With short intervals a lease ends
 * only one millisecond before a peer takes over. */
static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL ||
	    event_config_set_flag(config,
		EVENT_BASE_FLAG_PRECISE_TIMER |
		    EVENT_BASE_FLAG_NO_CACHE_TIME) == -1 ||
	    (base = event_base_new_with_config(config)) == NULL)
		fatalx("libevent has no base");
	event_config_free(config);
	return base;
}

static void
filter_calls(void)
{
	sandbox_enter(ROLE_IPVSD);
}

/* From here on ipvsd reaches its state, the kernel's settings, and DIR only to
 * remove its sockets. */
static void
confine(const struct ipvsd *ipvsd)
{
	char state[PATH_MAX];
	const struct sandbox_place places[] = {
	    {state, SANDBOX_READ | SANDBOX_WRITE},
	    {"/proc/sys", SANDBOX_READ | SANDBOX_WRITE},
	    {ipvsd->dir, SANDBOX_REMOVE},
	};
	static const struct priv_need need = {
	    .files = FILES_MAX, .file_size = RLIM_INFINITY};

	state_path("", state, sizeof(state));
	sandbox_files(places, sizeof(places) / sizeof(places[0]));
	priv_limit(&need);
	closer_start(ipvsd->base, filter_calls);
	priv_no_forks();
	filter_calls();
}

static void
start(
    struct ipvsd *ipvsd, const struct options *options, struct parser_job *job)
{
	static const struct parse_handlers parse_handlers = {
	    .report = reload_report,
	    .done = reload_parsed,
	};
	struct parser parser;

	priv_run_dir(ipvsd->dir, USER_IPVSD);
	state_init(ipvsd->dir);
	job->needed = !state_has(STATE_GENERATION);
	parser_start(&parser, job);
	ipvsd->base = base_new();
	ipvsd->broker = broker_new(ipvsd->base, ipvsd->dir, broker_link, ipvsd);
	control_init(ipvsd);
	priv_drop(USER_IPVSD, PRIV_NET_ADMIN);
	gone_init(ipvsd);
	start_signals(ipvsd);
	notify_watchdog(ipvsd->base);
	load_overrides(ipvsd);
	instances_init(ipvsd);
	snapshot_init(ipvsd);
	may_preempt_init(ipvsd);
	ipvsd->health = health_new(ipvsd);
	ipvsd->slow_start = slow_start_new(ipvsd);
	ipvsd->parse = parse_new(ipvsd->base, &parser, &parse_handlers, ipvsd);
	dispatch_init(ipvsd);
	ipvsd->reload = reload_new(ipvsd);
	start_kernel(ipvsd);
	take_ends(ipvsd, options);
	reload_first(ipvsd);
}

static void
stop(struct ipvsd *ipvsd)
{
	broker_free(ipvsd->broker);
	reload_free(ipvsd->reload);
	kernel_free(ipvsd->kernel);
	parse_free(ipvsd->parse);
	ctl_server_free(ipvsd->ctl);
	link_free(ipvsd->vrrpd);
	link_free(ipvsd->checkd);
	if (ipvsd->running != NULL)
		instances_free(ipvsd->running);
	running_free(ipvsd->running);
	health_free(ipvsd->health);
	slow_start_free(ipvsd->slow_start);
	override_free(ipvsd->overrides);
}

int
main(int argc, char *argv[])
{
	static struct parser_job job;
	static struct ipvsd ipvsd;
	struct options options;

	ipvsd.started = clock_monotonic();
	if (parse_options(&job, &options, argc, argv))
		parser_check(&job);
	ipvsd.dir = whole_name(options.dir);
	ipvsd.file = job.file;
	ipvsd.node = job.node;
	/* The log goes to stderr until ipvsd is ready, also before it is in the
	 * background. */
	log_init("ipvsd", true, options.verbose);
	log_loop_messages();
	if (!options.foreground)
		background_begin("ipvsd");
	notify_init();
	start(&ipvsd, &options, &job);
	confine(&ipvsd);
	loop_run(ipvsd.base, AWAKE_NS);
	stop(&ipvsd);
	return ipvsd.status;
}
