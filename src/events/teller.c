/* What the sink has taken is behind its place, which is stored before the next events are read: so
 * after a crash it may get some again, and misses none. A place that can't be stored is trouble
 * like a sink that does not take: nothing goes on until it can. */
#include "events/teller.h"

#include "base/memory.h"
#include "events/account_feed.h"
#include "events/event.h"
#include "events/patience.h"
#include "events/place.h"
#include "store/ledger_events.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    LOOK_EVERY_MS = 500,      /* the ledger is fed once a second */
    MOST_BYTES = 1024 * 1024, /* at a time */
    MOST_COUNTED = 1000000,   /* of what waits */
    COUNT_EVERY_MS = 5000
};

struct teller {
    struct teller_settings settings;
    struct sink *sink;
    struct buffer path;    /* of its place */
    struct ledger *ledger; /* NULL: not open */
    struct account_feed *accounts;
    struct patience patience;
    int64_t counted_at;
    _Atomic uint64_t place, behind;
    pthread_t thread;
    bool is_running;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ends; /* guarded */
};

struct teller *teller_new(const struct teller_settings *s, struct error *e)
{
    struct teller *t = memory_new(sizeof *t);
    pthread_condattr_t monotonic;
    t->settings = *s;
    t->patience = patience_start();
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    t->sink = sink_new(s->to, s->secret, e);
    if (!t->sink || !place_path(disk_real(), s->state, s->to, &t->path, e) ||
        !(t->accounts = account_feed_new(s->to, s->state, e)))
        teller_free(&t);
    return t;
}

static bool is_ending(struct teller *t)
{
    pthread_mutex_lock(&t->lock);
    bool ends = t->ends;
    pthread_mutex_unlock(&t->lock);
    return ends;
}

static void wait_until(struct teller *t, int64_t ms)
{
    const struct timespec until = {ms / 1000, ms % 1000 * 1000000};
    pthread_mutex_lock(&t->lock);
    while (!t->ends && pthread_cond_timedwait(&t->wake, &t->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&t->lock);
}

/* ---- what the operator hears */

static void say(struct teller *t, enum patience_say what, const char *why)
{
    struct buffer name = BUFFER_EMPTY;
    if (what == SAY_NOTHING)
        return;
    sink_add_name(&name, t->settings.to);
    struct buffer *line = what == SAY_BEHIND ? log_begin(LOG_LEVEL_WARNING, "events-behind")
                                             : log_begin(LOG_LEVEL_INFO, "events-again");
    log_line_text(line, "to", buffer_span(&name));
    if (what == SAY_BEHIND) {
        log_line_number(line, "waiting", (int64_t)atomic_load(&t->behind));
        log_line_text(line, "text",
                      why[0] ? span_of(why) : SPAN("it takes them more slowly than they come"));
    }
    log_end();
    log_flush();
    buffer_free(&name);
}

static void count_behind(struct teller *t)
{
    struct error e;
    uint64_t count;
    if (!t->ledger || clock_monotonic_ms() < t->counted_at + COUNT_EVERY_MS)
        return;
    if (ledger_events_count(t->ledger, atomic_load(&t->place), MOST_COUNTED, &count, &e))
        atomic_store(&t->behind, count);
    t->counted_at = clock_monotonic_ms();
}

/* ---- the place */

static bool store_place(struct teller *t, uint64_t place, struct error *e)
{
    if (!place_save(disk_real(), buffer_text(&t->path), t->settings.to, place, e))
        return false;
    atomic_store(&t->place, place);
    t->settings.moved(t->settings.arg);
    return true;
}

/* Who is new is told from now on. A place that is beyond all that the ledger knows is one of
 * another ledger. */
static bool find_place(struct teller *t, struct error *e)
{
    uint64_t place = 0, end = ledger_events_end(t->ledger, e);
    int found = end ? place_load(disk_real(), buffer_text(&t->path), &place, e) : -1;
    if (found < 0)
        return false;
    if (!found)
        return store_place(t, end, e);
    if (place > end) {
        log_message(LOG_LEVEL_WARNING, "events-anew",
                    "the ledger is another one; what it knows is told from its beginning to %s",
                    event_sink_word(t->settings.to->kind));
        return store_place(t, 1, e);
    }
    atomic_store(&t->place, place);
    t->settings.moved(t->settings.arg);
    return true;
}

static bool is_ready(struct teller *t, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    if (!t->ledger) {
        buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(t->settings.state));
        t->ledger = ledger_open_read(buffer_text(&path), e);
        buffer_free(&path);
    }
    return t->ledger && (atomic_load(&t->place) || find_place(t, e));
}

