/* Two threads. The writer takes all commits that wait, and while it writes and syncs them the next
 * group gathers. The keeper feeds the ledger once a second and nothing waits for it. */
#include "store/store.h"

#include "base/memory.h"
#include "store/digest.h"
#include "store/journal.h"
#include "store/ledger_events.h"
#include "store/segment.h"
#include "store/writer.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/secret.h"
#include "sys/worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum {
    FEED_EVERY = 1000,     /* ms; the more at once, the fewer pages of an index are written */
    FORGET_EVERY = 60000,  /* ms */
    FORGET_AT_ONCE = 1000, /* messages */
    LARGEST_DIGEST_HEAD = 64,
    SETTLE_PATIENCE = 5000 /* ms */
};

struct store {
    struct store_settings settings;
    struct buffer journal_directory;
    struct journal *journal;
    struct ledger *ledger; /* the keeper's, or whoever holds ledger_lock */
    _Atomic message_id last_id;
    atomic_bool may_forget;
    atomic_int_fast64_t keep_story, keep_sent; /* ms */
    unsigned char sent_key[SENT_KEY];
    atomic_bool is_to_be_followed, is_followed;
    _Atomic uint64_t unread_from;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wanted, fed, written;
    struct list waiting;
    bool has_urgent, ends, keeper_ends;
    bool is_asleep; /* the writer looks at what waits only when it is told */
    uint64_t groups_taken, groups_done;
    struct task *pulse;
    struct loop *pulse_loop;
    struct journal_position durable, ledger_position;
    struct store_figures figures;
    pthread_t writer_thread, keeper_thread;

    pthread_mutex_t ledger_lock;

    int64_t waiting_since; /* ms: the first of what waits */
    struct writer *writer; /* its thread's own */
};

/* ---- commits */

void commit_accept(struct commit *c, const struct envelope *e)
{
    const struct outcome expanded = {.kind = OUTCOME_EXPANDED, .time_ms = e->accepted_ms};
    entry_add_accept(&c->entries, e);
    for (size_t i = 0; i < e->recipient_count; i++)
        if (e->recipients[i].is_expanded)
            entry_add_outcome(&c->entries, e->id, i, 0,
                              envelope_tells_of_expansion(e, i) ? e->accepted_ms : 0, &expanded);
}

void commit_outcome(struct commit *c, message_id id, size_t recipient, unsigned attempts,
                    int64_t retry_ms, const struct outcome *o)
{
    entry_add_outcome(&c->entries, id, recipient, attempts, retry_ms, o);
}

void commit_hold(struct commit *c, message_id id, int64_t time_ms, struct span why)
{
    entry_add_hold(&c->entries, id, time_ms, why);
}

void commit_release(struct commit *c, message_id id, int64_t time_ms)
{
    entry_add_release(&c->entries, id, time_ms);
}

void commit_free(struct commit *c)
{
    buffer_free(&c->entries);
    buffer_free(&c->message);
}

/* With its digest behind it: no longer than its entries, and mostly much shorter. */
static bool record_fits(const struct record_header *h, size_t digest, uint64_t segment_size)
{
    const struct record_header seal = {.kind = RECORD_SEAL, .entries_size = (uint32_t)digest};
    return SEGMENT_HEADER_SIZE + record_size(h) + record_size(&seal) + SEGMENT_TRAILER_SIZE +
               RECORD_ALIGNMENT <=
           segment_size;
}

bool commit_fits(const struct commit *c, uint64_t segment_size)
{
    const struct record_header h = {.kind = RECORD_NORMAL,
                                    .entries_size = (uint32_t)c->entries.len,
                                    .message_size = c->message.len};
    if (c->entries.len > UINT32_MAX / 2 || !record_fits(&h, 0, segment_size))
        return false;
    if (record_fits(&h, c->entries.len + LARGEST_DIGEST_HEAD, segment_size))
        return true;
    struct arena scratch = ARENA_EMPTY;
    struct buffer digest = BUFFER_EMPTY;
    bool fits = digest_add(&digest, &h, buffer_span(&c->entries), &scratch) &&
                record_fits(&h, digest.len, segment_size);
    buffer_free(&digest);
    arena_clear(&scratch);
    return fits;
}

