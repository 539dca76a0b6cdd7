/* What became of one message. What happened is told in the order of the journal; a digest that
 * tells of it is made later, and stands where its time is. */
#include "store/ledger_inside.h"

static size_t count_rows(struct ledger *l, const char *sql, message_id id, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, sql, e);
    size_t count = 0;
    if (!s)
        return 0;
    sqlite3_bind_int64(s, 1, (int64_t)id);
    if (sqlite3_step(s) == SQLITE_ROW)
        count = (size_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return count;
}

/* What happened once is written twice when its notice was made later. */
static bool is_told_already(const struct story *story, const struct entry *e)
{
    for (size_t i = story->event_count; i-- > 0;) {
        const struct story_event *before = &story->events[i];
        if (before->kind == STORY_ATTEMPT && before->recipient == e->recipient)
            return before->outcome.kind == e->outcome.kind &&
                   before->outcome.time_ms == e->outcome.time_ms;
    }
    return false;
}

/* Events as they are read, and those that came later than their place: digests. */
struct story_reading {
    struct story *story;
    struct story_event *late;
    size_t late_count;
};

static void add_in_digest(struct story_reading *r, const struct entry *e, message_id digest)
{
    const struct outcome *o = &e->outcome;
    const struct story_event event = {.kind = STORY_REPORTED,
                                      .time_ms = digest ? (int64_t)(digest / 1000)
                                                 : o->kind == OUTCOME_DELAYED ? o->told_ms
                                                                              : o->time_ms,
                                      .recipient = e->recipient,
                                      .attempts = e->attempts,
                                      .outcome = *o,
                                      .notification = digest};
    size_t at = r->late_count;
    if (!digest) {
        r->story->events[r->story->event_count++] = event;
        return;
    }
    for (; at && r->late[at - 1].time_ms > event.time_ms; at--)
        r->late[at] = r->late[at - 1];
    r->late[at] = event;
    r->late_count++;
}

static void add_event(struct story_reading *r, const struct entry *e, message_id notification)
{
    struct story *story = r->story;
    bool is_outcome = e->kind == ENTRY_OUTCOME;
    bool is_in_digest = is_outcome && e->outcome.is_in_digest;
    bool is_late = is_outcome && (notification || is_in_digest) && is_told_already(story, e);
    if (is_in_digest && is_late) {
        add_in_digest(r, e, notification);
        return;
    }
    story->events[story->event_count++] = (struct story_event){
        .kind = is_late                 ? STORY_REPORTED
                : is_outcome            ? STORY_ATTEMPT
                : e->kind == ENTRY_HOLD ? STORY_HELD
                                        : STORY_RELEASED,
        /* An id is a time. */
        .time_ms = is_late      ? (int64_t)(notification / 1000)
                   : is_outcome ? e->outcome.time_ms
                                : e->time_ms,
        .recipient = e->recipient,
        .attempts = e->attempts,
        .retry_ms = e->retry_ms,
        .outcome = e->outcome,
        .why = e->why,
        .notification = is_in_digest ? 0 : notification,
    };
    if (is_in_digest)
        add_in_digest(r, e, notification);
}

/* From the end, so that nothing is overwritten. */
static void put_late_in_place(struct story_reading *r)
{
    struct story_event *events = r->story->events;
    size_t from = r->story->event_count, late = r->late_count, to = from + late;
    r->story->event_count = to;
    while (late)
        events[--to] = from && events[from - 1].time_ms > r->late[late - 1].time_ms
                           ? events[--from]
                           : r->late[--late];
}

static bool read_events(struct ledger *l, message_id id, struct arena *a, struct story *story,
                        struct error *e)
{
    size_t room = count_rows(l, "SELECT count(*) FROM event WHERE message = ?", id, e);
    struct story_reading r = {.story = story};
    sqlite3_stmt *s = ledger_prepare(
        l, "SELECT entry, notification FROM event WHERE message = ? ORDER BY seq", e);
    if (!s)
        return false;
    story->events = arena_new(a, 2 * room * sizeof *story->events);
    r.late = arena_new(a, room * sizeof *r.late);
    sqlite3_bind_int64(s, 1, (int64_t)id);
    for (; room && sqlite3_step(s) == SQLITE_ROW; room--) {
        struct span entry = arena_copy(a, ledger_blob(s, 0));
        struct entry found;
        if (entry_next(&entry, &found, a) <= 0)
            continue;
        add_event(&r, &found, (message_id)sqlite3_column_int64(s, 1));
    }
    sqlite3_finalize(s);
    put_late_in_place(&r);
    return true;
}

static bool read_notifications(struct ledger *l, message_id id, struct arena *a,
                               struct story *story, struct error *e)
{
    size_t room = count_rows(l, "SELECT count(*) FROM message WHERE about = ?", id, e);
    sqlite3_stmt *s = ledger_prepare(l, "SELECT id FROM message WHERE about = ? ORDER BY id", e);
    if (!s)
        return false;
    story->notifications = arena_new(a, room * sizeof *story->notifications);
    sqlite3_bind_int64(s, 1, (int64_t)id);
    while (story->notification_count < room && sqlite3_step(s) == SQLITE_ROW)
        story->notifications[story->notification_count++] = (message_id)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return true;
}

int ledger_story(struct ledger *l, message_id id, struct arena *a, struct story *story,
                 struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, "SELECT entry FROM message WHERE id = ?", e);
    *story = (struct story){0};
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, (int64_t)id);
    int step = sqlite3_step(s);
    if (step == SQLITE_ROW)
        story->envelope = ledger_envelope(ledger_blob(s, 0), a);
    else if (step != SQLITE_DONE)
        ledger_fail(l, e, "read");
    sqlite3_finalize(s);
    if (step != SQLITE_ROW)
        return step == SQLITE_DONE ? 0 : -1;
    return read_events(l, id, a, story, e) && read_notifications(l, id, a, story, e) ? 1 : -1;
}
