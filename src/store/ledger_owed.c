#include "store/ledger_owed.h"

#include "outcome/report_to.h"
#include "store/ledger_inside.h"

/* ---- feeding */

/* Whom it is owed to stands in the acceptance of its message. */
static struct span owed_to(struct ledger *l, const struct entry *e, struct arena *a)
{
    sqlite3_stmt *s = l->statements[FIND_MESSAGE];
    if (l->owed_of.id != e->id) { /* of one message many are often owed, one behind the other */
        arena_clear(&l->of_owed);
        l->owed_of = (struct envelope){0};
        sqlite3_bind_int64(s, 1, (int64_t)e->id);
        if (sqlite3_step(s) == SQLITE_ROW)
            l->owed_of = ledger_envelope(ledger_blob(s, 0), &l->of_owed);
        sqlite3_reset(s);
    }
    if (e->recipient >= l->owed_of.recipient_count)
        return SPAN_NONE;
    return report_owed_by(&l->owed_of, e->recipient, &e->outcome, a);
}

static bool run(sqlite3_stmt *s)
{
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return ok;
}

static bool add_owed(struct ledger *l, const struct entry *e, int64_t seq, struct span to)
{
    const struct outcome *o = &e->outcome;
    sqlite3_stmt *s = l->statements[INSERT_OWED];
    if (!to.len) /* its acceptance is older than the ledger */
        return true;
    sqlite3_bind_blob64(s, 1, to.at, to.len, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, seq);
    sqlite3_bind_int64(s, 3, (int64_t)e->id);
    sqlite3_bind_int64(s, 4, o->kind == OUTCOME_DELAYED ? o->told_ms : o->time_ms);
    return run(s);
}

bool ledger_add_owed(struct ledger *l, const struct entry *e, int64_t seq)
{
    struct arena a = ARENA_EMPTY;
    bool ok = add_owed(l, e, seq, owed_to(l, e, &a));
    arena_clear(&a);
    return ok;
}

/* Whose the digest is; that of postmaster goes to the address that he has now. */
static struct span told_by(const struct envelope *digest, struct arena *a)
{
    if (digest->origin == ORIGIN_TO_POSTMASTER)
        return SPAN("postmaster");
    if (!digest->recipient_count)
        return SPAN_NONE;
    struct span to = digest->recipients[0].address;
    return digest->digest_of == DIGEST_OF_OUTCOMES ? to : report_kept_out(digest->digest_of, to, a);
}

bool ledger_tell_owed(struct ledger *l, const struct envelope *digest)
{
    struct arena a = ARENA_EMPTY;
    struct span to = told_by(digest, &a);
    uint64_t until = digest->tells_until < INT64_MAX ? digest->tells_until : INT64_MAX;
    bool ok = true;
    for (enum statement i = TELL_EVENTS; ok && i <= TELL_OWED; i++) {
        sqlite3_stmt *s = l->statements[i];
        sqlite3_bind_int64(s, 1, (int64_t)digest->id);
        sqlite3_bind_blob64(s, 2, to.at, to.len, SQLITE_STATIC);
        sqlite3_bind_int64(s, 3, (int64_t)until);
        ok = run(s);
    }
    arena_clear(&a);
    return ok;
}

/* ---- reading */

bool ledger_owed_addresses(struct ledger *l, owed_address_fn *each, void *arg, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l,
                                     "SELECT address, sum(digest IS NULL) AS count,"
                                     " min(CASE WHEN digest IS NULL THEN time END), max(digest)"
                                     " FROM owed GROUP BY address HAVING count > 0",
                                     e);
    int step;
    if (!s)
        return false;
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        const struct owed_address found = {.address = ledger_blob(s, 0),
                                           .count = (uint64_t)sqlite3_column_int64(s, 1),
                                           .first_ms = sqlite3_column_int64(s, 2),
                                           .latest = (message_id)sqlite3_column_int64(s, 3)};
        each(arg, &found);
    }
    sqlite3_finalize(s);
    return step == SQLITE_DONE || ledger_fail(l, e, "read");
}

/* An id is a time. */
bool ledger_digests_since(struct ledger *l, int64_t since_ms, digest_got_fn *each, void *arg,
                          struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        l, "SELECT address, max(digest) FROM owed WHERE digest >= ? GROUP BY address", e);
    int step;
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, since_ms * 1000);
    while ((step = sqlite3_step(s)) == SQLITE_ROW)
        each(arg, ledger_blob(s, 0), (message_id)sqlite3_column_int64(s, 1));
    sqlite3_finalize(s);
    return step == SQLITE_DONE || ledger_fail(l, e, "read");
}

/* One message may have many recipients that are owed. */
struct owed_reading {
    struct envelope envelope;
    struct arena of_envelope;
};

static void take(struct owed_reading *r, sqlite3_stmt *s, owed_fn *each, void *arg)
{
    struct arena a = ARENA_EMPTY;
    message_id id = (message_id)sqlite3_column_int64(s, 0);
    struct span text = ledger_blob(s, 2);
    struct entry found = {0};
    if (r->envelope.id != id) {
        arena_clear(&r->of_envelope);
        r->envelope = ledger_envelope(ledger_blob(s, 3), &r->of_envelope);
    }
    if (entry_next(&text, &found, &a) > 0 && found.recipient < r->envelope.recipient_count) {
        const struct owed o = {.envelope = &r->envelope,
                               .recipient = found.recipient,
                               .outcome = &found.outcome,
                               .event = (uint64_t)sqlite3_column_int64(s, 1)};
        each(arg, &o);
    }
    arena_clear(&a);
}

bool ledger_owed(struct ledger *l, struct span address, owed_fn *each, void *arg, struct error *e)
{
    sqlite3_stmt *s =
        ledger_prepare(l,
                       "SELECT owed.message, seq, event.entry, message.entry FROM owed"
                       " JOIN event USING (message, seq) JOIN message ON message.id = owed.message"
                       " WHERE address = ? AND digest IS NULL ORDER BY owed.message, seq",
                       e);
    struct owed_reading r = {.of_envelope = ARENA_EMPTY};
    int step;
    if (!s)
        return false;
    sqlite3_bind_blob64(s, 1, address.at, address.len, SQLITE_STATIC);
    while ((step = sqlite3_step(s)) == SQLITE_ROW)
        take(&r, s, each, arg);
    arena_clear(&r.of_envelope);
    sqlite3_finalize(s);
    return step == SQLITE_DONE || ledger_fail(l, e, "read");
}

bool ledger_told_in(struct ledger *l, struct span what, size_t limit, struct arena *a,
                    message_id **ids, size_t *count, struct error *e)
{
    message_id digest;
    int step = SQLITE_DONE;
    *ids = arena_new(a, limit * sizeof **ids);
    *count = 0;
    if (!message_id_parse(what, &digest))
        return true;
    sqlite3_stmt *s = ledger_prepare(l,
                                     "SELECT message FROM (SELECT DISTINCT message FROM owed"
                                     " WHERE digest = ? ORDER BY message DESC LIMIT ?)"
                                     " ORDER BY message",
                                     e);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, (int64_t)digest);
    sqlite3_bind_int64(s, 2, (int64_t)limit);
    while (*count < limit && (step = sqlite3_step(s)) == SQLITE_ROW)
        (*ids)[(*count)++] = (message_id)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return step == SQLITE_DONE || step == SQLITE_ROW || ledger_fail(l, e, "read");
}
