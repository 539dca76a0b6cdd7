/* A log of events goes by the guard: what would it have done? Pure; lines come in the order of
 * their time. */
#ifndef GUARD_REPLAY_H
#define GUARD_REPLAY_H

#include "guard/guard.h"
#include "guard/replay_line.h"

struct replay_settings {
    struct guard_limits limits;
    int64_t answer_ms; /* so long after a hold "it was me" is said; 0: never */
    bool is_by_sender; /* who has not logged in counts as the sender's account */
    uint64_t key;      /* of hashes */
};

enum replay_finding_kind { FINDING_SLOWED, FINDING_HELD, FINDING_ANSWERED };

/* Lives until the next line. */
struct replay_finding {
    enum replay_finding_kind kind;
    int64_t time_ms;
    struct span account;
    size_t recipients;                   /* SLOWED: of this message, that are; ANSWERED: held */
    const struct guard_verdict *verdict; /* not of ANSWERED */
};
typedef void replay_tell_fn(void *arg, const struct replay_finding *f);

struct replay_figures {
    uint64_t accounts, account_days, messages, recipients;
    uint64_t slowed, slowed_recipients, held, held_recipients;
    uint64_t unnamed; /* messages that nobody is known to have sent, or whose recipients are not */
};

struct replay; /* an account of it takes 7 KB */

struct replay *replay_new(const struct replay_settings *s, replay_tell_fn *tell, void *arg);
void replay_free(struct replay **r);

/* Mail to it does not leave the house. */
void replay_add_local(struct replay *r, struct span domain);
/* What an account has declared, before its first message. */
void replay_declare(struct replay *r, struct span account, enum guard_profile profile,
                    uint32_t recipients_a_day);
void replay_take(struct replay *r, const struct replay_line *l);
struct replay_figures replay_end(struct replay *r);

#endif
