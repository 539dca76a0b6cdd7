/* Ids are times, so the messages of some hours or days stand together in their table. */
#include "store/ledger_reached.h"

#include "store/ledger_inside.h"

struct reaching {
    struct ledger *ledger;
    size_t count, most;
    void (*each)(void *arg, const struct envelope *e, size_t recipient);
    void *arg;
    struct error *error;
};

static bool take_relayed(struct reaching *r, const struct envelope *e)
{
    sqlite3_stmt *stmt = ledger_prepare(r->ledger,
                                        "SELECT DISTINCT recipient FROM event WHERE message = ?"
                                        " AND kind = ? ORDER BY recipient",
                                        r->error);
    int step = SQLITE_ERROR;
    if (!stmt)
        return false;
    sqlite3_bind_int64(stmt, 1, (int64_t)e->id);
    sqlite3_bind_int(stmt, 2, OUTCOME_RELAYED);
    while (r->count < r->most && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        size_t recipient = (size_t)sqlite3_column_int64(stmt, 0);
        if (recipient >= e->recipient_count)
            continue;
        r->each(r->arg, e, recipient);
        r->count++;
    }
    bool ok =
        step == SQLITE_DONE || r->count == r->most || ledger_fail(r->ledger, r->error, "read");
    sqlite3_finalize(stmt);
    return ok;
}

ssize_t ledger_reached(struct ledger *l, struct span account, int64_t from_ms, int64_t until_ms,
                       size_t most,
                       void (*each)(void *arg, const struct envelope *e, size_t recipient),
                       void *arg, struct error *e)
{
    struct reaching r = {.ledger = l, .most = most, .each = each, .arg = arg, .error = e};
    sqlite3_stmt *stmt = ledger_prepare(
        l, "SELECT entry FROM message WHERE id BETWEEN ? AND ? AND own ORDER BY id", e);
    int step = SQLITE_ERROR;
    bool ok = stmt != NULL;
    if (!ok)
        return -1;
    sqlite3_bind_int64(stmt, 1, from_ms * 1000);
    sqlite3_bind_int64(stmt, 2, until_ms * 1000 + 999);
    while (ok && r.count < most && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct arena a = ARENA_EMPTY;
        struct envelope envelope = ledger_envelope(ledger_blob(stmt, 0), &a);
        if (span_equal_nocase(envelope_account(&envelope), account))
            ok = take_relayed(&r, &envelope);
        arena_clear(&a);
    }
    ok = ok && (step == SQLITE_DONE || r.count == most || ledger_fail(l, e, "read"));
    sqlite3_finalize(stmt);
    return ok ? (ssize_t)r.count : -1;
}
