/* What the files of this room share; not for others. */
#ifndef ACCOUNT_INSIDE_H
#define ACCOUNT_INSIDE_H

#include "account/accounts.h"

#include "base/list.h"
#include "base/map.h"

struct account;

/* Something to be done with an account, as soon as it is in memory; it frees itself. */
struct account_step {
    struct list link;
    void (*run)(struct accounts *a, struct account *account, struct account_step *step);
    void (*drop)(struct account_step *step); /* in place of it, at the end */
};

enum { ACCOUNT_LONGEST_NAME = 320, ACCOUNT_MOST_SLOWED = 10000 };

struct account {
    struct list recent;          /* of those in memory, the latest used first */
    struct guard_account *guard; /* NULL: it is being read */
    struct list steps;           /* that wait for it */
    bool is_known;               /* it was in the book */
    bool is_dirty;
    message_id counted;
    struct buffer hold; /* why its mail is held; empty: it is not */
    int64_t hold_since_ms;
    size_t samples;
    struct buffer forwarding[FORWARDING_SOURCES]; /* as in struct account_row; */
    bool is_looked_at[FORWARDING_SOURCES];        /* it is not written yet */
    struct buffer slowed; /* message_id: what waits for its time; not after a restart */
    struct span name;     /* in lower case */
    char text[];
};

enum { FRESH_MARKS = 64 * 1024 };

struct accounts {
    struct accounts_settings settings;
    struct workers *worker; /* one thread: what it is given first is done first */
    struct map map;
    struct list recent;
    struct timer timer;
    struct list removals; /* kept_removal */
    message_id started;   /* ids of before are of an earlier start */
    bool is_ending;
    size_t under_way;
    int64_t complained_ms;
    uint64_t slowed, noted; /* recipients */
    uint64_t changes;
    size_t held; /* accounts */
    /* Recipients that were new when they were written to: a mark each, where the next that comes
     * there takes its place. */
    uint64_t fresh[FRESH_MARKS];
};

struct kept_removal {
    struct list link;
    struct account_removal what; /* spans in `arena` */
    struct arena arena;
};

/* ---- gate.c */

/* What the guard counts as one client: network and program; 0: none is known. */
uint64_t account_client(struct span address, struct span name, uint64_t key);

/* ---- memory.c */

/* Runs the step when the account is in memory: perhaps at once. */
void account_with(struct accounts *a, struct span name, struct account_step *step);
/* It was counted: written with the others, a moment later. */
void account_is_counted(struct accounts *a, struct account *account);
/* Write this down now. `c->row` is filled here. `order` is told when it is durable; or NULL. */
void account_decide(struct accounts *a, struct account *account, struct account_change *c,
                    struct account_order *order);
/* Write these down; those in memory have them already. */
void account_keep_aliases(struct accounts *a, const struct account_forwarding *at, size_t count);
void memory_write(struct accounts *a); /* what was counted */
void memory_begin(struct accounts *a);
void memory_end(struct accounts *a);
void memory_free(struct accounts *a);

/* ---- deeds.c */

void account_hold(struct accounts *a, struct account *account, struct span words);
void account_let_go(struct accounts *a, struct account *account);
void account_tell(struct accounts *a, const struct account *account, struct account_news n);
bool removals_load(struct accounts *a, struct error *e);
void removals_look(struct accounts *a); /* is the time of any over? */
void removals_free(struct accounts *a);

/* ---- gate.c */

/* The news counts; what the guard says to it is to be followed then. */
void account_hear(struct accounts *a, struct account *account, enum guard_news news,
                  struct guard_verdict *v);
void account_follow(struct accounts *a, struct account *account, const struct guard_verdict *v);

/* ---- words.c: what stories and histories say; appended */
void words_reasons(struct buffer *out, const struct guard_verdict *v);
/* … and which countries were new; after the reasons. */
void words_countries(struct buffer *out, const uint16_t *countries, size_t count);
void words_held(struct buffer *out, struct span account, struct span why);
void words_slowed(struct buffer *out, struct span account, struct span why);
void words_noted(struct buffer *out, struct span account, enum guard_level level, struct span why);
void words_removed(struct buffer *out, struct span account, int64_t ends_ms);

#endif
