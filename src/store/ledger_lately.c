/* By the index of senders, newest first; each message with its outcomes. What went out under
 * another return path than its sender's says so in them; what was refused has not gone. */
#include "store/ledger_inside.h"

enum { MOST_READ = 5000 /* rows: of a sender of more it is not told */ };

struct looking {
    const struct sent_lately *question;
    struct arena arena; /* of the message at hand: */
    struct envelope envelope;
    bool is_plain, is_enough;
};

static bool may_have_left_plain(const struct outcome *o)
{
    bool is_refused = o->code && (o->kind == OUTCOME_DELAYED || o->kind == OUTCOME_FAILED);
    return o->address.len && !o->return_path.len && !is_refused;
}

static void end_message(struct looking *k)
{
    const struct envelope *e = &k->envelope;
    for (size_t i = 0; i < e->recipient_count && !k->is_enough; i++)
        k->is_enough =
            !k->question->see(k->question->arg, e->subject, e->recipients[i].address, k->is_plain);
    arena_clear(&k->arena);
    k->envelope = (struct envelope){0};
    k->is_plain = false;
}

static void read_row(struct looking *k, sqlite3_stmt *s)
{
    struct entry found = {0};
    struct span outcome = ledger_blob(s, 2);
    if (k->envelope.id != (message_id)sqlite3_column_int64(s, 0)) {
        end_message(k);
        k->envelope = ledger_envelope(ledger_blob(s, 1), &k->arena);
    }
    if (outcome.len && !k->is_plain)
        k->is_plain =
            entry_next(&outcome, &found, &k->arena) > 0 && may_have_left_plain(&found.outcome);
}

static bool see_all(struct ledger *l, const struct sent_lately *q, bool *is_all, struct error *e)
{
    struct looking k = {.question = q};
    size_t left = MOST_READ;
    int step = SQLITE_DONE;
    sqlite3_stmt *s = ledger_prepare(
        l,
        "SELECT id, message.entry, event.entry FROM message LEFT JOIN event ON message = id"
        " AND (kind < 100 OR kind = ?) WHERE sender_hash = ? AND id >= ? ORDER BY id DESC",
        e);
    if (!s)
        return false;
    sqlite3_bind_int(s, 1, EVENT_UNREPORTED);
    sqlite3_bind_int64(s, 2, ledger_hash(q->sender));
    sqlite3_bind_int64(s, 3, q->since_ms * 1000);
    while (left && !k.is_enough && (step = sqlite3_step(s)) == SQLITE_ROW) {
        read_row(&k, s);
        left--;
    }
    end_message(&k);
    sqlite3_finalize(s);
    *is_all = left && !k.is_enough;
    return step == SQLITE_ROW || step == SQLITE_DONE || ledger_fail(l, e, "read");
}

/* Of what is left as a hash, neither subject nor return path is known. */
static bool has_forgotten(struct ledger *l, int64_t since_ms, bool *has, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, "SELECT 1 FROM proof WHERE id >= ? LIMIT 1", e);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, since_ms * 1000);
    int step = sqlite3_step(s);
    sqlite3_finalize(s);
    *has = step == SQLITE_ROW;
    return *has || step == SQLITE_DONE || ledger_fail(l, e, "read");
}

bool ledger_sent_lately(struct ledger *l, const struct sent_lately *q, bool *is_all,
                        struct error *e)
{
    int64_t known_ms;
    bool has = false;
    if (!ledger_sent_since(l, &known_ms, e) || !has_forgotten(l, q->since_ms, &has, e) ||
        !see_all(l, q, is_all, e))
        return false;
    *is_all &= known_ms <= q->since_ms && !has;
    return true;
}