void store_commit(struct store *s, struct commit *c)
{
    c->entries_checksum = checksum(buffer_span(&c->entries));
    c->message_checksum = checksum(buffer_span(&c->message));
    pthread_mutex_lock(&s->lock);
    bool was_empty = list_is_empty(&s->waiting), had_urgent = s->has_urgent;
    if (was_empty)
        s->waiting_since = clock_monotonic_ms();
    list_append(&s->waiting, &c->link);
    s->has_urgent |= c->is_urgent;
    bool is_wanted = (was_empty && s->is_asleep) || (c->is_urgent && !had_urgent);
    pthread_mutex_unlock(&s->lock);
    if (is_wanted) /* not before: it would wake up only to wait for the lock */
        pthread_cond_signal(&s->wanted);
}

message_id store_new_id(struct store *s, int64_t now_us)
{
    message_id last = atomic_load(&s->last_id), next;
    do
        next = (message_id)now_us > last ? (message_id)now_us : last + 1;
    while (!atomic_compare_exchange_weak(&s->last_id, &last, next));
    return next;
}

/* ---- the writer's thread */

/* False: the time is over. */
static bool wait_until(struct store *s, pthread_cond_t *what, int64_t ms)
{
    struct timespec until = {ms / 1000, ms % 1000 * 1000000};
    return pthread_cond_timedwait(what, &s->lock, &until) != ETIMEDOUT;
}

/* Sleep until something is urgent, the lazy ones have waited long enough, or the end. Takes what
 * waits. */
static bool wait_for_work(struct store *s, struct list *group)
{
    pthread_mutex_lock(&s->lock);
    while (!s->has_urgent && !s->ends && !s->pulse) {
        int64_t now = clock_monotonic_ms();
        if (list_is_empty(&s->waiting)) {
            /* Where mail flows an urgent commit will come soon, and wakes us: no need to be woken
             * by the others, that can wait. Not for ever: after a while without any we sleep. */
            s->is_asleep =
                !wait_until(s, &s->wanted, now + s->settings.lazy_ms) && list_is_empty(&s->waiting);
            if (s->is_asleep)
                pthread_cond_wait(&s->wanted, &s->lock);
            s->is_asleep = false;
            continue;
        }
        int64_t due = s->waiting_since + s->settings.lazy_ms;
        if (due <= now)
            break;
        wait_until(s, &s->wanted, due);
    }
    list_append_all(group, &s->waiting);
    s->groups_taken++;
    s->has_urgent = false;
    bool goes_on = !s->ends || !list_is_empty(group);
    pthread_mutex_unlock(&s->lock);
    return goes_on;
}

/* For the keeper: so far it may feed; and from it: so far the ledger is. */
static struct journal_position exchange_positions(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    s->durable = journal_durable(s->journal);
    writer_figures(s->writer, &s->figures);
    struct journal_position ledger = s->ledger_position;
    s->groups_done = s->groups_taken;
    pthread_cond_broadcast(&s->written);
    pthread_mutex_unlock(&s->lock);
    return ledger;
}

void store_pulse(struct store *s, struct loop *loop, struct task *t)
{
    pthread_mutex_lock(&s->lock);
    s->pulse = t;
    s->pulse_loop = loop;
    pthread_cond_signal(&s->wanted);
    pthread_mutex_unlock(&s->lock);
}

static void answer_pulse(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    struct task *t = s->pulse;
    s->pulse = NULL;
    pthread_mutex_unlock(&s->lock);
    if (t)
        loop_post(s->pulse_loop, t);
}

static void *writer_run(void *arg)
{
    struct store *s = arg;
    struct list group;
    list_init(&group);
    while (wait_for_work(s, &group)) {
        writer_write(s->writer, &group);
        writer_tidy(s->writer, exchange_positions(s));
        answer_pulse(s);
        log_flush();
    }
    log_close();
    return NULL;
}

