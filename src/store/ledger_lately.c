/* By the index of senders, newest first; each message with its outcomes. What went out under
 * another return path than its sender's says so in them; what was refused has not gone.
 *
 * All of it is read in one transaction, that of the statement which is stepped through. */
#include "store/ledger_inside.h"

enum { MOST_READ = 5000 /* rows: of a sender of more it is not told */ };

struct looking {
    struct ledger *ledger;
    const struct sent_lately *question;
    sqlite3_stmt *ids, *entry, *events;
    size_t left; /* rows */
    bool is_enough, is_malformed;
    struct error *error;
};

static bool may_have_left_plain(const struct outcome *o)
{
    bool is_refused = o->code && (o->kind == OUTCOME_DELAYED || o->kind == OUTCOME_FAILED);
    return o->address.len && !o->return_path.len && !is_refused;
}

static bool is_plain_event(struct span entry)
{
    struct arena a = ARENA_EMPTY;
    struct entry found = {0};
    bool is =
        entry.len && entry_next(&entry, &found, &a) > 0 && may_have_left_plain(&found.outcome);
    arena_clear(&a);
    return is;
}

/* When the last recipient has its last outcome, nothing more becomes of a message (as
 * ledger_forget has it, too). */
static bool read_events(struct looking *k, struct sent_mail *m)
{
    int step;
    size_t open = m->envelope->recipient_count;
    sqlite3_reset(k->events);
    sqlite3_bind_int64(k->events, 1, (int64_t)m->id);
    sqlite3_bind_int(k->events, 2, EVENT_UNREPORTED);
    sqlite3_bind_int64(k->events, 3, (int64_t)k->left);
    while ((step = sqlite3_step(k->events)) == SQLITE_ROW) {
        int kind = sqlite3_column_int(k->events, 0);
        open -= open && kind < EVENT_HOLD && kind != OUTCOME_DELAYED;
        m->is_plain = m->is_plain || is_plain_event(ledger_blob(k->events, 1));
        m->rows++;
    }
    m->is_settled = !open;
    m->rows += !m->rows;
    return step == SQLITE_DONE;
}

static bool read_message(struct looking *k, struct sent_mail *m)
{
    struct arena a = ARENA_EMPTY;
    sqlite3_reset(k->entry);
    sqlite3_bind_int64(k->entry, 1, (int64_t)m->id);
    bool ok = sqlite3_step(k->entry) == SQLITE_ROW;
    struct envelope e = ok ? ledger_envelope(ledger_blob(k->entry, 0), &a) : (struct envelope){0};
    m->envelope = &e;
    ok = ok && read_events(k, m);
    k->is_malformed = k->is_malformed || !e.recipient_count;
    k->is_enough = ok && !k->question->see(k->question->arg, m);
    arena_clear(&a);
    return ok;
}

static bool see_each(struct looking *k)
{
    const struct sent_lately *q = k->question;
    int step = SQLITE_DONE;
    bool ok = true;
    while (ok && k->left && !k->is_enough && (step = sqlite3_step(k->ids)) == SQLITE_ROW) {
        struct sent_mail m = {.id = (message_id)sqlite3_column_int64(k->ids, 0)};
        m.rows = q->rows(q->arg, m.id);
        ok = m.rows || read_message(k, &m);
        k->left -= m.rows < k->left ? m.rows : k->left;
    }
    return (ok && (step == SQLITE_ROW || step == SQLITE_DONE)) ||
           ledger_fail(k->ledger, k->error, "read");
}

static bool see_all(struct ledger *l, const struct sent_lately *q, bool *is_all, struct error *e)
{
    struct looking k = {.ledger = l, .question = q, .left = MOST_READ, .error = e};
    k.ids = ledger_prepare(
        l, "SELECT id FROM message WHERE sender_hash = ? AND id >= ? ORDER BY id DESC", e);
    k.entry = ledger_prepare(l, "SELECT entry FROM message WHERE id = ?", e);
    k.events = ledger_prepare(l,
                              "SELECT kind, entry FROM event WHERE message = ?"
                              " AND (kind < 100 OR kind = ?) LIMIT ?",
                              e);
    bool ok = k.ids && k.entry && k.events;
    if (ok) {
        sqlite3_bind_int64(k.ids, 1, ledger_hash(q->sender));
        sqlite3_bind_int64(k.ids, 2, q->since_ms * 1000);
        ok = see_each(&k);
    }
    sqlite3_finalize(k.ids);
    sqlite3_finalize(k.entry);
    sqlite3_finalize(k.events);
    *is_all = k.left && !k.is_enough && !k.is_malformed;
    return ok;
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
