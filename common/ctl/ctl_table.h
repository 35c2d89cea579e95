/* SPDX-License-Identifier: ISC */
/*
 * The rows of the control sockets: their kinds, and the keys of each with type
 * and unit. Daemons write rows by this table (ctl_row.h), clients read them by
 * it (ctl_client.h), and the table of HACKING.md is printed from it
 * (tests/house/print-rows.c). A name, a type and a unit never change their
 * meaning. A new key comes where it is to be shown; an older client passes it
 * over.
 */
#ifndef COMMON_CTL_CTL_TABLE_H
#define COMMON_CTL_CTL_TABLE_H

#include "role.h"

/*
 * X(id, text, type on the wire, type of the member in struct ctl_row_KIND):
 * what a value is. A WORD is one of those that its row lists, a DIGEST 16 hex
 * digits. An ID is a number that names or sets something. A GAUGE goes up and
 * down; a COUNTER only grows, from 0 at the daemon's start (a kernel's counter
 * from when the kernel got the object). AGO, LEFT and SPAN are times relative
 * to now and the length of one.
 */
#define CTL_SORT_TABLE(X)                                  \
	X(TEXT, "text", CTL_STRING, struct ctl_text)       \
	X(WORD, "word", CTL_STRING, struct ctl_text)       \
	X(ADDRESS, "address", CTL_STRING, struct ctl_addr) \
	X(DIGEST, "digest", CTL_STRING, struct ctl_digest) \
	X(FLAG, "boolean", CTL_BOOL, struct ctl_flag)      \
	X(ID, "number", CTL_UINT, struct ctl_number)       \
	X(GAUGE, "gauge", CTL_UINT, struct ctl_number)     \
	X(COUNTER, "counter", CTL_UINT, struct ctl_number) \
	X(AGO, "time since", CTL_UINT, struct ctl_time)    \
	X(LEFT, "time left", CTL_UINT, struct ctl_time)    \
	X(SPAN, "duration", CTL_UINT, struct ctl_time)     \
	X(CLOCK, "wall clock", CTL_UINT, struct ctl_time)

/*
 * X(kind, daemons that tell it, their command, help)
 */
#define CTL_KIND_TABLE(X)                                                \
	X(daemon, MD, "summary", "the daemon itself")                    \
	X(link, MD, "links", "the daemon's end of a link")               \
	X(event, MD, "monitor", "something has changed")                 \
	X(instance, MV, "instances", "an instance of VRRP")              \
	X(receive, MV, "receive",                                        \
	    "packets that were dropped before an instance was found")    \
	X(configuration, MI, "summary",                                  \
	    "the configuration in force, and what this host is in it")   \
	X(lease, MI, "leases",                                           \
	    "the right of vrrpd to an instance's addresses")             \
	X(address, MI, "leases", "an address of the instance before it") \
	X(service, MI, "services", "a service; its servers follow")      \
	X(server, MI, "services", "a server of the service before it")   \
	X(override, MI, "services",                                      \
	    "what an operator has set for a server that is not there")   \
	X(kernel, MI, "kernel", "what is between ipvsd and the kernel")  \
	X(text, MI, "config", "a piece of the canonical configuration")  \
	X(report, MI, "reload", "a finding in the configuration")        \
	X(probe, MK, "probes", "what is checked, and what was found")    \
	X(counters, MK, "counters", "what checkd has done")

/*
 * CTL_KEYS_kind(X, N), in the order in which they are shown:
 * X(key, sort, unit, whether the row always has it, help); of a WORD the words
 * are where the unit is of others.
 * N(id, key, help): a counter of packets; id is vrrpd/packet/packet_drop.h's.
 */
#define CTL_KEYS_daemon(X, N)                                                 \
	X(daemon, WORD, "ipvsd, vrrpd, checkd", ALWAYS, "which daemon it is") \
	X(version, TEXT, "", ALWAYS, "of the program")                        \
	X(pid, ID, "", ALWAYS, "the process")                                 \
	X(generation, DIGEST, "", ALWAYS,                                     \
	    "the configuration in force; 0: none yet")                        \
	X(node, TEXT, "", ALWAYS,                                             \
	    "this host's name in the configuration; empty: none yet")         \
	X(uptime_ms, AGO, "ms", ALWAYS, "its start")                          \
	X(ready, FLAG, "", ALWAYS, "it does its work")

