/* Does an account still send as its owner does? Counters of one account, and what they say: green,
 * yellow (mail to new recipients is slowed, and the owner told), red (mail to other servers is held
 * until somebody has looked at it; nothing is lost, nothing comes back). Pure: times are arguments,
 * and whoever asks has made numbers of names, by a keyed hash that nobody outside can foresee.
 *
 * Only recipients on other servers are counted. Red takes two signals of different families, or the
 * rule of failures. All of it is a constant amount of work a recipient, and under 8 KiB an account.
 */
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include "guard/known.h"
#include "guard/limits.h"
#include "guard/peaks.h"
#include "guard/seen.h"
#include "guard/window.h"

/* ---- what speaks against an account */

enum guard_signal {
    SIGNAL_NEW_HOUR,     /* new recipients in an hour: more than the cap */
    SIGNAL_NEW_DAY,      /* … in a day */
    SIGNAL_RECORD_HOUR,  /* new recipients in an hour: far above its own record */
    SIGNAL_RECORD_DAY,   /* … in a day */
    SIGNAL_RECIPIENTS,   /* recipients in an hour: far above its own record, or what was declared */
    SIGNAL_FAILURES,     /* many new recipients do not exist */
    SIGNAL_FAILURE_RULE, /* so many that this is enough */
    SIGNAL_CLIENT,       /* a client never seen before sends much */
    SIGNAL_PLACES,       /* many new networks or countries */
    SIGNAL_LINK,         /* the same new link again and again */
    SIGNAL_TEXT,         /* nearly the same new text again and again */
    SIGNAL_REFUSED,      /* other servers call it spam */
    SIGNAL_REPORTED,     /* recipients complain */
    SIGNAL_CHANGED,      /* forwarding or filters have just been changed */
    SIGNAL_LASTING,      /* it has been slowed for a day, and goes on */
    SIGNAL_COUNT
};

/* Those of a family rise together for an honest reason, and count once. */
enum guard_family {
    FAMILY_NEW,
    FAMILY_RECORD,
    FAMILY_RECIPIENTS,
    FAMILY_FAILURES,
    FAMILY_PLACE,
    FAMILY_SAMENESS,
    FAMILY_COMPLAINTS,
    FAMILY_CHANGED,
    FAMILY_LASTING
};

enum guard_family signal_family(enum guard_signal s);
const char *signal_name(enum guard_signal s); /* "new-hour": for machines */
bool signal_parse(struct span name, enum guard_signal *s);

struct guard_reason {
    enum guard_signal signal;
    uint32_t count, limit; /* counted, of how many (or, of a time, hours) */
    uint32_t of;           /* FAILURES: the new recipients among which they are */
};

enum guard_level { GUARD_GREEN, GUARD_YELLOW, GUARD_RED };

struct guard_verdict {
    enum guard_level level;
    bool is_news; /* just become red, or just begun to slow mail: tell the owner, of red the
                     operator, too */
    struct guard_reason reasons[SIGNAL_COUNT];
    size_t reason_count;
};

/* ---- an account */

enum guard_profile {
    PROFILE_PERSON,
    PROFILE_NEWSLETTER, /* many at once, the same to all: so many a day were declared */
    PROFILE_SERVICE     /* the same all day long */
};

enum guard_counter {
    COUNTER_NEW_HOUR,
    COUNTER_NEW_DAY,
    COUNTER_RECIPIENTS_HOUR,
    COUNTER_RECIPIENTS_DAY,
    COUNTER_FAILURES,
    COUNTER_REFUSALS,
    COUNTER_REPORTS,
    COUNTER_COUNT
};

enum {
    GUARD_CLIENTS = 12,
    GUARD_NETWORKS = 16,
    GUARD_COUNTRIES = 6,
    GUARD_LINKS = 24,
    GUARD_TEXTS = 16,
    GUARD_MOST_LINKS = 4 /* of a message; further ones are not looked at */
};

/* All zeros: an account that has never sent. A value; guard/state.h writes it down. */
struct guard_account {
    enum guard_profile profile;
    uint32_t declared; /* recipients a day; of a person: 0 */
    struct known known;
    struct window counters[COUNTER_COUNT];
    struct peaks peaks; /* its own record */
    struct seen clients[GUARD_CLIENTS], networks[GUARD_NETWORKS], countries[GUARD_COUNTRIES];
    struct seen links[GUARD_LINKS], texts[GUARD_TEXTS];
    uint32_t begun_minute;                   /* of its first message; since 1970 */
    int64_t changed_ms;                      /* forwarding or filters; 0: never */
    int64_t slow_until_ms;                   /* when the last one that is slowed may leave */
    int64_t yellow_since_ms, yellow_last_ms; /* 0: it is not */
    bool is_told;                            /* … and the owner knows that mail is slowed */
    int64_t raised_until_ms;                 /* the caps are at least `raised` until then */
    uint32_t raised[PEAK_KINDS];
    /* Red, until somebody decides; with what spoke against it then, and how many are held. */
    int64_t red_since_ms; /* 0: it is not */
    struct guard_reason red_reasons[SIGNAL_COUNT];
    size_t red_reason_count;
    uint32_t red_counts[PEAK_KINDS];
    uint64_t held, held_new; /* recipients; new ones among them */
};

/* ---- what happens */

struct guard_message {
    int64_t now_ms;
    uint64_t client;  /* network and program; 0: unknown */
    uint64_t network; /* 0: unknown */
    uint16_t country; /* 0: unknown */
    uint64_t text;    /* its print (guard/print.h); 0: too short for one */
    const uint64_t *links;
    size_t link_count;
    const uint64_t *recipients; /* on other servers */
    size_t recipient_count;
};

struct guard_leave {
    bool is_new;     /* whoever asked keeps it for guard_failed */
    int64_t when_ms; /* not before; meanwhile guard_is_red may have become true */
};

/* Before a message is taken to other servers. `leave` has room for each recipient; of a red account
 * it says nothing: all are held. */
void guard_send(struct guard_account *a, const struct guard_limits *l,
                const struct guard_message *m, struct guard_leave *leave,
                struct guard_verdict *verdict);
bool guard_is_red(const struct guard_account *a);

enum guard_news {
    NEWS_UNKNOWN_USER, /* a recipient that was new does not exist */
    NEWS_REFUSED,      /* another server has called a message spam */
    NEWS_REPORTED,     /* a recipient complained */
    NEWS_CHANGED       /* forwarding or filters of the account were changed */
};
/* What comes to be known afterwards. */
void guard_hear(struct guard_account *a, const struct guard_limits *l, enum guard_news news,
                int64_t now_ms, struct guard_verdict *verdict);

/* A correspondent: the account's owner has had mail of him, or an address book knows him. */
void guard_introduce(struct guard_account *a, uint64_t recipient);

/* Had the account been seen with this client for a while already, at that time? (0: unknown.) */
bool guard_knew_client(const struct guard_account *a, const struct guard_limits *l, uint64_t client,
                       int64_t at_ms);

/* "It was me": what was counted is forgotten, what was seen is its own, and for a week twice as
 * much is allowed as was counted. `guard_forget`, "it was not me": the same, but nothing is learnt,
 * and what was new then is new again. Both end red. */
void guard_release(struct guard_account *a, int64_t now_ms);
void guard_forget(struct guard_account *a, const struct guard_limits *l, int64_t now_ms);

#endif
