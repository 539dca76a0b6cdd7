/* Options of which strangers are let in. */
#include "config/options_rows.h"

enum { MOST_POINTS = 1000 };

static const struct option rows[] = {
    {"dns-list", OPTION_DNS_LIST, AT(entry.dns_lists), AT(entry.dns_list_count), "", 0, 0,
     "A list of bad or good senders that is asked by the DNS about each client that is not "
     "trusted, "
     "and the points that its answers count: see WHOM WE LET IN. May be given several times."},
    {"let-in", OPTION_NETWORK, AT(entry.let_in), AT(entry.let_in_count), "", 0, 0,
     "A network whose clients get no points, whatever is known of them. May be given several "
     "times."},
    {"greylist-points", OPTION_NUMBER, AT(entry.greylist_points), 0, "0", 0, MOST_POINTS,
     "A client with so many points is asked to come again a little later (greylisting, RFC 6647), "
     "as mail servers do by themselves, and most programs that send spam do not. When it has, its "
     "network is known, and waits no more. 0: nobody is asked to."},
    {"refuse-points", OPTION_NUMBER, AT(entry.refuse_points), 0, "0", 0, MOST_POINTS,
     "A client with so many points is refused, and told why, and what to do. postmaster and abuse "
     "get its mail all the same. 0: nobody is refused."},
    {"points-no-reverse-name", OPTION_NUMBER, AT(entry.points_no_reverse_name), 0, "3", 0,
     MOST_POINTS, "The points of a client whose address has no name in the reverse DNS (PTR)."},
    {"points-reverse-name-unconfirmed", OPTION_NUMBER, AT(entry.points_reverse_name_unconfirmed), 0,
     "2", 0, MOST_POINTS,
     "The points of a client whose name in the reverse DNS does not lead back to its address."},
    {"points-generic-name", OPTION_NUMBER, AT(entry.points_generic_name), 0, "2", 0, MOST_POINTS,
     "The points of a client whose name is made of its address, as providers name the connections "
     "of homes and rented machines."},
    {"points-hello-malformed", OPTION_NUMBER, AT(entry.points_hello_malformed), 0, "2", 0,
     MOST_POINTS,
     "The points of a client that says in EHLO or HELO what is no whole host name, such as a name "
     "without a dot."},
    {"points-hello-unknown", OPTION_NUMBER, AT(entry.points_hello_unknown), 0, "2", 0, MOST_POINTS,
     "The points of a client that says a host name which is not in the DNS."},
    {"points-hello-ours", OPTION_NUMBER, AT(entry.points_hello_ours), 0, "5", 0, MOST_POINTS,
     "The points of a client that says the name of this server."},
    {"points-hello-other-address", OPTION_NUMBER, AT(entry.points_hello_other_address), 0, "3", 0,
     MOST_POINTS,
     "The points of a client that says an address which is not its own ([192.0.2.7])."},
    {"greylist-wait", OPTION_DURATION, AT(entry.greylist_wait), 0, "1m", SECOND, DAY,
     "How long a client with points waits at least until it may come again. Servers mostly do "
     "after five to thirty minutes, whatever is said here."},
    {"greylist-retry", OPTION_DURATION, AT(entry.greylist_retry), 0, "1d", MINUTE / 6,
     7 * (uint64_t)DAY, "How long it may take to come again; after that it is new."},
    {"greylist-keep", OPTION_DURATION, AT(entry.greylist_keep), 0, "36d", MINUTE,
     400 * (uint64_t)DAY, "How long a network that has come again is known, from its last mail."},
    {"keep-refusals", OPTION_NUMBER, AT(entry.keep_refusals), 0, "20000", 0, 1000000,
     "How many refusals are remembered, so that plainpost-trace(1) can say why somebody's mail was "
     "not taken; the oldest go, and all that are older than keep-story. Those of addresses that do "
     "not exist here are counted apart, and may be as many again. 0: none; they are in the log "
     "only.",
     true},
};

const struct option_rows entry_options = ROWS(rows);
