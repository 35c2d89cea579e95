/* SPDX-License-Identifier: ISC */
/* The table of keepalived's words; see keepalived.h. */
#include "load/keepalived.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conf/schema.h"

#define MISSING(what) NULL, "this version does not have " what " yet"
#define RUNS_NONE                                                        \
	"this version runs no scripts yet, `vipctl monitor` tells what " \
	"happens"
#define SENDS_NONE                                                          \
	"this version sends none of that yet, `vipctl monitor` tells what " \
	"happens"
#define BY_HOST	  "it belongs to the host's own network configuration"
#define BY_NODES  "it is not needed: `nodes` of vrrp say who is preferred"
#define BY_CHECK  "it is not needed: `vipctl check` names what the RFCs forbid"
#define BY_RFC	  "it is always 3, as RFC 9568 says"
#define ANSWERS	  "it is not needed: a master answers as RFC 9568 says"
#define YIELDS	  "it is not needed: a master yields as RFC 9568 says"
#define BY_UNITS  "it is not needed: systemd's units say how the daemons run"
#define BY_STATUS "it is not needed: `vipctl status` and `vipctl -j` tell it"

/* clang-format off: a table */

const struct keepalived_word keepalived_words[] = {
    /* Blocks. */
    {"vrrp_instance", "configuration", "vrrp: {NAME: {...}}"},
    {"virtual_server", "configuration",
	"services: {NAME: {address: ADDRESS:PORT, ...}}"},
    {"virtual_server_group", "service", "addresses: [ADDRESS:PORT, ...]"},
    {"real_server", "service", "servers: [ADDRESS, ...]"},
    {"vrrp_sync_group", MISSING("`sync_groups`")},
    {"vrrp_script", MISSING("`track`")},
    {"vrrp_track_process", MISSING("`track`")},
    {"bfd_instance", MISSING("BFD")},
    {"global_defs", NULL,
	"what it has belongs to `ipvs` and to each of `vrrp`"},
    {"static_ipaddress", NULL, BY_HOST},
    {"static_routes", NULL, BY_HOST},
    {"static_rules", NULL, BY_HOST},
    {"include", NULL, "files in conf.d beside this one are read as well"},
    /* Who and when. */
    {"router_id", "configuration", "cluster"},
    {"default_interface", "vrrp", "interface"},
    {"virtual_router_id", "vrrp", "vrid"},
    {"state", NULL, BY_NODES},
    {"priority", "vrrp", "nodes: {NODE: PRIORITY, ...}"},
    {"advert_int", "vrrp", "interval: 1s"},
    {"vrrp_version", "vrrp", "version"},
    {"nopreempt", "vrrp", "preempt: false"},
    {"preempt_delay", "vrrp", "preempt: 30s"},
    {"vrrp_startup_delay", "vrrp", "start_delay"},
    {"vrrp_delay_after_boot", "vrrp", "start_delay"},
    {"vrrp_owner_ignore_adverts", "vrrp", "owner_ignore_adverts"},
    {"v3_checksum_as_v2", "vrrp", "checksum: rfc9568"},
    {"vrrp_strict", NULL, BY_CHECK},
    {"strict_mode", NULL, BY_CHECK},
    {"mcast_src_ip", "vrrp", "source"},
    {"unicast_src_ip", "vrrp", "source"},
    {"unicast_peer", "vrrp", "unicast: true"},
    {"unicast_ttl", NULL,
	"it is not needed: adverts leave with TTL 255, as RFC 9568 says"},
    {"old_unicast_checksum", "vrrp", "checksum: rfc5798"},
    {"unicast_fault_no_peer", NULL,
	"it is not needed: `unicast` without a peer is an error"},
    {"check_unicast_src", NULL,
	"it is not needed: with `unicast` nodes alone are heard"},
    {"vrrp_check_unicast_src", NULL,
	"it is not needed: with `unicast` nodes alone are heard"},
    {"auth_type", MISSING("`authentication`")},
    {"auth_pass", MISSING("`authentication`")},
    {"auth_hmac", MISSING("`authentication`")},
    {"use_vmac", MISSING("`virtual_mac: true`")},
    {"use_vmac_addr", MISSING("`virtual_mac: true`")},
    {"vmac_xmit_base", MISSING("`virtual_mac: true`")},
    {"vmac_prefix", MISSING("`virtual_mac: true`")},
    {"use_ipvlan", MISSING("`virtual_mac: true`")},
    {"no_accept", MISSING("`accept: false`")},
    {"lower_prio_no_advert", NULL, ANSWERS},
    {"vrrp_lower_prio_no_advert", NULL, ANSWERS},
    {"higher_prio_send_advert", NULL, YIELDS},
    {"vrrp_higher_prio_send_advert", NULL, YIELDS},
    {"down_timer_adverts", NULL, BY_RFC},
    {"vrrp_down_timer_adverts", NULL, BY_RFC},
    {"dynamic_interfaces", NULL,
	"it is not needed: interfaces may come and go"},
    {"log_unknown_vrids", NULL,
	"it is not needed: such adverts are counted, see `vipctl -j`"},
    {"linkbeat_use_polling", NULL,
	"it is not needed: the kernel tells of links"},
    /* Addresses. */
    {"virtual_ipaddress", "vrrp", "addresses: [ADDRESS/PREFIX, ...]"},
    {"virtual_ipaddress_excluded", "vrrp",
	"more_addresses: [ADDRESS/PREFIX, ...]"},
    {"dev", "address", "interface"},
    {"brd", NULL, "it is not needed: the kernel knows the broadcast address"},
    {"promote_secondaries", NULL,
	"it is not needed: it is always set where addresses are held"},
    {"virtual_routes", MISSING("`routes`")},
    {"virtual_rules", MISSING("`rules`")},
    {"garp_master_repeat", "vrrp", "garp: {count: 5}"},
    {"vrrp_garp_master_repeat", "vrrp", "garp: {count: 5}"},
    {"garp_master_delay", "vrrp", "garp: {repeat_after: 5s}"},
    {"vrrp_garp_master_delay", "vrrp", "garp: {repeat_after: 5s}"},
    {"garp_master_refresh", "vrrp", "garp: {refresh: 60s}"},
    {"vrrp_garp_master_refresh", "vrrp", "garp: {refresh: 60s}"},
    {"garp_interval", "vrrp", "garp: {interval: 10ms}"},
    {"gna_interval", "vrrp", "garp: {interval: 10ms}"},
    {"vrrp_garp_interval", "vrrp", "garp: {interval: 10ms}"},
    {"vrrp_gna_interval", "vrrp", "garp: {interval: 10ms}"},
    {"garp_group", "vrrp", "garp"},
    {"vrrp_min_garp", "vrrp", "garp: {count: 1}"},
    /* What is tracked and told. */
    {"track_interface", MISSING("`track`")},
    {"track_script", MISSING("`track`")},
    {"script", MISSING("`track`")},
    {"init_fail", MISSING("`track`")},
    {"track_process", MISSING("`track`")},
    {"track_file", MISSING("`track`")},
    {"track_bfd", MISSING("`track`")},
    {"track_src_ip", MISSING("`track`")},
    {"dont_track_primary", NULL,
	"it is not needed: an instance needs its own interface"},
    {"notify", NULL, RUNS_NONE},
    {"notify_master", NULL, RUNS_NONE},
    {"notify_backup", NULL, RUNS_NONE},
    {"notify_fault", NULL, RUNS_NONE},
    {"notify_stop", NULL, RUNS_NONE},
    {"notify_deleted", NULL, RUNS_NONE},
    {"notify_master_rx_lower_pri", NULL, RUNS_NONE},
    {"notify_priority_changes", NULL, RUNS_NONE},
    {"vrrp_notify_priority_changes", NULL, RUNS_NONE},
    {"notify_up", NULL, RUNS_NONE},
    {"notify_down", NULL, RUNS_NONE},
    {"rs_init_notifies", NULL, RUNS_NONE},
    {"quorum_up", NULL, RUNS_NONE},
    {"quorum_down", NULL, RUNS_NONE},
    {"notify_fifo", NULL, RUNS_NONE},
    {"notify_fifo_script", NULL, RUNS_NONE},
    {"vrrp_notify_fifo", NULL, RUNS_NONE},
    {"vrrp_notify_fifo_script", NULL, RUNS_NONE},
    {"lvs_notify_fifo", NULL, RUNS_NONE},
    {"startup_script", NULL, RUNS_NONE},
    {"shutdown_script", NULL, RUNS_NONE},
    {"script_user", NULL, RUNS_NONE},
    {"enable_script_security", NULL, RUNS_NONE},
    {"smtp_alert", NULL, SENDS_NONE},
    {"smtp_alert_vrrp", NULL, SENDS_NONE},
    {"smtp_alert_checker", NULL, SENDS_NONE},
    {"smtp_server", NULL, SENDS_NONE},
    {"smtp_connect_timeout", NULL, SENDS_NONE},
    {"smtp_helo_name", NULL, SENDS_NONE},
    {"notification_email", NULL, SENDS_NONE},
    {"notification_email_from", NULL, SENDS_NONE},
    {"no_email_faults", NULL, SENDS_NONE},
    {"no_checker_emails", NULL, SENDS_NONE},
    {"snmp_socket", NULL, SENDS_NONE},
    {"snmp_name", NULL, SENDS_NONE},
    {"enable_snmp_vrrp", NULL, SENDS_NONE},
    {"enable_snmp_checker", NULL, SENDS_NONE},
    {"enable_snmp_rfc", NULL, SENDS_NONE},
    {"enable_snmp_rfcv2", NULL, SENDS_NONE},
    {"enable_snmp_rfcv3", NULL, SENDS_NONE},
    {"enable_traps", NULL, SENDS_NONE},
    {"enable_dbus", NULL, SENDS_NONE},
    {"dbus_service_name", NULL, SENDS_NONE},
    /* The kernel's table. */
    {"lvs_timeouts", "ipvs", "timeouts: {tcp: 15m, tcp_fin: 2m, udp: 5m}"},
    {"lvs_sync_daemon", "ipvs", "sync"},
    {"lvs_sync_daemon_interface", "ipvs", "sync: {interface: NAME}"},
    {"lvs_flush", "ipvs", "foreign: remove"},
    {"lvs_flush_on_stop", "ipvs", "on_stop: flush"},
    {"lvs_flush_onstop", "ipvs", "on_stop: flush"},
    /* Services. */
    {"lb_algo", "service", "scheduler"},
    {"lvs_sched", "service", "scheduler"},
    {"lb_kind", "service", "forward"},
    {"lvs_method", "service", "forward"},
    {"delay_loop", "check", "interval"},
    {"persistence_timeout", "service", "persistence: {timeout: 5m}"},
    {"persistence_granularity", "service",
	"persistence: {timeout: 5m, prefix: 24}"},
    {"persistence_engine", MISSING("another persistence than by address")},
    {"ops", "service", "one_packet: true"},
    {"hashed", "service", "flags"},
    {"sh-port", "service", "flags: [sh-port]"},
    {"sh-fallback", "service", "flags: [sh-fallback]"},
    {"mh-port", "service", "flags: [mh-port]"},
    {"mh-fallback", "service", "flags: [mh-fallback]"},
    {"flag-1", "service", "flags"},
    {"flag-2", "service", "flags"},
    {"flag-3", "service", "flags"},
    {"alpha", "service", "start: down"},
    {"omega", NULL, "it is not needed: nothing is run when a service stops"},
    {"hysteresis", MISSING("`quorum`")},
    {"sorry_server_inhibit", MISSING("`sorry_server`")},
    {"sorry_server_lvs_method", MISSING("`sorry_server`")},
    {"inhibit_on_failure", "service", "when_down: weight_zero"},
    {"ip_family", MISSING("`family`")},
    {"ha_suspend", NULL, "it is not needed: only a master balances"},
    {"uthreshold", "server", "max_connections"},
    {"lthreshold", "server", "min_connections"},
    /* Checks. */
    {"TCP_CHECK", "service", "check: {type: tcp}"},
    {"HTTP_GET", "service", "check: {type: http}"},
    {"SSL_GET", MISSING("checks by TLS")},
    {"MISC_CHECK", MISSING("`type: exec`")},
    {"misc_path", MISSING("`type: exec`")},
    {"misc_timeout", MISSING("`type: exec`")},
    {"misc_dynamic", MISSING("`type: exec`")},
    {"SMTP_CHECK", MISSING("`type: smtp`")},
    {"helo_name", MISSING("`type: smtp`")},
    {"DNS_CHECK", MISSING("`type: dns`")},
    {"PING_CHECK", MISSING("`type: ping`")},
    {"UDP_CHECK", MISSING("`type: udp`")},
    {"payload", MISSING("`type: udp`")},
    {"require_reply", MISSING("`type: udp`")},
    {"BFD_CHECK", MISSING("BFD")},
    {"FILE_CHECK", MISSING("`type: exec`")},
    {"warmup", "check", "warm_up"},
    {"connect_timeout", "check", "timeout"},
    {"connect_port", "check", "port"},
    {"connect_ip", MISSING("the `address` of a check")},
    {"bindto", MISSING("the source of a check")},
    {"bind_if", MISSING("the source of a check")},
    {"bind_port", MISSING("the source of a check")},
    {"retry", "check", "fall: TRIES"},
    {"nb_get_retry", "check", "fall: TRIES"},
    {"delay_before_retry", NULL,
	"it is not needed: a check runs every `interval`"},
    {"virtualhost", "check", "host"},
    {"url", "check", "path"},
    {"status_code", "check", "expect: {status: 200}"},
    {"digest", "check", "expect: {body: TEXT}"},
    {"regex", MISSING("`body_regex`")},
    {"http_protocol", NULL, "it is not needed: a check speaks HTTP/1.1"},
    {"enable_sni", MISSING("checks by TLS")},
    {"sni_name", MISSING("checks by TLS")},
    /* The processes. */
    {"vrrp_priority", NULL, BY_UNITS},
    {"checker_priority", NULL, BY_UNITS},
    {"bfd_priority", NULL, BY_UNITS},
    {"vrrp_rt_priority", NULL, BY_UNITS},
    {"checker_rt_priority", NULL, BY_UNITS},
    {"bfd_rt_priority", NULL, BY_UNITS},
    {"vrrp_no_swap", NULL, BY_UNITS},
    {"checker_no_swap", NULL, BY_UNITS},
    {"vrrp_rlimit_rttime", NULL, BY_UNITS},
    {"checker_rlimit_rttime", NULL, BY_UNITS},
    {"max_auto_priority", NULL, BY_UNITS},
    {"vrrp_cpu_affinity", NULL, BY_UNITS},
    {"checker_cpu_affinity", NULL, BY_UNITS},
    {"process_names", NULL, BY_UNITS},
    {"vrrp_process_name", NULL, BY_UNITS},
    {"checker_process_name", NULL, BY_UNITS},
    {"umask", NULL, BY_UNITS},
    {"use_pid_dir", NULL, BY_UNITS},
    {"child_wait_time", NULL, BY_UNITS},
    {"net_namespace", NULL, BY_UNITS},
    {"state_dump_file", NULL, BY_STATUS},
    {"stats_dump_file", NULL, BY_STATUS},
    {"json_dump_file", NULL, BY_STATUS},
    {"json_version", NULL, BY_STATUS},
    {"lvs_notify_fifo_script", NULL, RUNS_NONE},
    {"reload_check_config", NULL,
	"it is not needed: a bad file changes nothing"},
    /* Values. */
    {"MASTER", NULL, BY_NODES},
    {"BACKUP", NULL, BY_NODES},
    {"DR", "service", "forward: direct"},
    {"NAT", "service", "forward: nat"},
    {"TUN", MISSING("`forward: tunnel`")},
    {NULL, NULL, NULL},
};

/* clang-format on */

/* In large or small letters, and with - for _. */
static bool
is_word(const char *word, const char *text)
{
	for (; *word != '\0' && *text != '\0'; word++, text++) {
		if (tolower((unsigned char)*word) !=
			tolower((unsigned char)*text) &&
		    !(*word == '_' && *text == '-'))
			return false;
	}
	return *word == *text;
}

const char *
keepalived_hint(const char *word, char buf[KEEPALIVED_HINT])
{
	const struct keepalived_word *k = keepalived_words;

	while (k->word != NULL && !is_word(k->word, word))
		k++;
	if (k->word == NULL)
		return NULL;
	if (k->in == NULL)
		snprintf(buf, KEEPALIVED_HINT, "keepalived's: %s", k->use);
	else if (strcmp(k->in, conf_schema_root.name) == 0)
		snprintf(buf, KEEPALIVED_HINT,
		    "keepalived's: use `%s` at the top of a file", k->use);
	else
		snprintf(buf, KEEPALIVED_HINT, "keepalived's: use `%s` in %s",
		    k->use, k->in);
	return buf;
}
