#include "store/ledger_flood.h"

#include "outcome/report_to.h"
#include "store/ledger_inside.h"

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

/* The addresses of floods stand side by side: from their word up to what comes behind its blank. */
bool ledger_flooded(struct ledger *l, int64_t since_ms, flooded_mailbox_fn *each, void *arg,
                    struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l,
                                     "SELECT address, count(*), max(time) FROM owed"
                                     " WHERE address >= ? AND address < ? AND time >= ?"
                                     " GROUP BY address",
                                     e);
    int step;
    if (!s)
        return false;
    const struct span word = report_flood_word, behind = SPAN("flood!");
    sqlite3_bind_blob64(s, 1, word.at, word.len, SQLITE_STATIC);
    sqlite3_bind_blob64(s, 2, behind.at, behind.len, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, since_ms);
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        struct flooded_mailbox found = {.count = (uint64_t)sqlite3_column_int64(s, 1),
                                        .latest_ms = sqlite3_column_int64(s, 2)};
        if (report_digest_of(ledger_blob(s, 0), &found.mailbox) == DIGEST_OF_FLOOD)
            each(arg, &found);
    }
    sqlite3_finalize(s);
    return step == SQLITE_DONE || ledger_fail(l, e, "read");
}

bool ledger_told_latest(struct ledger *l, enum digest_of what, struct span mailbox,
                        struct digest_told *found, struct error *e)
{
    sqlite3_stmt *s =
        ledger_prepare(l,
                       "SELECT entry FROM message WHERE origin = ? AND id IN"
                       " (SELECT message FROM recipient WHERE address_hash = ?) ORDER BY id DESC",
                       e);
    int step = SQLITE_ERROR;
    *found = (struct digest_told){0};
    if (!s)
        return false;
    sqlite3_bind_int(s, 1, ORIGIN_NOTIFICATION);
    sqlite3_bind_int64(s, 2, ledger_hash(mailbox));
    while (!found->id && (step = sqlite3_step(s)) == SQLITE_ROW) {
        struct arena a = ARENA_EMPTY;
        struct envelope d = ledger_envelope(ledger_blob(s, 0), &a);
        if (d.digest_of == what && d.recipient_count &&
            span_equal(d.recipients[0].address, mailbox))
            *found = (struct digest_told){d.id, d.tells_until};
        arena_clear(&a);
    }
    sqlite3_finalize(s);
    return step == SQLITE_DONE || step == SQLITE_ROW || ledger_fail(l, e, "read");
}

bool ledger_flood_before(struct ledger *l, struct span address, struct flood_before *found,
                         struct error *e)
{
    sqlite3_stmt *s =
        ledger_prepare(l, "SELECT time, digest FROM owed WHERE address = ? ORDER BY seq DESC", e);
    int step = SQLITE_ROW;
    *found = (struct flood_before){0};
    if (s)
        sqlite3_bind_blob64(s, 1, address.at, address.len, SQLITE_STATIC);
    while (s && (step = sqlite3_step(s)) == SQLITE_ROW) {
        int64_t time_ms = sqlite3_column_int64(s, 0);
        if (found->since_ms && found->since_ms - time_ms > DAY_MS)
            break;
        if (!found->since_ms || time_ms < found->since_ms)
            found->since_ms = time_ms;
        if (sqlite3_column_type(s, 1) != SQLITE_NULL) {
            found->told++;
            found->first = (message_id)sqlite3_column_int64(s, 1);
        }
    }
    bool ok = s && (step == SQLITE_DONE || step == SQLITE_ROW || ledger_fail(l, e, "read"));
    sqlite3_finalize(s);
    return ok;
}
