/* A crash before what was counted is forgotten sends the same report, with the same id, again.
 *
 * So that not all servers report at the same moment, a day is over some time after midnight, of up
 * to four hours, which chance has chosen (RFC 8460 4.1). */
#include "daemon/reporting.h"

#include "mail/date.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"

enum {
    LONGEST_DELAY_MS = 4 * 3600 * 1000,
    FIRST_LOOK_MS = 1000,
    FLUSH_EVERY_MS = 30 * 1000,
    FLUSHES_A_ROUND = 30,
    TRIED_FOR_DAYS = 2 /* RFC 8460 5.2: a report is tried for a day, or a little longer */
};

/* ---- the thread */

static void complain(const struct reporting *r)
{
    log_message(LOG_LEVEL_WARNING, r->kind->trouble, "%s", r->error.text);
}

static void call(struct work *w)
{
    struct reporting *r = LIST_ENTRY(w, struct reporting, work);
    r->is_done = r->call(r);
}

static void called(struct task *t)
{
    struct reporting *r = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct reporting, work);
    if (r->has_ended)
        return;
    if (!r->is_done)
        complain(r);
    r->then(r);
}

void reporting_submit(struct reporting *r, bool (*what)(struct reporting *r),
                      void (*then)(struct reporting *r))
{
    if (r->has_ended)
        return;
    r->call = what;
    r->then = then;
    r->work = (struct work){.task = {.run = called}, .loop = r->settings.loop, .call = call};
    workers_submit(r->thread, &r->work);
}

/* ---- one after the other */

static int64_t today(const struct reporting *r)
{
    return (clock_now_ms() - r->delay_ms) / DAY_MS;
}

static bool find_next(struct reporting *r)
{
    struct day_counts *c = r->settings.counts;
    int found = day_counts_next(c, today(r), &r->at, &r->at_arena, &r->error);
    ssize_t n = found > 0 ? day_counts_read(c, &r->at, &r->rows, &r->arena, &r->error) : 0;
    r->is_found = found > 0;
    r->row_count = n > 0 ? (size_t)n : 0;
    return found >= 0 && n >= 0;
}

static void round_ends(struct reporting *r)
{
    r->is_busy = false;
    arena_clear(&r->at_arena);
    r->at = (struct counted_day){0, SPAN_NONE};
}

static void next_found(struct reporting *r)
{
    if (!r->is_found)
        round_ends(r);
    else if (!r->is_done)
        reporting_settle(r, false);
    else
        r->kind->begin(r);
}

static void go_on(struct reporting *r)
{
    r->kind->clear(r);
    arena_clear(&r->arena);
    reporting_submit(r, find_next, next_found);
}

static bool forget(struct reporting *r)
{
    return day_counts_forget(r->settings.counts, &r->at, &r->error);
}

void reporting_settle(struct reporting *r, bool is_done)
{
    if (is_done || r->at.day + TRIED_FOR_DAYS < today(r))
        reporting_submit(r, forget, go_on);
    else
        go_on(r);
}

/* ---- letters */

struct span reporting_id(struct reporting *r, unsigned part)
{
    struct buffer id = BUFFER_EMPTY;
    date_add_rfc3339(&id, r->at.day * DAY_MS);
    id.len = sizeof "2026-11-24" - 1;
    buffer_printf(&id, ".%.*s", SPAN_F(r->at.domain));
    if (part > 1)
        buffer_printf(&id, ".%u", part);
    buffer_printf(&id, "@%.*s", SPAN_F(r->options->hostname));
    return arena_keep(&r->arena, &id);
}

static struct own_letter_house house_of(const struct reporting *r)
{
    const struct reporting_settings *s = &r->settings;
    return (struct own_letter_house){.loop = s->loop,
                                     .store = s->store,
                                     .accepted = s->accepted,
                                     .arg = s->arg,
                                     .options = r->options,
                                     .directory = r->directory,
                                     .signing = r->signing};
}

/* The end counts as a letter: it is over when the last one is, and not before all are under way. */
void reporting_letters_begin(struct reporting *r)
{
    r->letters = 1;
}

void reporting_letters_end(struct reporting *r)
{
    if (--r->letters == 0)
        r->kind->letters_are_through(r);
}

static void letter_accepted(void *arg, bool is_durable)
{
    struct reporting *r = arg;
    r->is_sent |= is_durable;
    reporting_letters_end(r);
}

struct own_letter reporting_letter(struct reporting *r, struct span to, struct span *name)
{
    const struct own_letter_house house = house_of(r);
    const struct own_letter l = {.writer = r->kind->writer,
                                 .from = r->kind->from(r->options),
                                 .to = to,
                                 .id = store_new_id(r->settings.store, clock_now_us()),
                                 .now_ms = clock_now_ms(),
                                 .done = letter_accepted,
                                 .arg = r};
    *name = own_letter_name(&house, l.id, &r->arena);
    return l;
}

void reporting_send(struct reporting *r, const struct own_letter *l)
{
    const struct own_letter_house house = house_of(r);
    r->letters++;
    reporting_log(r, l->to, "mailed");
    own_letter_send(&house, l);
}

void reporting_log(const struct reporting *r, struct span to, const char *result)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, r->kind->told);
    log_line_text(line, "domain", r->at.domain);
    log_line_text(line, "to", to);
    log_line_text(line, "result", span_of(result));
    log_end();
}

/* ---- the clock */

static bool flush(struct reporting *r)
{
    return day_counts_flush(r->settings.counts, &r->error);
}

static void flushed(struct reporting *r)
{
    if (r->flushes++ % FLUSHES_A_ROUND == 0)
        reporting_submit(r, find_next, next_found);
    else
        round_ends(r);
}

static void look(struct timer *t)
{
    struct reporting *r = LIST_ENTRY(t, struct reporting, timer);
    if (!r->is_busy && r->kind->from(r->options).len) {
        r->is_busy = true;
        reporting_submit(r, flush, flushed);
    }
    timer_set(r->settings.loop, t, loop_now(r->settings.loop) + FLUSH_EVERY_MS);
}

/* ---- made, and gone */

void reporting_start(struct reporting *r, const struct reporting_kind *kind,
                     const struct reporting_settings *s)
{
    r->kind = kind;
    r->settings = *s;
    r->thread = workers_new(1);
    r->delay_ms = (int64_t)(random_number() % LONGEST_DELAY_MS);
    r->timer.due = look;
    timer_set(s->loop, &r->timer, loop_now(s->loop) + FIRST_LOOK_MS);
}

void reporting_set(struct reporting *r, const struct options *o, struct directory *d,
                   struct signing *s)
{
    r->options = o;
    r->directory = d;
    r->signing = s;
}

void reporting_end(struct reporting *r)
{
    if (!r)
        return;
    r->has_ended = true;
    timer_stop(r->settings.loop, &r->timer);
    if (r->kind->stop)
        r->kind->stop(r);
    workers_free(&r->thread);
    if (!flush(r))
        complain(r);
}

void reporting_free(struct reporting **reporting)
{
    struct reporting *r = *reporting;
    if (!r)
        return;
    r->kind->clear(r);
    arena_clear(&r->arena);
    arena_clear(&r->at_arena);
    r->kind->free(r);
    *reporting = NULL;
}