void store_settle(struct store *s)
{
    int64_t until = clock_monotonic_ms() + SETTLE_PATIENCE;
    pthread_mutex_lock(&s->lock);
    uint64_t group = s->groups_taken;
    if (!list_is_empty(&s->waiting)) {
        group++;
        s->has_urgent = true;
        pthread_cond_signal(&s->wanted);
    }
    while (s->groups_done < group && wait_until(s, &s->written, until))
        ;
    pthread_mutex_unlock(&s->lock);
}

/* ---- the keeper */

static bool feed(struct store *s, struct error *e)
{
    pthread_mutex_lock(&s->lock);
    struct journal_position until = s->durable;
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_lock(&s->ledger_lock);
    bool ok =
        ledger_feed(s->ledger, s->settings.disk, buffer_text(&s->journal_directory), until, e);
    struct journal_position reached = ledger_position(s->ledger);
    pthread_mutex_unlock(&s->ledger_lock);
    pthread_mutex_lock(&s->lock);
    if (journal_position_compare(reached, s->ledger_position) > 0)
        s->ledger_position = reached;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool store_catch_up(struct store *s, struct error *e)
{
    store_settle(s);
    return feed(s, e);
}

static void forget_old(struct store *s)
{
    struct error e;
    int64_t now_ms = clock_now_ms(), story_ms = atomic_load(&s->keep_story),
            sent_ms = atomic_load(&s->keep_sent), before_ms = now_ms - story_ms;
    pthread_mutex_lock(&s->ledger_lock);
    ledger_keep_sent(s->ledger, sent_ms > story_ms ? s->sent_key : NULL);
    ledger_keep_unread(s->ledger, atomic_load(&s->unread_from), before_ms - STORE_UNREAD_MS);
    int gone = ledger_forget(s->ledger, before_ms, FORGET_AT_ONCE, &e);
    if (gone >= 0)
        gone = ledger_forget_sent(s->ledger, now_ms - (sent_ms > story_ms ? sent_ms : story_ms),
                                  FORGET_AT_ONCE, &e);
    pthread_mutex_unlock(&s->ledger_lock);
    if (gone < 0)
        log_message(LOG_LEVEL_WARNING, "ledger-keeps", "%s", e.text);
}

static void follow_or_not(struct store *s)
{
    struct error e;
    bool is_to_be = atomic_load(&s->is_to_be_followed);
    if (is_to_be == atomic_load(&s->is_followed))
        return;
    pthread_mutex_lock(&s->ledger_lock);
    bool ok = ledger_follow(s->ledger, is_to_be, &e);
    pthread_mutex_unlock(&s->ledger_lock);
    if (ok)
        atomic_store(&s->is_followed, is_to_be);
}

/* False at the end. */
static bool keeper_sleep(struct store *s)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += FEED_EVERY * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&s->lock);
    while (!s->keeper_ends && pthread_cond_timedwait(&s->fed, &s->lock, &until) != ETIMEDOUT)
        ;
    bool goes_on = !s->keeper_ends;
    pthread_mutex_unlock(&s->lock);
    return goes_on;
}

static void *keeper_run(void *arg)
{
    struct store *s = arg;
    struct error e;
    bool was_ok = true;
    int64_t forget_at = 0;
    thread_give_way(); /* no mail waits for it */
    while (keeper_sleep(s)) {
        follow_or_not(s);
        bool ok = feed(s, &e);
        if (!ok && was_ok)
            log_message(LOG_LEVEL_WARNING, "ledger-behind",
                        "the ledger can't be written: %s. Mail goes on; stories will be late",
                        e.text);
        was_ok = ok;
        if (atomic_load(&s->may_forget) && clock_monotonic_ms() >= forget_at) {
            forget_old(s);
            forget_at = clock_monotonic_ms() + FORGET_EVERY;
        }
        log_flush();
    }
    log_close();
    return NULL;
}

/* ---- opening and closing */

static void warn(const char *words)
{
    log_message(LOG_LEVEL_ERROR, "journal-damaged", "%s", words);
}

