/* Events are stored by message, which is how stories are read. In their own order they are found by
 * an index, that is there only where somebody follows them: mail pays for nothing that nobody uses.
 * What is read may be any number of events behind; the order is that of the journal, so that
 * whatever is fed later stands behind what was read. */
#include "store/ledger_events.h"

#include "store/ledger_inside.h"

enum { MOST_MEMORY = 64 * 1024 * 1024 };

static const char follow[] =
    "BEGIN IMMEDIATE;"
    "CREATE INDEX IF NOT EXISTS event_by_seq ON event (seq);"
    /* whether an outcome was an event before its notice was made */
    "CREATE INDEX IF NOT EXISTS event_untold ON event (message, recipient) WHERE kind = 102;"
    "COMMIT;";
static const char follow_no_more[] = "BEGIN IMMEDIATE;"
                                     "DROP INDEX IF EXISTS event_by_seq;"
                                     "DROP INDEX IF EXISTS event_untold;"
                                     "COMMIT;";

bool ledger_follow(struct ledger *l, bool is_followed, struct error *e)
{
    if (sqlite3_exec(l->db, is_followed ? follow : follow_no_more, NULL, NULL, NULL) != SQLITE_OK) {
        ledger_fail(l, e, "write");
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
        return false;
    }
    l->is_followed = is_followed;
    return true;
}

bool ledger_is_followed(const struct ledger *l)
{
    return l->is_followed;
}

uint64_t ledger_events_end(struct ledger *l, struct error *e)
{
    if (!ledger_read_position(l, e))
        return 0;
    return (l->position.generation << 40 | l->position.offset) + !l->position.generation;
}

/* ---- reading */

struct reading {
    struct ledger *ledger;
    struct arena *arena;
    sqlite3_stmt *untold;
    struct envelope *envelope; /* the latest; several events of one message often follow */
    struct error *error;
};

static bool was_told_before(struct reading *r, message_id id, size_t recipient, uint64_t number)
{
    sqlite3_bind_int64(r->untold, 1, (int64_t)id);
    sqlite3_bind_int64(r->untold, 2, (int64_t)recipient);
    sqlite3_bind_int64(r->untold, 3, (int64_t)number);
    bool was = sqlite3_step(r->untold) == SQLITE_ROW;
    sqlite3_reset(r->untold);
    return was;
}

static void take_outcome(struct reading *r, const struct entry *found, message_id notification,
                         struct ledger_event *event)
{
    bool is_final = outcome_is_final(found->outcome.kind);
    event->time_ms = found->outcome.time_ms;
    event->recipient = found->recipient;
    event->attempts = found->attempts;
    event->retry_ms = is_final ? 0 : found->retry_ms;
    event->outcome = found->outcome;
    event->notification = notification;
    /* A delay is told of after it was written down, always. */
    if (is_final
            ? entry_closes(found) && was_told_before(r, found->id, found->recipient, event->number)
            : found->outcome.is_reported || found->outcome.is_in_digest) {
        event->kind = LEDGER_REPORTED;
        if (notification)
            event->time_ms = (int64_t)(notification / 1000); /* an id is a time */
    }
}

static bool take_event(struct reading *r, sqlite3_stmt *s, struct ledger_event *event)
{
    struct entry found = {0};
    message_id id = (message_id)sqlite3_column_int64(s, 0);
    int kind = sqlite3_column_int(s, 2);
    struct span entry = arena_copy(r->arena, ledger_blob(s, 3));
    if (!r->envelope || r->envelope->id != id) {
        r->envelope = arena_new(r->arena, sizeof *r->envelope);
        *r->envelope = ledger_envelope(ledger_blob(s, 5), r->arena);
    }
    *event = (struct ledger_event){.number = (uint64_t)sqlite3_column_int64(s, 1),
                                   .kind = kind == EVENT_ACCEPTED  ? LEDGER_ACCEPTED
                                           : kind == EVENT_HOLD    ? LEDGER_HELD
                                           : kind == EVENT_RELEASE ? LEDGER_RELEASED
                                                                   : LEDGER_OUTCOME,
                                   .envelope = r->envelope,
                                   .time_ms = r->envelope->accepted_ms};
    if (event->kind == LEDGER_ACCEPTED)
        return true;
    if (entry_next(&entry, &found, r->arena) <= 0 ||
        (found.kind == ENTRY_OUTCOME && found.recipient >= r->envelope->recipient_count))
        return false;
    event->time_ms = found.time_ms;
    event->why = found.why;
    if (found.kind == ENTRY_OUTCOME)
        take_outcome(r, &found, (message_id)sqlite3_column_int64(s, 4), event);
    return true;
}

static bool read_all(struct reading *r, sqlite3_stmt *s, struct ledger_events *found)
{
    int step;
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        found->next = (uint64_t)sqlite3_column_int64(s, 1) + 1;
        found->count += take_event(r, s, &found->at[found->count]);
        if (r->arena->total > MOST_MEMORY) {
            found->has_more = true;
            return true;
        }
    }
    return step == SQLITE_DONE || ledger_fail(r->ledger, r->error, "read");
}

bool ledger_events(struct ledger *l, uint64_t from, size_t limit, struct arena *a,
                   struct ledger_events *found, struct error *e)
{
    struct reading r = {.ledger = l, .arena = a, .error = e};
    sqlite3_stmt *s = ledger_prepare(
        l,
        "SELECT event.message, seq, kind, event.entry, notification, message.entry"
        " FROM event INDEXED BY event_by_seq JOIN message ON message.id = event.message"
        " WHERE seq >= ? ORDER BY seq LIMIT ?",
        e);
    r.untold = s ? ledger_prepare(l,
                                  "SELECT 1 FROM event INDEXED BY event_untold WHERE message = ?"
                                  " AND recipient = ? AND kind = 102 AND seq < ?",
                                  e)
                 : NULL;
    *found = (struct ledger_events){.at = arena_new(a, limit * sizeof *found->at), .next = from};
    bool ok = r.untold;
    if (ok) {
        sqlite3_bind_int64(s, 1, (int64_t)from);
        sqlite3_bind_int64(s, 2, (int64_t)limit);
        ok = read_all(&r, s, found);
        found->has_more |= found->count == limit;
    }
    sqlite3_finalize(r.untold);
    sqlite3_finalize(s);
    return ok;
}

bool ledger_events_count(struct ledger *l, uint64_t from, uint64_t most, uint64_t *count,
                         struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        l,
        "SELECT count(*) FROM (SELECT 1 FROM event INDEXED BY event_by_seq WHERE seq >= ? LIMIT ?)",
        e);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, (int64_t)from);
    sqlite3_bind_int64(s, 2, (int64_t)most);
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    *count = ok ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return ok || ledger_fail(l, e, "read");
}
