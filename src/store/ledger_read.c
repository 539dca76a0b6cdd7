#include "store/ledger_inside.h"

/* ---- which messages are meant */

struct hits {
    struct ledger *ledger;
    struct arena *arena;
    message_id *ids;
    size_t count, limit;
};

struct envelope ledger_envelope(struct span entry, struct arena *a)
{
    struct entry e = {0};
    struct span kept = arena_copy(a, entry);
    if (entry_next(&kept, &e, a) <= 0)
        e.envelope = (struct envelope){0};
    return e.envelope;
}

static bool names(const struct envelope *e, struct span what)
{
    if (span_equal_nocase(e->header_message_id, what) || span_equal_nocase(e->reverse_path, what))
        return true;
    for (size_t i = 0; i < e->recipient_count; i++)
        if (span_equal_nocase(e->recipients[i].address, what))
            return true;
    return false;
}

/* Newest first, from a query by hash. */
static bool collect(struct hits *h, struct span what, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        h->ledger,
        "SELECT id, entry FROM message WHERE id IN (SELECT id FROM message WHERE message_id_hash = "
        "?1"
        " UNION SELECT id FROM message WHERE sender_hash = ?1"
        " UNION SELECT message FROM recipient WHERE address_hash = ?1) ORDER BY id DESC",
        e);
    if (!s)
        return false;
    int step = SQLITE_DONE;
    sqlite3_bind_int64(s, 1, ledger_hash(what));
    while (h->count < h->limit && (step = sqlite3_step(s)) == SQLITE_ROW) {
        struct arena scratch = ARENA_EMPTY;
        struct envelope found = ledger_envelope(ledger_blob(s, 1), &scratch);
        if (names(&found, what))
            h->ids[h->count++] = (message_id)sqlite3_column_int64(s, 0);
        arena_clear(&scratch);
    }
    bool ok = step == SQLITE_DONE || step == SQLITE_ROW;
    if (!ok)
        ledger_fail(h->ledger, e, "read");
    sqlite3_finalize(s);
    return ok;
}

static void turn_round(message_id *ids, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        message_id id = ids[i];
        ids[i] = ids[count - 1 - i];
        ids[count - 1 - i] = id;
    }
}

bool ledger_search(struct ledger *l, struct span what, size_t limit, struct arena *a,
                   message_id **ids, size_t *count, struct error *e)
{
    struct hits h = {.ledger = l, .arena = a, .limit = limit};
    h.ids = arena_new(a, limit * sizeof *h.ids);
    message_id id;
    if (message_id_parse(what, &id)) {
        h.ids[h.count++] = id;
    } else {
        bool has_brackets = what.len && what.at[0] == '<';
        struct span bare =
            has_brackets && what.len > 2 ? span_first(span_skip(what, 1), what.len - 2) : what;
        struct span bracketed = arena_printf(a, "<%.*s>", SPAN_F(bare));
        if (!collect(&h, bracketed, e) || (!h.count && !collect(&h, bare, e)))
            return false;
        turn_round(h.ids, h.count);
    }
    *ids = h.ids;
    *count = h.count;
    return true;
}

/* ---- counting */

static void count_final(struct ledger_count *c, int kind, bool is_notified, uint64_t n)
{
    switch ((enum outcome_kind)kind) {
    case OUTCOME_DELIVERED:
        c->delivered += n;
        break;
    case OUTCOME_RELAYED:
        c->relayed += n;
        break;
    case OUTCOME_DISCARDED:
        c->discarded += n;
        break;
    case OUTCOME_FAILED:
        c->failed += n;
        *(is_notified ? &c->failed_reported : &c->failed_unreported) += n;
        break;
    case OUTCOME_EXPANDED:
        c->expanded_from += n;
        break;
    case OUTCOME_DELAYED:
        break;
    }
}

/* Those who stand in the place of others count like the members of an alias. */
static uint64_t *came_in(struct ledger_count *c, int origin)
{
    switch ((enum origin)origin) {
    case ORIGIN_SMTP:
        return &c->recipients_accepted;
    case ORIGIN_NOTIFICATION:
    case ORIGIN_TO_POSTMASTER:
        return &c->recipients_generated;
    case ORIGIN_FORWARD:
    case ORIGIN_REDIRECTED:
        break;
    }
    return &c->expanded_into;
}

static bool count_accepted(struct ledger *l, struct ledger_count *c, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        l,
        "SELECT origin, count(*), sum(recipients - members), sum(members) FROM message"
        " GROUP BY origin",
        e);
    if (!s)
        return false;
    while (sqlite3_step(s) == SQLITE_ROW) {
        c->messages += (uint64_t)sqlite3_column_int64(s, 1);
        *came_in(c, sqlite3_column_int(s, 0)) += (uint64_t)sqlite3_column_int64(s, 2);
        c->expanded_into += (uint64_t)sqlite3_column_int64(s, 3);
    }
    sqlite3_finalize(s);
    return true;
}

