/* What honest people send, made up: a person's mail over some months, with all that looks like a
 * break-in and is none (invitations, the same letter to many, journeys, new computers, lists with
 * dead addresses). Every number is in `struct traffic`; bench/README.md says how they compare with
 * what is known of real mail. */
#ifndef BENCH_GUARD_TRAFFIC_H
#define BENCH_GUARD_TRAFFIC_H

#include "guard_chance.h"

#include <stddef.h>

/* A message to other servers. Recipients are numbers of contacts; those of others have their own.
 */
struct sending {
    int64_t ms;
    uint64_t client, network, text, links[2];
    uint16_t country;
    size_t first, count; /* of its recipients, in the person's `recipients` */
};

struct person {
    struct sending *sent; /* in order of time */
    size_t sent_count, sent_room;
    uint64_t *recipients;
    unsigned char *is_dead; /* of each recipient: unknown user */
    size_t recipient_count, recipient_room;
    int64_t *changes; /* of forwarding or rules */
    size_t change_count;
    uint64_t contacts; /* numbers below this are known to be in use */
};

/* Shares and probabilities from 0 to 1; a median comes with the spread of its logarithm. */
struct traffic {
    const char *name;
    unsigned people, days;
    double begins_meanwhile;                               /* people whose account is new */
    double weekday, weekend;                               /* on which they send at all */
    double messages, messages_spread, messages_day_spread; /* a day of sending; between people */
    double several, several_more; /* has several recipients; each has one more behind it */
    double new_contact;           /* a recipient nobody has been written to before, median, */
    double new_contact_spread;    /* between people */
    double invitations, invitation_size, invitation_spread; /* a year; recipients */
    double mergers, merger_size, merger_spread; /* the same letter to each of many; a year */
    double hunts;                               /* for a job, a flat: letters day for day; a year */
    double club, club_size, club_spread, club_mails; /* has one; members; mails a year */
    double journeys, abroad, devices, mobile; /* a year; of those; a year; has a mobile network */
    double link, link_is_new, signature_link;
    double typo, dead_in_list; /* unknown users among new recipients */
    double refused;            /* messages that are taken for spam */
    double changes;            /* of forwarding or rules; a year */
};

/* "office", on which thresholds are chosen; "provider" and "rough", on which they are reported.
 * NULL: none of that name. */
const struct traffic *traffic_named(const char *name);

enum { TRAFFIC_DAY_MS = 24 * 3600 * 1000 };
#define TRAFFIC_BEGIN_MS (INT64_C(20500) * TRAFFIC_DAY_MS)

void person_make(struct person *p, const struct traffic *t, uint64_t seed);
void person_free(struct person *p);

#endif