#define CTL_KEYS_link(X, N)                                                 \
	X(daemon, WORD, "ipvsd, vrrpd, checkd", ALWAYS, "whose end it is")  \
	X(peer, WORD, "ipvsd, vrrpd, checkd, parser", ALWAYS,               \
	    "who has the other end")                                        \
	X(state, WORD, "down, up, refused", ALWAYS,                         \
	    "refused: the peer has lied too often")                         \
	X(since_ms, AGO, "ms", ALWAYS, "it got this state")                 \
	X(last_rx_ms, AGO, "ms", MAYBE, "a message came; absent: none yet") \
	X(pid, ID, "", ALWAYS, "the peer's process; 0: not known")          \
	X(level, ID, "", ALWAYS, "the peer's protocol level; 0: not known") \
	X(rx, COUNTER, "", ALWAYS, "messages that came")                    \
	X(tx, COUNTER, "", ALWAYS, "messages that were sent")               \
	X(queued, GAUGE, "", ALWAYS, "messages that wait to be sent")       \
	X(dropped_generation, COUNTER, "", ALWAYS,                          \
	    "messages that were dropped: of an old generation")             \
	X(dropped_unknown, COUNTER, "", ALWAYS,                             \
	    "messages that were dropped: of an unknown id")                 \
	X(dropped_newer, COUNTER, "", ALWAYS,                               \
	    "messages that were dropped: only a newer version has them")    \
	X(dropped_full, COUNTER, "", ALWAYS,                                \
	    "messages that found no room in the queue")                     \
	X(lies, COUNTER, "", ALWAYS, "lies of the peer")

#define CTL_KEYS_event(X, N)                                            \
	X(time_ms, CLOCK, "ms", ALWAYS, "when it happened")             \
	X(daemon, WORD, "ipvsd, vrrpd, checkd", ALWAYS, "who tells it") \
	X(object, TEXT, "", ALWAYS, "what sort of thing has changed")   \
	X(name, TEXT, "", ALWAYS, "which of them")                      \
	X(from, TEXT, "", ALWAYS, "its state before; may be empty")     \
	X(to, TEXT, "", ALWAYS, "its state now; may be empty")          \
	X(text, TEXT, "", ALWAYS, "why; may be empty")

/* Packets that were dropped. An instance has other values by the names version
 * and vrid, so these two counters have names that differ by kind. */
#define CTL_DROPS(N, version, vrid)                                            \
	N(TTL, ttl, "dropped: TTL or hop limit is too low")                    \
	N(DESTINATION, destination,                                            \
	    "dropped: to the group and not to us, or the reverse")             \
	N(SOURCE, source, "dropped: source is no unicast address")             \
	N(LENGTH, length, "dropped: truncated")                                \
	N(VERSION, version, "dropped: another or unknown version")             \
	N(TYPE, type, "dropped: not an advertisement")                         \
	N(ADDRESS_COUNT, address_count_zero, "dropped: lists no address")      \
	N(TRAILING, trailing, "dropped: bytes after the message")              \
	N(CHECKSUM, checksum, "dropped: bad checksum")                         \
	N(AUTH_TYPE, auth_type, "dropped: has an authentication type")         \
	N(INTERVAL_ZERO, interval_zero,                                        \
	    "dropped: advertisement interval is 0")                            \
	N(VRID_ZERO, vrid_zero, "dropped: VRID is 0")                          \
	N(VRID, vrid, "dropped: VRID is not configured")                       \
	N(WRONG_INTERFACE, wrong_interface,                                    \
	    "dropped: VRID is configured on another interface")                \
	N(SOURCE_OWN, source_own,                                              \
	    "dropped: own advert, or own address in use")                      \
	N(STRANGER, stranger, "dropped: another virtual router has this VRID") \
	N(REFUSED, refused,                                                    \
	    "dropped: source is no node's, and strangers are refused")         \
	N(CHECKSUM_DIALECT, checksum_dialect,                                  \
	    "dropped: checksum in the other dialect, and strict is set")       \
	N(FIRST_ADDRESS, first_address,                                        \
	    "dropped: first address is not link-local, and strict is set")     \
	N(INTERVAL_MISMATCH, interval_mismatch,                                \
	    "dropped: version 2 advert with another interval")                 \
	N(OWNER, owner, "dropped: heard by the owner, who ignores adverts")