static void init_condition(pthread_cond_t *c)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(c, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void store_free(struct store *s)
{
    writer_free(&s->writer);
    journal_close(&s->journal);
    ledger_close(&s->ledger);
    buffer_free(&s->journal_directory);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->ledger_lock);
    pthread_cond_destroy(&s->wanted);
    pthread_cond_destroy(&s->fed);
    pthread_cond_destroy(&s->written);
    free(s);
}

/* The ledger first: the journal asks how far it has come. */
static bool open_files(struct store *s, waiting_fn *each, void *arg, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&s->journal_directory, "%s/journal", s->settings.directory);
    buffer_printf(&path, "%s/ledger.sqlite", s->settings.directory);
    s->ledger = ledger_open(buffer_text(&path), e);
    buffer_free(&path);
    if (!s->ledger || !store_sent_key(s->settings.directory, s->sent_key, e))
        return false;
    const struct journal_settings journal = {.disk = s->settings.disk,
                                             .directory = buffer_text(&s->journal_directory),
                                             .segment_size = s->settings.segment_size,
                                             .ledger = ledger_position(s->ledger),
                                             .random = random_number,
                                             .warn = warn};
    s->journal = journal_open(&journal, e);
    if (!s->journal)
        return false;
    journal_tell_waiting(s->journal, each, arg);
    return true;
}

struct store *store_open(const struct store_settings *settings, waiting_fn *each, void *arg,
                         struct error *e)
{
    struct store *s = memory_new(sizeof *s);
    s->settings = *settings;
    store_keep_story(s, settings->keep_story, settings->keep_sent);
    list_init(&s->waiting);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->ledger_lock, NULL);
    init_condition(&s->wanted);
    init_condition(&s->fed);
    init_condition(&s->written);
    if (!open_files(s, each, arg, e)) {
        store_free(s);
        return NULL;
    }
    s->settings.directory = NULL;
    s->durable = journal_durable(s->journal);
    s->ledger_position = ledger_position(s->ledger);
    s->is_followed = s->is_to_be_followed = ledger_is_followed(s->ledger);
    s->unread_from = UINT64_MAX;
    atomic_store(&s->last_id, journal_last_id(s->journal));
    s->writer = writer_new(s->journal);
    writer_figures(s->writer, &s->figures);
    s->writer_thread = thread_start(writer_run, s, "store");
    s->keeper_thread = thread_start(keeper_run, s, "ledger");
    return s;
}

void store_close(struct store **store)
{
    struct store *s = *store;
    struct error e;
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->ends = s->keeper_ends = true;
    pthread_cond_signal(&s->wanted);
    pthread_cond_signal(&s->fed);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->writer_thread, NULL);
    pthread_join(s->keeper_thread, NULL);
    feed(s, &e);
    store_free(s);
    *store = NULL;
}

void store_figures(struct store *s, struct store_figures *f)
{
    pthread_mutex_lock(&s->lock);
    *f = s->figures;
    pthread_mutex_unlock(&s->lock);
}

void store_keep_story(struct store *s, int64_t story_ms, int64_t sent_ms)
{
    atomic_store(&s->keep_story, story_ms);
    atomic_store(&s->keep_sent, sent_ms);
}

bool store_sent_key(const char *directory, unsigned char key[SENT_KEY], struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/sent-secret", directory);
    bool ok = secret_of_chance(buffer_text(&path), key, SENT_KEY, e);
    buffer_free(&path);
    return ok;
}

void store_may_forget(struct store *s)
{
    atomic_store(&s->may_forget, true);
}

void store_follow(struct store *s, bool is_followed)
{
    atomic_store(&s->is_to_be_followed, is_followed);
}

bool store_is_followed(struct store *s)
{
    return atomic_load(&s->is_followed);
}

void store_keep_unread(struct store *s, uint64_t from)
{
    atomic_store(&s->unread_from, from);
}

ssize_t store_read(struct store *s, message_id id, uint64_t offset, void *at, size_t len)
{
    return journal_read(s->journal, id, offset, at, len);
}

int store_recall(struct store *s, message_id id, recovered_fn *each, void *arg)
{
    return journal_recall(s->journal, id, each, arg);
}

size_t store_waiting(struct store *s, message_id **ids)
{
    return journal_waiting(s->journal, ids);
}
