#include "store/ledger_inside.h"

enum { RECORDS_A_TRANSACTION = 20000 };

struct feeding {
    struct ledger *ledger;
    struct arena arena;
    int64_t seq;          /* of the next event */
    int64_t notification; /* that the record at hand accepts; 0: none */
    bool has_reach;       /* as in the ledger, from this transaction on */
};

static bool run(sqlite3_stmt *s)
{
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return ok;
}

static void bind_span(sqlite3_stmt *s, int at, struct span text)
{
    sqlite3_bind_blob64(s, at, text.at, text.len, SQLITE_STATIC);
}

static void bind_hash(sqlite3_stmt *s, int at, struct span text)
{
    if (text.len)
        sqlite3_bind_int64(s, at, ledger_hash(text));
    else
        sqlite3_bind_null(s, at);
}

static void bind_id(sqlite3_stmt *s, int at, message_id id)
{
    if (id)
        sqlite3_bind_int64(s, at, (int64_t)id);
    else
        sqlite3_bind_null(s, at);
}

static size_t count_members(const struct envelope *e)
{
    size_t count = 0;
    for (size_t i = 0; i < e->recipient_count; i++)
        count += e->recipients[i].parent > 0;
    return count;
}

static bool add_message(struct feeding *f, const struct envelope *e, struct span entry)
{
    sqlite3_stmt *s = f->ledger->statements[INSERT_MESSAGE];
    sqlite3_bind_int64(s, 1, (int64_t)e->id);
    sqlite3_bind_int(s, 2, (int)e->origin);
    bind_id(s, 3, e->about);
    bind_hash(s, 4, e->header_message_id);
    bind_hash(s, 5, e->reverse_path);
    sqlite3_bind_int64(s, 6, (int64_t)e->recipient_count);
    bind_span(s, 7, entry);
    sqlite3_bind_int64(s, 8, (int64_t)count_members(e));
    sqlite3_bind_int(s, 9, e->is_own);
    bool ok = run(s);
    if (ok && !f->has_reach)
        ok = f->has_reach = ledger_begin_reach(f->ledger, e->accepted_ms);
    s = f->ledger->statements[INSERT_RECIPIENT];
    for (size_t i = 0; ok && i < e->recipient_count; i++) {
        sqlite3_bind_int64(s, 1, ledger_hash(e->recipients[i].address));
        sqlite3_bind_int64(s, 2, (int64_t)e->id);
        sqlite3_bind_int64(s, 3, (int64_t)i);
        ok = run(s);
    }
    return ok;
}

/* So that the acceptance too has a place among the events. */
static bool add_acceptance(struct feeding *f, message_id id)
{
    sqlite3_stmt *s = f->ledger->statements[INSERT_EVENT];
    sqlite3_bind_int64(s, 1, (int64_t)id);
    sqlite3_bind_int64(s, 2, f->seq);
    sqlite3_bind_int(s, 3, EVENT_ACCEPTED);
    sqlite3_bind_null(s, 4);
    sqlite3_bind_null(s, 5);
    bind_span(s, 6, SPAN_NONE);
    return run(s);
}

static int event_kind(const struct entry *e)
{
    if (e->kind != ENTRY_OUTCOME)
        return e->kind == ENTRY_HOLD ? EVENT_HOLD : EVENT_RELEASE;
    return outcome_is_final(e->outcome.kind) && !entry_closes(e) ? EVENT_UNREPORTED
                                                                 : (int)e->outcome.kind;
}

static bool add_event(struct feeding *f, const struct entry *e, struct span entry)
{
    sqlite3_stmt *s = f->ledger->statements[INSERT_EVENT];
    bool is_outcome = e->kind == ENTRY_OUTCOME;
    bool is_reported = is_outcome && e->outcome.is_reported;
    sqlite3_bind_int64(s, 1, (int64_t)e->id);
    sqlite3_bind_int64(s, 2, f->seq);
    sqlite3_bind_int(s, 3, event_kind(e));
    if (is_outcome)
        sqlite3_bind_int64(s, 4, (int64_t)e->recipient);
    else
        sqlite3_bind_null(s, 4);
    bind_id(s, 5, is_reported ? (message_id)f->notification : 0);
    bind_span(s, 6, entry);
    return run(s) &&
           (!is_outcome || !e->outcome.is_in_digest || ledger_add_owed(f->ledger, e, f->seq));
}

/* The notification that this record accepts: it tells of the outcomes in the same record that their
 * sender wanted to know of. */
static int64_t find_notification(struct feeding *f, struct span entries)
{
    struct entry e;
    while (entry_next(&entries, &e, &f->arena) > 0)
        if (e.kind == ENTRY_ACCEPT && envelope_is_notice(&e.envelope))
            return (int64_t)e.id;
    return 0;
}

static bool add_record(struct feeding *f, const struct journal_record *record)
{
    struct span rest = record->entries;
    struct entry e;
    bool ok = true;
    f->seq = (int64_t)(record->at.generation << 40 | record->at.offset);
    f->notification = find_notification(f, record->entries);
    while (ok && rest.len) {
        const char *at = rest.at;
        if (entry_next(&rest, &e, &f->arena) <= 0)
            break;
        const char *end = rest.len ? rest.at : record->entries.at + record->entries.len;
        struct span entry = span_make(at, (size_t)(end - at));
        if (e.kind != ENTRY_ACCEPT)
            ok = add_event(f, &e, entry);
        else
            ok = add_message(f, &e.envelope, entry) &&
                 (!e.envelope.tells_until || ledger_tell_owed(f->ledger, &e.envelope)) &&
                 (!f->ledger->is_followed || add_acceptance(f, e.id));
        f->seq++;
    }
    arena_clear(&f->arena);
    return ok;
}