/* Packets that were accepted and are odd. */
#define CTL_NOTES(N)                                                \
	N(INTERVAL, interval_differs,                               \
	    "accepted: another interval than configured here")      \
	N(ADDRESSES, addresses_differ,                              \
	    "accepted: other addresses than configured here")       \
	N(FIRST, first_address_tolerated,                           \
	    "accepted: first address is not link-local")            \
	N(OWNERS, two_owners, "accepted: has priority 255 as well") \
	N(EQUAL, equal_priority, "accepted: has the same priority") \
	N(MASTER, two_masters, "accepted: is master as well")

#define CTL_KEYS_instance(X, N)                                              \
	X(instance, TEXT, "", ALWAYS, "its name")                            \
	X(id, ID, "", ALWAYS, "its position in the configuration")           \
	X(state, WORD, "initialize, backup, acquiring, master, leaving",     \
	    ALWAYS, "of its state machine")                                  \
	X(since_ms, AGO, "ms", ALWAYS, "it got this state")                  \
	X(reason, TEXT, "", ALWAYS, "why it has this state")                 \
	X(interface, TEXT, "", ALWAYS, "where its adverts are sent")         \
	X(vrid, ID, "", ALWAYS, "the virtual router")                        \
	X(family, WORD, "inet, inet6", ALWAYS, "of its adverts")             \
	X(version, ID, "", ALWAYS, "of VRRP")                                \
	X(priority, ID, "", ALWAYS, "this host's")                           \
	X(interval_ms, SPAN, "ms", ALWAYS, "between its adverts")            \
	X(master, ADDRESS, "", ALWAYS, "who is master; -: nobody was heard") \
	X(master_priority, ID, "", ALWAYS, "the master's")                   \
	X(master_interval_ms, SPAN, "ms", ALWAYS,                            \
	    "between the master's adverts")                                  \
	X(next_ms, LEFT, "ms", ALWAYS, "its timer; 0: none runs")            \
	X(term, ID, "", ALWAYS, "the lease's; 0: none")                      \
	X(lease_ms, LEFT, "ms", ALWAYS, "the lease's end; 0: none")          \
	X(may_preempt, FLAG, "", ALWAYS,                                     \
	    "it may take over from a living master")                         \
	X(resigned, FLAG, "", ALWAYS, "an operator has made it resign")      \
	X(resigned_ms, LEFT, "ms", ALWAYS,                                   \
	    "the resignation's end; 0: none, or when it is enabled")         \
	X(odd, TEXT, "", MAYBE, "the last packet that was dropped or odd")   \
	X(odd_ms, AGO, "ms", MAYBE, "that packet came")                      \
	X(rival, TEXT, "", MAYBE,                                            \
	    "another master beside this router, or who speaks for the "      \
	    "instance's addresses elsewhere")                                \
	X(rival_ms, AGO, "ms", MAYBE, "that was heard last")                 \
	X(become_master, COUNTER, "", ALWAYS, "how often it became master")  \
	X(adverts_tx, COUNTER, "", ALWAYS, "adverts that were sent")         \
	X(adverts_rx, COUNTER, "", ALWAYS, "adverts that were accepted")     \
	X(priority_zero_tx, COUNTER, "", ALWAYS,                             \
	    "adverts that were sent with priority 0")                        \
	X(priority_zero_rx, COUNTER, "", ALWAYS,                             \
	    "adverts that were accepted with priority 0")                    \
	CTL_DROPS(N, version_count, vrid_count)                              \
	CTL_NOTES(N)                                                         \
	X(address_conflicts, COUNTER, "", ALWAYS,                            \
	    "ARP or neighbour advertisements of others for its addresses")   \
	X(send_errors, COUNTER, "", ALWAYS, "adverts that could not be sent")

