/* A whole mailbox of notices, sorted out: into piles by whose they are, in each by cause, recipient
 * and day, with what to do. Pure. Notices are added one after the other, and only counts and a
 * bounded number of names are kept of them.
 *
 * All texts are UTF-8 and live in `arena` of the triage; those of addresses come from outside: make
 * them harmless (base/visible.h). A time that is not known is 0. */
#ifndef BOUNCE_TRIAGE_H
#define BOUNCE_TRIAGE_H

#include "base/arena.h"
#include "base/map.h"
#include "bounce/advise.h"

/* In the order in which they are told: what needs somebody, what is open, what needs nobody. */
enum pile {
    PILE_ABUSED,     /* it left through their account, and not by them */
    PILE_YOURS,      /* a true notice about mail that is proven to be theirs */
    PILE_UNPROVEN,   /* a true notice; whose mail it was is not proven */
    PILE_CHALLENGES, /* a filter wants an answer */
    PILE_COMPLAINTS, /* somebody pressed "this is spam" */
    PILE_UNKNOWN,
    PILE_TRICKS,
    PILE_FORGED, /* about mail that they never sent */
    PILE_SPAM,   /* the same, and what came back is spam */
    PILE_REPLIES,
    PILE_OTHER /* no notice: counted only */
};
#define PILE_COUNT 11

enum pile pile_of(const struct notice *n, const struct verdict *v);
const char *pile_name(enum pile p); /* "forged": for machines */

/* The names that are kept: of recipients in one group, days of one pile, causes of one pile, mail
 * systems in all. What is beyond is counted only. */
enum { KEPT_RECIPIENTS = 4096, KEPT_DAYS = 400, KEPT_CAUSES = 48, KEPT_SYSTEMS = 100 };

/* By day, in the order of the calendar, in local time: the number of days since 1970. */
struct triage_day {
    int64_t day;
    size_t notices;
};
struct triage_days {
    struct triage_day days[KEPT_DAYS];
    size_t count;
    size_t further; /* notices of other days, or without a date that can be right */
    int64_t first_ms, last_ms;
};

struct triage_recipient {
    struct span address, key; /* as first seen; in small letters */
    size_t notices;
};
struct triage_recipients {
    struct map by_key;
    struct triage_recipient **list; /* those with the most first, once triage_finish was called */
    size_t count, room;
    size_t further; /* times that others were named */
};

/* Notices of one pile of which the same is to be said. */
struct triage_group {
    enum notice_action action;
    struct cause_found cause; /* of a failure */
    size_t notices;           /* a notice with several causes counts in the group of each */
    struct span headline;     /* "Inbox full" */
    struct span sentence;     /* empty where the pile's says it */
    struct span who;          /* "Who must act: The recipient." */
    enum actor actor;
    struct span steps[MOST_STEPS], checks[MOST_CHECKS];
    size_t step_count, check_count;
    struct span example; /* the name of the first one */
    struct triage_recipients recipients;
};

struct triage_pile {
    size_t notices;
    enum confidence confidence; /* the least of them */
    /* Where the same is to be said of all of them: what it is, and what to do. */
    struct span summary, who;
    enum actor actor;
    struct advice_step steps[MOST_STEPS_OF_ALL];
    size_t step_count;
    struct triage_group *groups[KEPT_CAUSES]; /* those with the most first, likewise */
    size_t group_count;
    struct triage_days days;
};

/* Many notices within a short time, about mail to many, and none of it proven to be theirs. What a
 * single message can't tell, and no proof of anything: */
enum storm {
    STORM_NONE,
    STORM_OPEN,   /* it does not show whose mail it was */
    STORM_LIKELY, /* it looks as if somebody forges their address */
    STORM_FORGED  /* so it is: most are known to be about mail that is not theirs */
};
struct triage_storm {
    enum storm storm;
    size_t notices; /* within the days that are told here, local time */
    int64_t first_day, last_day;
    /* Of all notices that are not proven to be theirs: */
    size_t recipients, systems; /* different ones, as far as kept */
    size_t disproven;
    size_t other_senders; /* the returned message names another sender than who got the notice */
};

struct triage_wishes {
    struct advise_wishes advise;
    const struct span *me; /* all addresses of whoever asks */
    size_t me_count;
    bool knows_sent; /* the evidence tells what they sent */
    int64_t now_ms;
};

struct triage {
    const struct triage_wishes *wishes;
    struct arena arena;
    size_t messages, notices; /* a trick counts as a notice */
    struct triage_pile piles[PILE_COUNT];
    struct triage_days days; /* of all notices */
    struct triage_storm storm;
    /* What the storm is seen by. */
    struct triage_days unproven;
    struct triage_recipients unproven_recipients, systems;
};

void triage_start(struct triage *t, const struct triage_wishes *w); /* borrows the wishes */
/* The notice is settled (notice_settle); nothing need outlive the call. `name`: as a person finds
 * the message. */
void triage_add(struct triage *t, const struct notice *n, const struct verdict *v,
                struct span name);
void triage_finish(struct triage *t); /* before it is read */
void triage_free(struct triage *t);

#endif