static bool count_outcomes(struct ledger *l, struct ledger_count *c, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l,
                                     "SELECT kind, notification IS NOT NULL, count(*) FROM event"
                                     " WHERE kind < 100 GROUP BY 1, 2",
                                     e);
    if (!s)
        return false;
    while (sqlite3_step(s) == SQLITE_ROW)
        count_final(c, sqlite3_column_int(s, 0), sqlite3_column_int(s, 1),
                    (uint64_t)sqlite3_column_int64(s, 2));
    sqlite3_finalize(s);
    return true;
}

static bool count_forgotten(struct ledger *l, struct ledger_count *c, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, "SELECT origin, kind, notified, count FROM forgotten", e);
    if (!s)
        return false;
    while (sqlite3_step(s) == SQLITE_ROW) {
        uint64_t n = (uint64_t)sqlite3_column_int64(s, 3);
        uint64_t *in = came_in(c, sqlite3_column_int(s, 0));
        if (sqlite3_column_int(s, 1) == FORGOTTEN_MEMBERS) {
            c->expanded_into += n;
            *in -= n;
            continue;
        }
        *in += n;
        count_final(c, sqlite3_column_int(s, 1), sqlite3_column_int(s, 2), n);
    }
    sqlite3_finalize(s);
    return true;
}

/* They were counted as if nobody were going to be told. */
static bool count_owed(struct ledger *l, struct ledger_count *c, struct error *e)
{
    sqlite3_stmt *s =
        ledger_prepare(l,
                       "SELECT count(*) FROM owed CROSS JOIN event USING (message, seq)"
                       " WHERE digest IS NULL AND kind = ?",
                       e);
    if (!s)
        return false;
    sqlite3_bind_int(s, 1, OUTCOME_FAILED);
    if (sqlite3_step(s) == SQLITE_ROW)
        c->failed_owed = (uint64_t)sqlite3_column_int64(s, 0);
    c->failed_unreported -= c->failed_owed;
    sqlite3_finalize(s);
    return true;
}

bool ledger_begin(struct ledger *l, struct error *e)
{
    if (sqlite3_exec(l->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return ledger_fail(l, e, "read");
    bool ok = ledger_read_position(l, e); /* the first read takes the snapshot */
    if (!ok)
        ledger_end(l);
    return ok;
}

void ledger_end(struct ledger *l)
{
    sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL);
}

bool ledger_recount(struct ledger *l, struct ledger_count *c, struct error *e)
{
    *c = (struct ledger_count){0};
    if (!count_accepted(l, c, e) || !count_outcomes(l, c, e) || !count_owed(l, c, e) ||
        !count_forgotten(l, c, e))
        return false;
    c->open = c->recipients_accepted + c->recipients_generated + c->expanded_into - c->delivered -
              c->relayed - c->failed - c->discarded - c->expanded_from;
    return true;
}

bool ledger_open_messages(struct ledger *l, void (*each)(void *arg, message_id id, int64_t open),
                          void *arg, struct error *e)
{
    sqlite3_stmt *s =
        ledger_prepare(l,
                       "SELECT id, recipients - (SELECT count(*) FROM event WHERE message = m.id"
                       " AND kind < 100 AND kind <> ?) AS open FROM message m WHERE open <> 0",
                       e);
    int step;
    if (!s)
        return false;
    sqlite3_bind_int(s, 1, OUTCOME_DELAYED);
    while ((step = sqlite3_step(s)) == SQLITE_ROW)
        each(arg, (message_id)sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1));
    sqlite3_finalize(s);
    return step == SQLITE_DONE || ledger_fail(l, e, "read");
}

bool ledger_unreported(struct ledger *l,
                       void (*each)(void *arg, const struct envelope *e, size_t recipient),
                       void *arg, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l,
                                     "SELECT message.entry, recipient FROM event JOIN message"
                                     " ON message.id = event.message WHERE kind = ?"
                                     " AND notification IS NULL AND NOT EXISTS (SELECT 1 FROM owed"
                                     " WHERE message = event.message AND seq = event.seq)",
                                     e);
    int step;
    if (!s)
        return false;
    sqlite3_bind_int(s, 1, OUTCOME_FAILED);
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        struct arena a = ARENA_EMPTY;
        struct envelope found = ledger_envelope(ledger_blob(s, 0), &a);
        each(arg, &found, (size_t)sqlite3_column_int64(s, 1));
        arena_clear(&a);
    }
    sqlite3_finalize(s);
    return step == SQLITE_DONE || ledger_fail(l, e, "read");
}
