/* Does each account still send as its owner does? src/guard decides by counters; here they are
 * kept, asked about every message before it leaves, and what was decided is done: mail is slowed,
 * or held through the queue, and people are told. doc/account-guard.md says what an account is, and
 * why no crash loses a hold.
 *
 * All of it belongs to the queue's thread; what waits for the disk is done by a thread of its own.
 */
#ifndef ACCOUNT_ACCOUNTS_H
#define ACCOUNT_ACCOUNTS_H

#include "guard/guard.h"
#include "queue/queue.h"
#include "store/account_book.h"
#include "sys/country.h"
#include "sys/worker.h"

struct accounts;

enum accounts_mode {
    ACCOUNTS_OFF,  /* nothing is counted; what is held stays held */
    ACCOUNTS_NOTE, /* what would be done is said, and nothing done */
    ACCOUNTS_HOLD
};

enum account_deed {
    ACCOUNT_SLOWED,
    ACCOUNT_HELD,
    ACCOUNT_RELEASED,
    ACCOUNT_REVOKED,
    ACCOUNT_RESTORED,
    ACCOUNT_DISCARDED, /* what was removed, for good */
    ACCOUNT_PROFILED,  /* it has declared what it sends */
    ACCOUNT_CHANGED,   /* its forwarding or its filters are others than before */
    ACCOUNT_PASSWORD   /* it has another password */
};
const char *account_deed_word(enum account_deed d); /* "held" */

/* Something was decided. Spans and pointers live during the call only. */
struct account_news {
    enum account_deed deed;
    bool is_noted; /* it would be done, if the option said so */
    struct span account, by, why;
    const struct guard_verdict *verdict; /* of the guard; NULL: somebody else has decided it */
    const struct envelope *about;        /* the message at which it was seen; NULL: none */
    struct span owed_to; /* CHANGED, PASSWORD: a letter about it is owed to this address; empty: to
                            nobody */
};

struct accounts_settings {
    struct loop *loop;
    struct queue *queue;
    struct account_book *book; /* outlives this */
    uint64_t key;              /* of print_name */
    enum accounts_mode mode;
    struct guard_limits limits;
    const struct countries *countries; /* outlives this, or what accounts_set gives; NULL: none */
    /* Was it named by the sender, and is it on another server? */
    bool (*is_outside)(void *arg, const struct envelope *e, size_t recipient);
    void (*tell)(void *arg, const struct account_news *n);
    /* It is counted for the first time: the first look at where its mail goes is due. */
    void (*met)(void *arg, struct span account);
    /* Whom a letter tells that something about the account was changed: an address; empty: nobody.
     */
    struct span (*owner)(void *arg, struct span account, struct arena *a);
    /* Does mail leave here by that, or may it? */
    bool (*leads_away)(void *arg, enum forwarding_source source, struct span target);
    void *arg;
};

/* Tells the queue which accounts are held, and what was removed: before it runs. NULL: `e`. */
struct accounts *accounts_new(const struct accounts_settings *s, struct error *e);
void accounts_set(struct accounts *a, enum accounts_mode mode, const struct guard_limits *l,
                  const struct countries *c);
/* Nothing comes any more; what was counted is written. Its thread ends. */
void accounts_end(struct accounts *a);
void accounts_free(struct accounts **a); /* after that, and after the loop's last round */

/* A message is durably accepted: the queue gets it (queue_add), when it is decided what may leave.
 */
void accounts_take(struct accounts *a, struct message *m);
/* A message was read for the queue, which gets it (queue_woken). If it came before this start, and
 * what it counts for was lost with the last one, it counts now. */
void accounts_woken(struct accounts *a, struct waking *w);
/* What became of a recipient. */
void accounts_hear(struct accounts *a, const struct envelope *e, size_t recipient,
                   const struct outcome *o);
/* A recipient has complained of this account's mail. */
void accounts_hear_complaint(struct accounts *a, struct span account);
/* Where its mail goes on, as `source` says now: "thief@example.net", "|command", "/file"; none:
 * into its mailbox, and nowhere else. If somebody is among them to whom it did not go before, that
 * is a sign, which its history tells; and if mail leaves here by that, its owner is owed a letter.
 * One that has never sent is no account yet: nothing is told of it.
 */
void accounts_hear_forwarding(struct accounts *a, struct span account,
                              enum forwarding_source source, const struct span *to, size_t count);
/* What aliases say of these is no news, and is what counts from now on. Names are in lower case. */
void accounts_keep_aliases(struct accounts *a, const struct account_forwarding *at, size_t count);

/* What of its content the guard counts, for accounts_take; in any thread. */
void accounts_look(struct message *m, struct span text, uint64_t key);

enum account_act { ACT_HOLD, ACT_RELEASE, ACT_REVOKE, ACT_RESTORE, ACT_PROFILE };

/* What a person wants. It is the caller's until `done`, in the queue's thread: then it is on the
 * disk, and holds; or `problem` says why not. */
struct account_order {
    enum account_act act;
    struct span account, by, why;
    enum guard_profile profile;
    uint32_t declared;
    void (*done)(struct account_order *o, const char *problem); /* NULL: it is done */
};
void accounts_order(struct accounts *a, struct account_order *o);
/* Somebody says that this was changed; `act` is nothing. Forwarding and filters are a sign, whoever
 * has changed them; a password is none, because it is what an owner changes to get rid of a thief.
 * A letter is owed of each, unless the guard is off. */
void accounts_order_change(struct accounts *a, struct account_order *o, enum account_part part);
/* Somebody was told by a letter: it stands in the account's history. */
void accounts_told(struct accounts *a, struct span account, struct span to);
/* Likewise, of what was owed to `to` up to that number. */
void accounts_warned(struct accounts *a, struct span account, struct span to, uint64_t until);
/* `task` runs in the loop when all that is counted until now is in the book. */
void accounts_settle(struct accounts *a, struct task *task);

struct accounts_figures {
    uint64_t in_memory, held, yellow; /* accounts; yellow: of those in memory */
    uint64_t slowed, noted;           /* recipients, since the start */
    uint64_t changes;                 /* of forwarding or filters, since the start */
    uint64_t held_messages;
};
void accounts_figures(const struct accounts *a, struct accounts_figures *f);

#endif