#define CTL_KEYS_receive(X, N) CTL_DROPS(N, version, vrid)

#define CTL_KEYS_configuration(X, N)                                 \
	X(file, TEXT, "", ALWAYS, "what a reload reads")             \
	X(loaded_ms, CLOCK, "ms", ALWAYS, "when that was read last") \
	X(director, FLAG, "", ALWAYS, "this host is a director")     \
	X(serves, GAUGE, "", ALWAYS,                                 \
	    "services of which this host is a real server")

#define CTL_KEYS_lease(X, N)                                       \
	X(instance, TEXT, "", ALWAYS, "whose it is")               \
	X(id, ID, "", ALWAYS, "the instance's")                    \
	X(state, WORD, "none, acquiring, held, releasing", ALWAYS, \
	    "held: a term runs")                                   \
	X(may_preempt, FLAG, "", ALWAYS,                           \
	    "vrrpd was told that the instance may preempt")        \
	X(waiting, GAUGE, "", ALWAYS, "services without verdicts") \
	X(term, ID, "", ALWAYS, "the term's number; 0: none")      \
	X(left_ms, LEFT, "ms", ALWAYS, "the term's end; 0: none")  \
	X(reason, TEXT, "", ALWAYS, "why the last term was refused or ended")

#define CTL_KEYS_address(X, N)                                \
	X(instance, TEXT, "", ALWAYS, "whose it is")          \
	X(address, ADDRESS, "", ALWAYS, "the address")        \
	X(prefix, ID, "", ALWAYS, "the length of its prefix") \
	X(interface, TEXT, "", ALWAYS, "where it belongs")    \
	X(label, TEXT, "", ALWAYS, "its label; empty: none")  \
	X(present, FLAG, "", ALWAYS, "this host has it")      \
	X(leftover, TEXT, "", MAYBE,                          \
	    "that somebody else has left it here, while no term runs")

#define CTL_TRAFFIC(X)                                              \
	X(conns, COUNTER, "", ALWAYS, "connections")                \
	X(in_packets, COUNTER, "", ALWAYS, "packets from clients")  \
	X(out_packets, COUNTER, "", ALWAYS, "packets to clients")   \
	X(in_bytes, COUNTER, "bytes", ALWAYS, "bytes from clients") \
	X(out_bytes, COUNTER, "bytes", ALWAYS, "bytes to clients")

#define CTL_KEYS_service(X, N)                                                 \
	X(service, TEXT, "", ALWAYS, "its name")                               \
	X(id, ID, "", ALWAYS, "its position in the configuration")             \
	X(protocol, WORD, "tcp, udp", ALWAYS, "what it balances")              \
	X(address, ADDRESS, "", ALWAYS, "where clients reach it")              \
	X(port, ID, "", ALWAYS, "where clients reach it")                      \
	X(scheduler, TEXT, "", ALWAYS, "how a server is chosen")               \
	X(flags, TEXT, "", ALWAYS, "the scheduler's; may be empty")            \
	X(instance, TEXT, "", ALWAYS, "whose master balances it; empty: none") \
	X(role, WORD, "none, backup, master", ALWAYS,                          \
	    "what this host is in that instance")                              \
	X(persistence_s, SPAN, "s", ALWAYS,                                    \
	    "how long a client stays with a server; 0: no longer than its "    \
	    "connection")                                                      \
	X(in_kernel, FLAG, "", ALWAYS, "the kernel has it")                    \
	X(read_ms, AGO, "ms", MAYBE,                                           \
	    "its counters and its servers' were read; absent: not yet")        \
	CTL_TRAFFIC(X)

