/* What the ledger knows of notices that were kept out of mailboxes: of which, and since when. It is
 * in the rows of what is owed (ledger_owed.h), by report_kept_out(). */
#ifndef STORE_LEDGER_FLOOD_H
#define STORE_LEDGER_FLOOD_H

#include "store/ledger.h"

struct flooded_mailbox {
    struct span mailbox; /* its address; lives during the call only */
    uint64_t count;      /* that were kept out of it since the time that was asked for */
    int64_t latest_ms;
};
typedef void flooded_mailbox_fn(void *arg, const struct flooded_mailbox *m);
/* Mailboxes of which some were kept out since then, in a flood of notices about forged mail. */
bool ledger_flooded(struct ledger *l, int64_t since_ms, flooded_mailbox_fn *each, void *arg,
                    struct error *e);

/* What a mailbox is in: all that was kept out of it, with no lull of more than a day between two.
 */
struct flood_before {
    uint64_t told;    /* of those that came, so many have been told in digests */
    int64_t since_ms; /* the first of all; 0: there are none */
    message_id first; /* digest of this flood; 0: none yet */
};
/* `address`: as it is owed. */
bool ledger_flood_before(struct ledger *l, struct span address, struct flood_before *found,
                         struct error *e);

/* The latest digest of that kind to whoever has the mailbox. */
struct digest_told {
    message_id id; /* 0: none that is known */
    uint64_t until;
};
bool ledger_told_latest(struct ledger *l, enum digest_of what, struct span mailbox,
                        struct digest_told *found, struct error *e);

#endif