static bool execute(struct ledger *l, const char *sql, struct error *e)
{
    return sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK || ledger_fail(l, e, "write");
}

static bool set_position(struct ledger *l, struct journal_position to)
{
    sqlite3_stmt *s = l->statements[SET_POSITION];
    sqlite3_bind_int64(s, 1, (int64_t)to.generation);
    sqlite3_bind_int64(s, 2, (int64_t)to.offset);
    return run(s);
}

/* One transaction. 1: more is to be fed, 0: all was, -1: `e`, and nothing has changed. */
static int feed_some(struct ledger *l, struct journal_reader *r, struct journal_position until,
                     struct error *e)
{
    struct feeding f = {.ledger = l, .has_reach = l->has_reach};
    struct journal_position reached = l->position;
    struct journal_record record;
    /* Without a writer that says what is durable, the last message may be torn: recovery is going
     * to drop it, so it has no story. */
    bool check_messages = until.generation == JOURNAL_END.generation;
    int found = 1;
    bool ok = execute(l, "BEGIN IMMEDIATE", e);
    if (!ok)
        return -1;
    for (int n = 0; ok && n < RECORDS_A_TRANSACTION; n++) {
        if (journal_position_compare(reached, until) >= 0) {
            found = 0;
            break;
        }
        found = journal_reader_next(r, check_messages, &record, e);
        if (found <= 0)
            break;
        if (journal_position_compare(record.at, until) >= 0) {
            found = 0;
            break;
        }
        if (!record.is_copy && !add_record(&f, &record))
            ok = ledger_fail(l, e, "write");
        reached = record.next;
    }
    ok = ok && found >= 0;
    if (ok && !set_position(l, reached))
        ok = ledger_fail(l, e, "write");
    if (ok)
        ok = execute(l, "COMMIT", e);
    if (!ok) {
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    l->position = reached;
    l->has_reach = f.has_reach;
    return found;
}

bool ledger_feed(struct ledger *l, struct disk *d, const char *journal_directory,
                 struct journal_position until, struct error *e)
{
    if (journal_position_compare(l->position, until) >= 0)
        return true;
    struct journal_reader *r = journal_reader_open(d, journal_directory, l->position, e);
    int more = r ? 1 : -1;
    while (more > 0)
        more = feed_some(l, r, until, e);
    /* The end of a generation is passed too when there is another, so that its segment can be
     * freed. No further: `until` may be more than there is. */
    struct journal_position seen = more ? l->position : journal_reader_position(r);
    journal_reader_close(&r);
    if (journal_position_compare(seen, until) <= 0 &&
        journal_position_compare(l->position, seen) < 0) {
        if (!set_position(l, seen))
            return ledger_fail(l, e, "write");
        l->position = seen;
    }
    return more == 0;
}

void ledger_keep_unread(struct ledger *l, uint64_t from, int64_t before_ms)
{
    l->unread_from = from > INT64_MAX ? INT64_MAX : (int64_t)from;
    l->unread_before_ms = before_ms;
}

static bool choose_old(struct ledger *l, int64_t before_ms, int count, struct error *e)
{
    char *sql = sqlite3_mprintf(
        "BEGIN IMMEDIATE;"
        "CREATE TEMP TABLE IF NOT EXISTS old (id INTEGER PRIMARY KEY);"
        "INSERT INTO old SELECT id FROM message m WHERE id < %lld AND recipients ="
        " (SELECT count(*) FROM event WHERE message = m.id AND kind < %d AND kind <> %d)"
        " AND (id < %lld OR NOT EXISTS"
        " (SELECT 1 FROM event WHERE message = m.id AND seq >= %lld))"
        " AND NOT EXISTS (SELECT 1 FROM owed WHERE message = m.id AND digest IS NULL) LIMIT %d;",
        (long long)before_ms * 1000, EVENT_HOLD, OUTCOME_DELAYED,
        (long long)l->unread_before_ms * 1000, (long long)l->unread_from, count);
    bool ok = sql && execute(l, sql, e);
    sqlite3_free(sql);
    return ok;
}

/* -1: it could not be done. */
static int remove_old(struct ledger *l, struct error *e)
{
    char *sql = sqlite3_mprintf(
        "INSERT INTO forgotten SELECT origin, kind, notification IS NOT NULL, count(*)"
        " FROM old JOIN message USING (id) JOIN event ON event.message = id"
        " WHERE kind < %d AND kind <> %d GROUP BY 1, 2, 3"
        " ON CONFLICT DO UPDATE SET count = count + excluded.count;"
        "INSERT INTO forgotten SELECT origin, %d, 0, sum(members) FROM old JOIN message USING (id)"
        " GROUP BY origin HAVING sum(members) > 0"
        " ON CONFLICT DO UPDATE SET count = count + excluded.count;"
        "DELETE FROM recipient WHERE message IN old;"
        "DELETE FROM event WHERE message IN old;"
        "DELETE FROM owed WHERE message IN old;"
        "DELETE FROM message WHERE id IN old;",
        EVENT_HOLD, OUTCOME_DELAYED, FORGOTTEN_MEMBERS);
    bool ok = sql && execute(l, sql, e);
    int gone = ok ? sqlite3_changes(l->db) : -1;
    sqlite3_free(sql);
    return gone;
}

int ledger_forget(struct ledger *l, int64_t before_ms, int count, struct error *e)
{
    bool ok = choose_old(l, before_ms, count, e) && ledger_prove_old(l, e);
    int gone = ok ? remove_old(l, e) : -1;
    if (gone >= 0 && execute(l, "DELETE FROM old; COMMIT", e))
        return gone;
    sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}