#define CTL_KEYS_server(X, N)                                                \
	X(service, TEXT, "", ALWAYS, "whose it is")                          \
	X(id, ID, "", ALWAYS, "its position in the configuration")           \
	X(address, ADDRESS, "", ALWAYS, "where it is reached")               \
	X(port, ID, "", ALWAYS, "where it is reached")                       \
	X(node, TEXT, "", ALWAYS, "the node that it is; empty: none")        \
	X(forward, WORD, "direct, nat", ALWAYS, "how packets get to it")     \
	X(weight, GAUGE, "", ALWAYS,                                         \
	    "the kernel's; 0: gets no new connections")                      \
	X(configured_weight, ID, "", ALWAYS, "the configuration's")          \
	X(max_connections, ID, "", MAYBE,                                    \
	    "as many connections it may have; absent: there is no limit")    \
	X(slow_start_percent, GAUGE, "%", MAYBE,                             \
	    "the part of its weight that it has while it starts slowly")     \
	X(in_kernel, FLAG, "", ALWAYS, "the kernel has it")                  \
	X(health, WORD, "unknown, up, down", ALWAYS, "of all its checks")    \
	X(reason, TEXT, "", ALWAYS,                                          \
	    "what its worst check found (link/health.h), or: not checked")   \
	X(detail, ID, "", ALWAYS,                                            \
	    "the errno or the HTTP status to that; 0: none")                 \
	X(latency_us, GAUGE, "us", ALWAYS, "how long that check took")       \
	X(since_ms, AGO, "ms", MAYBE, "that check has found this")           \
	X(probe, ID, "", MAYBE, "which that is, its id in checkd's probes")  \
	X(rise, ID, "", MAYBE,                                               \
	    "how often in a row that check must pass to be up")              \
	X(fall, ID, "", MAYBE, "how often in a row it must fail to be down") \
	X(stale, FLAG, "", ALWAYS, "checkd is lost, so this may be old")     \
	X(override, WORD, "none, drained, enabled", ALWAYS,                  \
	    "what an operator has set")                                      \
	X(active, GAUGE, "", ALWAYS, "active connections")                   \
	X(inactive, GAUGE, "", ALWAYS, "inactive connections")               \
	X(persistent, GAUGE, "", ALWAYS,                                     \
	    "clients that persistence brings back to it")                    \
	CTL_TRAFFIC(X)

#define CTL_KEYS_override(X, N)                                             \
	X(override, WORD, "drained, enabled", ALWAYS, "what has been set")  \
	X(protocol, WORD, "tcp, udp", ALWAYS, "the service's")              \
	X(address, ADDRESS, "", ALWAYS, "the service's")                    \
	X(port, ID, "", ALWAYS, "the service's")                            \
	X(server, ADDRESS, "", ALWAYS, "where the server was reached last") \
	X(server_port, ID, "", ALWAYS, "where the server was reached last") \
	X(node, TEXT, "", ALWAYS,                                           \
	    "the node that the operator named; empty: none")

#define CTL_KEYS_kernel(X, N)                                                 \
	X(ip_vs, WORD, "not needed, yes, no", ALWAYS, "the kernel has ip_vs") \
	X(configured_digest, DIGEST, "", ALWAYS,                              \
	    "of the table that it should have; 0: not known yet")             \
	X(live_digest, DIGEST, "", ALWAYS, "of the table that it has")        \
	X(netlink_commands, COUNTER, "", ALWAYS,                              \
	    "commands to the kernel, without renewals")                       \
	X(netlink_errors, COUNTER, "", ALWAYS, "commands that it refused")    \
	X(last_error, TEXT, "", MAYBE, "the last of these")                   \
	X(last_error_ms, AGO, "ms", MAYBE, "that was refused")                \
	X(last_resync_ms, AGO, "ms", MAYBE,                                   \
	    "the table was read; absent: not yet")                            \
	X(repaired, COUNTER, "", ALWAYS,                                      \
	    "what others had changed in the table and was put right")         \
	X(last_repair, TEXT, "", MAYBE, "the last of that")                   \
	X(last_repair_ms, AGO, "ms", MAYBE, "that was put right")             \
	X(foreign_services, GAUGE, "", ALWAYS,                                \
	    "services that are not of the configuration")                     \
	X(renewals, COUNTER, "", ALWAYS, "renewals of addresses")             \
	X(overruns, COUNTER, "", ALWAYS,                                      \
	    "how often the kernel told more than was read in time")           \
	X(waiting, GAUGE, "", ALWAYS, "services that wait for their turn")

