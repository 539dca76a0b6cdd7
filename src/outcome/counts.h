/* What the threads of sessions count (sys/tally.h): the numbers of the tallies. Their names for
 * people stand in web/metrics.c. */
#ifndef OUTCOME_COUNTS_H
#define OUTCOME_COUNTS_H

#include "base/dns.h"
#include "base/histogram.h"
#include "outcome/cause.h"
#include "outcome/judged.h"

enum count {
    COUNT_CONNECTIONS, /* of clients */
    COUNT_CONNECTIONS_ENDED,
    COUNT_CONNECTIONS_REFUSED, /* at the greeting */
    COUNT_TLS_NEW,             /* handshakes of clients: whole ones, */
    COUNT_TLS_RESUMED,         /* of sessions that are begun again, */
    COUNT_TLS_FAILED,          /* and that came to nothing */
    COUNT_MESSAGES,            /* that got their 250 */
    COUNT_MESSAGE_BYTES,
    COUNT_HANDED_IN,      /* through the drop folder */
    COUNT_FILTER_REFUSED, /* what filters (milters) said: no, */
    COUNT_FILTER_DISCARDED,
    COUNT_FILTER_HELD,
    COUNT_FILTER_FAILED,               /* and how often one could not say */
    COUNT_SIGNED,                      /* of users whose domain has a key: signed by it, */
    COUNT_SIGNED_ALREADY,              /* or by somebody else of the domain, */
    COUNT_NOT_SIGNED,                  /* or neither */
    COUNT_SPF,                         /* of messages of strangers: one for each enum spf_result, */
    COUNT_DKIM = COUNT_SPF + 7,        /* for each enum dkim_verdict_result of a signature, */
    COUNT_DKIM_NONE = COUNT_DKIM + 4,  /* those without one, */
    COUNT_DMARC,                       /* for each enum dmarc_result, */
    COUNT_ARC = COUNT_DMARC + 5,       /* and for each enum arc_state; */
    COUNT_UNAUTHENTIC = COUNT_ARC + 3, /* those refused because of it, */
    COUNT_UNAUTHENTIC_FOR_NOW,         /* for good and for now */
    COUNT_NOTICES_JUDGED, /* notices that came: one for each enum verdict_class but the last, */
    COUNT_NOTICES_UNJUDGED =
        COUNT_NOTICES_JUDGED + VERDICT_NOT_A_BOUNCE, /* those left as they are, */
    COUNT_NOTICES_REFUSED,                           /* and those refused; */
    COUNT_NOTICES_KEPT_OUT,                          /* of a flood: kept out of a mailbox, */
    COUNT_NOTICES_REFUSED_IN_FLOOD,                  /* or refused */
    COUNT_FORGED_DOMAINS_TOLD,                       /* how often postmaster heard of one */
    COUNT_CLIENT_WELCOME, /* recipients, by what their client's points have led to */
    COUNT_CLIENT_GREYLISTED,
    COUNT_CLIENT_REFUSED,
    COUNT_HARMFUL_LINKS, /* in messages of our own accounts: one for each enum link_fault but 0, */
    COUNT_LINKS_UNKNOWN = COUNT_HARMFUL_LINKS + 4, /* and messages of which a list said nothing */
    COUNT_CLIENT_UNKNOWN,                          /* clients of which not all could be found out */
    COUNT_REFUSALS_NOT_KEPT,                       /* that found no room in the book */
    COUNT_COMPLAINTS,                              /* of recipients: noted, */
    COUNT_COMPLAINTS_AGAIN,                        /* those that were noted before, */
    COUNT_COMPLAINTS_UNPROVEN,                     /* and those about nothing that we have sent */
    COUNT_LOOKUPS, /* answers of the DNS: one for each enum dns_result */
    COUNT_CONNECTED = COUNT_LOOKUPS + DNS_RESULTS, /* to a next hop */
    COUNT_UNREACHABLE,                             /* all of its addresses */
    COUNT_REFUSALS, /* negative replies to clients: one for each cause, */
    COUNT_REFUSALS_OF_PROTOCOL = COUNT_REFUSALS + CAUSE_COUNT, /* and for wrong commands */
    COUNT_ACCEPT_TIMES, /* from the final dot to the 250: ranges, and one above all */
    COUNT_ACCEPT_TIMES_SUM = COUNT_ACCEPT_TIMES + HISTOGRAM_MOST + 1,
    COUNTS
};

extern const struct histogram_shape accept_times; /* µs */

/* Which of COUNT_REFUSALS a reply is. */
enum count count_of_refusal(int code, struct status status, struct span words);

#endif
