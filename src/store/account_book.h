/* What is kept of accounts that send (accounts.sqlite): their counters as bytes, which are written
 * now and then; and what was decided of them, which is on the disk when it was said. Blocking;
 * thread-safe. */
#ifndef STORE_ACCOUNT_BOOK_H
#define STORE_ACCOUNT_BOOK_H

#include "base/arena.h"
#include "base/error.h"
#include "outcome/envelope.h"

#include <sys/types.h>

struct account_book;

enum { ACCOUNT_SAMPLES = 5 };

/* What says where an account's mail goes on. */
enum forwarding_source { FORWARDING_ALIASES, FORWARDING_FILE, FORWARDING_SOURCES };
struct span forwarding_source_name(enum forwarding_source s); /* "aliases", ".forward" */

/* What stands of an account; names are in lower case. */
struct account_row {
    struct span name;
    struct span state;  /* guard/state.h */
    message_id counted; /* the latest message that is counted in it */
    struct span hold;   /* why its mail is held; empty: it is not */
    int64_t hold_since_ms;
    bool is_noted; /* it would be held, but only a note is taken */
    /* Where its mail went on when that was looked at last (guard/forwarding.h). Empty: nobody has
     * looked yet; where a row is written: what is there stays. Not in lists. */
    struct span forwarding[FORWARDING_SOURCES];
};

/* A message that was held, for people to judge by. */
struct account_sample {
    message_id id;
    struct span to, subject;
};

/* What was done, by whom, and why: a line of the account's history. */
struct account_line {
    int64_t time_ms;
    struct span what; /* "slowed", "held", "released", "revoked", "restored", "discarded", … */
    struct span by;   /* "guard", "operator (uid 0)" */
    struct span why;
    bool is_noted; /* it would have been done */
};

/* Mail that was removed when an account was revoked: it is on hold until `ends_ms`, and discarded
 * then. */
struct account_removal {
    struct span account;
    int64_t from_ms;  /* since when somebody else may have sent, as far as the guard can tell */
    int64_t until_ms; /* what was accepted until then is meant; it names the removal */
    int64_t ends_ms;
    bool is_discarded;
    struct span why;
};

/* What of an account besides its mail may change, and not by its owner's hand. */
enum account_part { PART_FORWARDING, PART_FILTERS, PART_PASSWORD };
struct span account_part_name(enum account_part p); /* "forwarding", "filter", "password" */

/* Of such a change its owner is to be told by letter. */
struct account_owed {
    struct span account; /* where one is written: that of the change */
    enum account_part part;
    struct span
        target; /* where mail goes on to, "thief@example.net", "|command"; empty: not known */
    int64_t since_ms;
    uint64_t number; /* those of later have greater ones; none where one is written */
};

/* A letter is on its way that tells all that was owed to that address, up to that number. */
struct account_letter_sent {
    struct span to;
    uint64_t until;
    int64_t time_ms;
};

/* One change: what is NULL stays. */
struct account_change {
    const struct account_row *row;
    const struct account_line *line;
    const struct account_sample *samples; /* added; there are never more than ACCOUNT_SAMPLES */
    size_t sample_count;
    bool forgets_samples;
    const struct account_removal *removal; /* added, or put in the place of its like */
    bool ends_removal;                     /* it is taken away */
    const struct account_owed
        *owed;         /* to the address `owed_to`: the first 20, and each target of a */
    size_t owed_count; /* part once */
    struct span owed_to;
    const struct account_letter_sent *letter;
};

/* Opens, or makes, the database. NULL: `e`. */
struct account_book *account_book_open(const char *path, struct error *e);
void account_book_close(struct account_book **b);

/* 1: `row`, in `a`; 0: there is nothing of this name; -1: `e`. */
int account_book_find(struct account_book *b, struct span name, struct arena *a,
                      struct account_row *row, struct error *e);
/* All of it or nothing, and on the disk when it returns. `name`: whose lines and samples these are.
 */
bool account_book_write(struct account_book *b, struct span name, const struct account_change *c,
                        struct error *e);
/* Several of the first kind at once. */
bool account_book_write_rows(struct account_book *b, const struct account_row *rows, size_t count,
                             struct error *e);

/* What aliases say of several at once, whatever else is known of them. */
struct account_forwarding {
    struct span name, kept;
};
bool account_book_write_aliases(struct account_book *b, const struct account_forwarding *at,
                                size_t count, struct error *e);
/* Of all accounts, as below; `kept` is empty where nobody has looked yet. */
ssize_t account_book_aliases(struct account_book *b, struct span after, size_t most,
                             void (*each)(void *arg, const struct account_forwarding *f), void *arg,
                             struct error *e);

/* In the order of the names, those behind `after`, at most `most`. Returns how many; -1: `e`. Spans
 * live during the call only, here and below. */
ssize_t account_book_list(struct account_book *b, struct span after, size_t most,
                          void (*each)(void *arg, const struct account_row *row), void *arg,
                          struct error *e);
/* The accounts whose mail is held. */
bool account_book_held(struct account_book *b,
                       void (*each)(void *arg, const struct account_row *row), void *arg,
                       struct error *e);
/* Newest first, at most `most`. */
bool account_book_history(struct account_book *b, struct span name, size_t most,
                          void (*each)(void *arg, const struct account_line *line), void *arg,
                          struct error *e);
/* Of all accounts, from number `from` on, in the order in which they were written, at most `most`;
 * and the number that the next one will have at least. */
bool account_book_lines(struct account_book *b, uint64_t from, size_t most,
                        void (*each)(void *arg, uint64_t number, struct span name,
                                     const struct account_line *line),
                        void *arg, struct error *e);
bool account_book_end(struct account_book *b, uint64_t *end, struct error *e);
bool account_book_samples(struct account_book *b, struct span name,
                          void (*each)(void *arg, const struct account_sample *s), void *arg,
                          struct error *e);
/* Of all accounts, latest first. */
bool account_book_removals(struct account_book *b,
                           void (*each)(void *arg, const struct account_removal *r), void *arg,
                           struct error *e);
/* What is owed to that address, oldest first; */
bool account_book_owed(struct account_book *b, struct span to,
                       void (*each)(void *arg, const struct account_owed *o), void *arg,
                       struct error *e);
/* to whom anything is; */
bool account_book_owed_to(struct account_book *b, void (*each)(void *arg, struct span to),
                          void *arg, struct error *e);
/* and when that address got its last letter; 0: it got none. */
bool account_book_last_letter(struct account_book *b, struct span to, int64_t *time_ms,
                              struct error *e);

#endif