#define CTL_KEYS_text(X, N) \
	X(text, TEXT, "", ALWAYS, "the piece; it may end anywhere")

#define CTL_KEYS_report(X, N)                               \
	X(severity, WORD, "note, warning, error", ALWAYS,   \
	    "an error refuses the configuration")           \
	X(lint, TEXT, "", MAYBE, "its name, if it has one") \
	X(text, TEXT, "", ALWAYS, "file, line and column, and what is wrong")

#define CTL_KEYS_probe(X, N)                                               \
	X(id, ID, "", ALWAYS, "its position in the configuration")         \
	X(check, TEXT, "", ALWAYS, "the check's name; empty: it has none") \
	X(type, WORD, "tcp, http", ALWAYS, "of the check")                 \
	X(address, ADDRESS, "", ALWAYS, "what is checked")                 \
	X(port, ID, "", ALWAYS, "what is checked")                         \
	X(health, WORD, "unknown, up, down", ALWAYS, "the verdict")        \
	X(reason, TEXT, "", ALWAYS,                                        \
	    "what the last check found (link/health.h)")                   \
	X(detail, ID, "", ALWAYS,                                          \
	    "the errno or the HTTP status to that; 0: none")               \
	X(latency_us, GAUGE, "us", ALWAYS, "how long the last check took") \
	X(since_ms, AGO, "ms", ALWAYS, "it got this health")               \
	X(last_ms, AGO, "ms", ALWAYS, "the last check ended")              \
	X(next_ms, LEFT, "ms", ALWAYS, "the next check; 0: one runs")      \
	X(interval_ms, SPAN, "ms", ALWAYS, "between its checks")           \
	X(successes, COUNTER, "", ALWAYS, "checks that were good")         \
	X(failures, COUNTER, "", ALWAYS, "checks that were bad")           \
	X(streak, GAUGE, "", ALWAYS, "how many of the last were alike")    \
	X(rise, ID, "", ALWAYS, "how many must be good to be up")          \
	X(fall, ID, "", ALWAYS, "how many must be bad to be down")         \
	X(skipped, COUNTER, "", ALWAYS,                                    \
	    "checks that were due while it was open or had no room")

#define CTL_KEYS_counters(X, N)                                             \
	X(probes, GAUGE, "", ALWAYS, "probes on this host")                 \
	X(open, GAUGE, "", ALWAYS, "checks that run")                       \
	X(open_max, ID, "", ALWAYS, "how many may run at once")             \
	X(started, COUNTER, "", ALWAYS, "checks that were started")         \
	X(succeeded, COUNTER, "", ALWAYS, "checks that were good")          \
	X(failed, COUNTER, "", ALWAYS, "checks that were bad")              \
	X(timeouts, COUNTER, "", ALWAYS, "checks that took too long")       \
	X(limited, COUNTER, "", ALWAYS,                                     \
	    "checks that a limit of checkd's own ended")                    \
	X(changes, COUNTER, "", ALWAYS, "changes of a probe's health")      \
	X(reloads, COUNTER, "", ALWAYS, "generations that came into force") \
	X(rejected, COUNTER, "", ALWAYS, "generations that were rejected")  \
	X(verdicts, COUNTER, "", ALWAYS,                                    \
	    "verdicts that were told, the sum of both siblings")

enum ctl_sort {
#define X(id, text, wire, type) CTL_SORT_##id,
	CTL_SORT_TABLE(X)
#undef X
	    CTL_SORT_MAX
};

enum ctl_kind_id {
#define X(kind, daemons, command, help) CTL_KIND_##kind,
	CTL_KIND_TABLE(X)
#undef X
	    CTL_KIND_MAX
};

#endif
