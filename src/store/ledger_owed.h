/* What the ledger knows to be owed: outcomes whose sender is told of them in a digest that is still
 * to be made (doc/queue.md). Written when the ledger is fed, in the same transaction: by the
 * outcomes, and by the acceptance of each digest. */
#ifndef STORE_LEDGER_OWED_H
#define STORE_LEDGER_OWED_H

#include "store/ledger.h"

struct owed_address {
    struct span address; /* as in the envelopes; lives during the call only */
    uint64_t count;      /* recipients of whom it is to be told */
    int64_t first_ms;    /* since when */
    message_id latest;   /* digest that it got; 0: none that is remembered */
};
typedef void owed_address_fn(void *arg, const struct owed_address *a);
/* Everybody who is owed something. */
bool ledger_owed_addresses(struct ledger *l, owed_address_fn *each, void *arg, struct error *e);

/* Everybody who was told in a digest since then: the latest of each. The address lives during the
 * call only. */
typedef void digest_got_fn(void *arg, struct span address, message_id latest);
bool ledger_digests_since(struct ledger *l, int64_t since_ms, digest_got_fn *each, void *arg,
                          struct error *e);

struct owed {
    const struct envelope *envelope; /* lives, as all of it, during the call only */
    size_t recipient;
    const struct outcome *outcome;
    uint64_t event; /* its number: later ones are greater */
};
typedef void owed_fn(void *arg, const struct owed *o);
/* What is owed to that address, those of a message one behind the other; the oldest message first.
 */
bool ledger_owed(struct ledger *l, struct span address, owed_fn *each, void *arg, struct error *e);

/* The messages that a digest tells of, newest last, at most `limit` (the newest); `what` is its
 * queue id. None when it is no digest. */
bool ledger_told_in(struct ledger *l, struct span what, size_t limit, struct arena *a,
                    message_id **ids, size_t *count, struct error *e);

#endif