/* ---- telling */

/* As many as go into one piece. Returns where to go on. */
static uint64_t write_lines(const struct ledger_events *found, struct buffer *lines)
{
    for (size_t i = 0; i < found->count; i++) {
        if (i && lines->len > MOST_BYTES)
            return found->at[i].number;
        event_write(lines, &found->at[i]);
        buffer_add_char(lines, '\n');
    }
    return found->next;
}

/* One attempt. 1: there is more; 0: that was all; -1: `e`. */
static int tell_some(struct teller *t, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct buffer lines = BUFFER_EMPTY;
    struct ledger_events found;
    bool ok = ledger_events(t->ledger, atomic_load(&t->place), t->patience.most, &a, &found, e);
    uint64_t next = ok ? write_lines(&found, &lines) : 0;
    bool has_more = ok && (found.has_more || next < found.next);
    if (ok && next != atomic_load(&t->place))
        ok = (!lines.len || sink_take(t->sink, buffer_span(&lines), e)) && store_place(t, next, e);
    buffer_free(&lines);
    arena_clear(&a);
    return ok ? has_more : -1;
}

/* The same of what was decided of accounts, which is little. */
static int tell_of_accounts(struct teller *t, struct error *e)
{
    struct buffer lines = BUFFER_EMPTY;
    bool ok = account_feed_next(t->accounts, t->patience.most, &lines, e) &&
              (!lines.len || sink_take(t->sink, buffer_span(&lines), e)) &&
              account_feed_taken(t->accounts, e);
    int result = !ok ? -1 : lines.len > 0;
    buffer_free(&lines);
    return result;
}

/* A pause may be longer than the time after which the operator is to hear of the trouble. */
static void rest(struct teller *t, const struct error *why)
{
    int64_t end = clock_monotonic_ms() + patience_pause(&t->patience);
    for (int64_t now; !is_ending(t) && (now = clock_monotonic_ms()) < end;) {
        count_behind(t);
        say(t, patience_time(&t->patience, now), why->text);
        wait_until(t, end < now + LOOK_EVERY_MS ? end : now + LOOK_EVERY_MS);
    }
}

static void *run(void *arg)
{
    struct teller *t = arg;
    while (!is_ending(t)) {
        struct error e = {""};
        bool is_there = is_ready(t, &e); /* first of all: what comes from now on is told */
        int result = !is_there ? -1 : store_is_followed(t->settings.store) ? tell_some(t, &e) : 0;
        if (!result)
            result = tell_of_accounts(t, &e);
        if (result)
            count_behind(t);
        else
            atomic_store(&t->behind, 0);
        say(t, patience_attempt(&t->patience, clock_monotonic_ms(), result >= 0, result > 0),
            e.text);
        if (result < 0)
            rest(t, &e);
        else if (!result)
            wait_until(t, clock_monotonic_ms() + LOOK_EVERY_MS);
    }
    log_close();
    return NULL;
}

void teller_start(struct teller *t)
{
    t->thread = thread_start(run, t, "events");
    t->is_running = true;
}

void teller_end(struct teller *t)
{
    pthread_mutex_lock(&t->lock);
    t->ends = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    sink_interrupt(t->sink);
}

void teller_join(struct teller *t)
{
    if (t->is_running)
        pthread_join(t->thread, NULL);
    t->is_running = false;
}

void teller_free(struct teller **teller)
{
    struct teller *t = *teller;
    if (!t)
        return;
    ledger_close(&t->ledger);
    account_feed_free(&t->accounts);
    sink_free(&t->sink);
    buffer_free(&t->path);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->wake);
    free(t);
    *teller = NULL;
}

uint64_t teller_place(const struct teller *t)
{
    return atomic_load(&t->place);
}

uint64_t teller_behind(const struct teller *t)
{
    return atomic_load(&t->behind);
}
