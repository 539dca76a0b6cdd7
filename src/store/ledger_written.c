/* To whom somebody has written. By the index over senders, newest first; what is looked at is
 * bounded, because whoever asks waits for the answer. */
#include "store/ledger_inside.h"

enum { MOST_MESSAGES = 200, MOST_BYTES = 256 * 1024 };

/* Did this recipient get it? */
static int was_delivered(struct ledger *l, message_id id, size_t recipient, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        l, "SELECT 1 FROM event WHERE message = ? AND recipient = ? AND kind IN (?, ?) LIMIT 1", e);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)id);
    sqlite3_bind_int64(s, 2, (int64_t)recipient);
    sqlite3_bind_int(s, 3, OUTCOME_DELIVERED);
    sqlite3_bind_int(s, 4, OUTCOME_RELAYED);
    int step = sqlite3_step(s);
    sqlite3_finalize(s);
    return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

/* Only those that the sender has named. */
static int look_at(struct ledger *l, const struct envelope *m, address_fn *is_meant, void *arg,
                   struct written *found, struct error *e)
{
    for (size_t i = 0; i < m->recipient_count; i++) {
        struct span address = m->recipients[i].address;
        if (m->recipients[i].parent || !is_meant(arg, address))
            continue;
        int got = was_delivered(l, m->id, i, e);
        if (got > 0)
            *found = (struct written){address, m->accepted_ms};
        if (got)
            return got;
    }
    return 0;
}

int ledger_written_to(struct ledger *l, struct span sender, address_fn *is_meant, void *arg,
                      struct arena *a, struct written *found, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        l, "SELECT entry FROM message WHERE sender_hash = ? ORDER BY id DESC LIMIT ?", e);
    int got = 0, step = SQLITE_DONE;
    size_t bytes = 0;
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, ledger_hash(sender));
    sqlite3_bind_int(s, 2, MOST_MESSAGES);
    while (!got && bytes < MOST_BYTES && (step = sqlite3_step(s)) == SQLITE_ROW) {
        struct arena scratch = ARENA_EMPTY;
        bytes += ledger_blob(s, 0).len;
        struct envelope m = ledger_envelope(ledger_blob(s, 0), &scratch);
        if (span_equal_nocase(m.reverse_path, sender))
            got = look_at(l, &m, is_meant, arg, found, e);
        if (got > 0)
            found->address = arena_copy(a, found->address);
        arena_clear(&scratch);
    }
    sqlite3_finalize(s);
    if (step != SQLITE_ROW && step != SQLITE_DONE) {
        ledger_fail(l, e, "read");
        return -1;
    }
    return got;
}
