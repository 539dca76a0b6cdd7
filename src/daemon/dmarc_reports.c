/* A round looks at each day and domain that is over, one after the other, and there at each policy
 * that the domain had on that day: where its report goes (DNS), the document (by the thread), the
 * letters (as mail that we hand in ourselves); then what was counted is forgotten. A crash before
 * that sends the same report, with the same id, again.
 *
 * So that not all servers report at the same moment, a day is over some time after midnight, of up
 * to four hours, which chance has chosen. */
#include "daemon/dmarc_reports.h"

#include "aggregate/places.h"
#include "aggregate/row.h"
#include "aggregate/write.h"
#include "base/memory.h"
#include "mail/date.h"
#include "mail/packed.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/resolve.h"
#include "sys/worker.h"

#include <stdlib.h>

enum {
    DAY_S = 86400,
    DAY_MS = DAY_S * 1000,
    LONGEST_DELAY_MS = 4 * 3600 * 1000,
    FIRST_LOOK_MS = 1000,
    FLUSH_EVERY_MS = 30 * 1000,
    FLUSHES_A_ROUND = 30,
    DNS_PATIENCE_MS = 20 * 1000,
    TRIED_FOR_DAYS = 2,
    MOST_POLICIES = 10 /* of a domain, on a day; of more nobody is told */
};

#define WRITER SPAN("this server's reports on DMARC")

struct dmarc_reports {
    struct dmarc_reports_settings settings;
    const struct options *options;
    struct directory *directory;
    struct signing *signing;
    struct workers *thread;
    struct resolve *resolve;
    struct timer timer;
    unsigned flushes;
    int64_t delay_ms;
    bool is_busy, has_ended;
    /* The day and domain at hand. */
    struct counted_day at;
    struct arena at_arena; /* of its domain; the rest is in `arena`, which goes with it */
    struct arena arena;
    struct work work;
    struct lookups lookups;
    struct resolving resolving;
    struct day_count *rows;         /* those of one policy together */
    size_t row_count, first, count; /* the policy at hand has these */
    unsigned part;                  /* from 1 */
    struct aggregate_place places[AGGREGATE_MOST_PLACES];
    size_t place_count, letters;
    struct aggregate_report report;
    struct buffer packed;
    int found;
    bool is_sent, must_try_again;
    struct error error;
};

static void submit(struct dmarc_reports *r, void (*call)(struct work *w),
                   void (*then)(struct task *t))
{
    if (r->has_ended)
        return;
    r->work = (struct work){.task = {.run = then}, .loop = r->settings.loop, .call = call};
    workers_submit(r->thread, &r->work);
}

static struct dmarc_reports *of_work(struct work *w)
{
    return LIST_ENTRY(w, struct dmarc_reports, work);
}

static struct dmarc_reports *of_task(struct task *t)
{
    return of_work(LIST_ENTRY(t, struct work, task));
}

static void complain(struct dmarc_reports *r)
{
    log_message(LOG_LEVEL_WARNING, "dmarc-report-trouble", "%s", r->error.text);
}

static void log_report(const struct dmarc_reports *r, struct span to, const char *result)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "dmarc-report");
    log_line_text(line, "domain", r->at.domain);
    log_line_text(line, "to", to);
    log_line_text(line, "result", span_of(result));
    log_end();
}

/* ---- one after the other */

static void look_for_next(struct dmarc_reports *r);

static void round_ends(struct dmarc_reports *r)
{
    r->is_busy = false;
    arena_clear(&r->at_arena);
    r->at = (struct counted_day){0, SPAN_NONE};
}

static void go_on(struct dmarc_reports *r)
{
    arena_clear(&r->arena);
    lookups_free(&r->lookups);
    buffer_clear(&r->packed);
    look_for_next(r);
}

static void forgotten(struct task *t)
{
    struct dmarc_reports *r = of_task(t);
    if (r->found < 0)
        complain(r);
    go_on(r);
}

static void forget(struct work *w)
{
    struct dmarc_reports *r = of_work(w);
    r->found = day_counts_forget(r->settings.counts, &r->at, &r->error) ? 0 : -1;
}

static int64_t today(const struct dmarc_reports *r)
{
    return (clock_now_ms() - r->delay_ms) / DAY_MS;
}

/* What failed is tried again in the next round, but not for ever. */
static void settle(struct dmarc_reports *r)
{
    if (!r->must_try_again || r->at.day + TRIED_FOR_DAYS < today(r))
        submit(r, forget, forgotten);
    else
        go_on(r);
}

/* ---- letters */

static struct own_letter_house house_of(const struct dmarc_reports *r)
{
    const struct dmarc_reports_settings *s = &r->settings;
    return (struct own_letter_house){.loop = s->loop,
                                     .store = s->store,
                                     .accepted = s->accepted,
                                     .arg = s->arg,
                                     .options = r->options,
                                     .directory = r->directory,
                                     .signing = r->signing};
}

static void begin_policy(struct dmarc_reports *r);

static void policy_is_done(struct dmarc_reports *r)
{
    r->must_try_again |= !r->is_sent;
    begin_policy(r);
}

static void letter_accepted(void *arg, bool is_durable)
{
    struct dmarc_reports *r = arg;
    r->is_sent |= is_durable;
    if (--r->letters == 0)
        policy_is_done(r);
}

static void write_letter(struct dmarc_reports *r, const struct own_letter_house *house,
                         const struct own_letter *l, struct buffer *text)
{
    bool is_only = r->part == 1 && r->first + r->count == r->row_count;
    const struct aggregate_letter letter = {.from = l->from,
                                            .to = l->to,
                                            .message_id = own_letter_name(house, l->id, &r->arena),
                                            .receiver = house->options->hostname,
                                            .part = is_only ? 0 : r->part,
                                            .time_ms = l->now_ms};
    aggregate_mail(text, &r->report, &letter, buffer_span(&r->packed));
}

/* Who can't take so much is not told, as he wishes. */
static void send_letter(struct dmarc_reports *r, const struct aggregate_place *to)
{
    const struct own_letter_house house = house_of(r);
    struct buffer text = BUFFER_EMPTY;
    struct own_letter l = {.writer = WRITER,
                           .from = r->options->dmarc_reports,
                           .to = to->address,
                           .id = store_new_id(r->settings.store, clock_now_us()),
                           .now_ms = clock_now_ms(),
                           .done = letter_accepted,
                           .arg = r};
    write_letter(r, &house, &l, &text);
    bool fits = !to->most || text.len <= to->most;
    log_report(r, to->address, fits ? "mailed" : "too-large");
    if (fits) {
        l.text = buffer_span(&text);
        r->letters++;
        own_letter_send(&house, &l);
    } else {
        r->is_sent = true;
    }
    buffer_free(&text);
}

/* ---- the document */

static void make(struct work *w) /* in the thread */
{
    struct dmarc_reports *r = of_work(w);
    struct buffer document = BUFFER_EMPTY;
    aggregate_write(&document, &r->report);
    buffer_clear(&r->packed);
    gzip_add(&r->packed, buffer_span(&document));
    buffer_free(&document);
}

static void made(struct task *t)
{
    struct dmarc_reports *r = of_task(t);
    if (r->has_ended)
        return;
    r->is_sent = !r->options->dmarc_reports.len; /* meanwhile nobody is to be told */
    r->letters = 1; /* the last one is the end, and not before all are under way */
    for (size_t i = 0; !r->is_sent && i < r->place_count; i++)
        send_letter(r, &r->places[i]);
    if (--r->letters == 0)
        policy_is_done(r);
}

static void fill_records(struct dmarc_reports *r)
{
    struct aggregate_report *report = &r->report;
    report->records = arena_new(&r->arena, r->count * sizeof *report->records);
    for (size_t i = r->first; i < r->first + r->count; i++) {
        struct aggregate_record *one = &report->records[report->count];
        report->count += aggregate_record_of(r->rows[i].text, one, &r->arena);
        one->count = r->rows[i].count;
    }
}

static void begin_report(struct dmarc_reports *r)
{
    const struct span hostname = arena_copy(&r->arena, r->options->hostname);
    struct buffer id = BUFFER_EMPTY;
    struct span reports;
    date_add_rfc3339(&id, r->at.day * DAY_MS);
    id.len = sizeof "2026-11-24" - 1;
    buffer_printf(&id, ".%.*s", SPAN_F(r->at.domain));
    if (r->part > 1)
        buffer_printf(&id, ".%u", r->part);
    buffer_printf(&id, "@%.*s", SPAN_F(hostname));
    r->report = (struct aggregate_report){.organization = hostname,
                                          .email = arena_copy(&r->arena, r->options->dmarc_reports),
                                          .contact = SPAN_NONE,
                                          .errors = SPAN_NONE,
                                          .generator = SPAN("plainpost"),
                                          .id = arena_keep(&r->arena, &id),
                                          .begin_s = r->at.day * DAY_S,
                                          .end_s = (r->at.day + 1) * DAY_S - 1};
    aggregate_policy_of(r->rows[r->first].group, &r->report.policy, &reports);
    r->report.policy.domain = r->at.domain;
    fill_records(r);
    submit(r, make, made);
}

/* ---- where to */

static bool has_failed(const struct lookups *l)
{
    for (const struct lookups_question *q = l->first; q; q = q->next)
        if (q->is_answered && q->answer.result == DNS_FAILED)
            return true;
    return false;
}

static void find_places(struct dmarc_reports *r);

static void answered(struct resolving *g)
{
    find_places(LIST_ENTRY(g, struct dmarc_reports, resolving));
}

static void find_places(struct dmarc_reports *r)
{
    struct aggregate_policy policy;
    struct span reports;
    aggregate_policy_of(r->rows[r->first].group, &policy, &reports);
    if (!aggregate_places(r->at.domain, reports, &r->lookups, r->places, &r->place_count,
                          &r->arena)) {
        r->resolving.lookups = &r->lookups;
        r->resolving.done = answered;
        resolve_start(r->resolve, &r->resolving, loop_now(r->settings.loop) + DNS_PATIENCE_MS);
    } else if (r->place_count) {
        begin_report(r);
    } else {
        r->is_sent = !has_failed(&r->lookups); /* nobody wants it, or nobody knows for now */
        policy_is_done(r);
    }
}

/* ---- the policies of a day and domain */

static void begin_policy(struct dmarc_reports *r)
{
    if (r->has_ended)
        return;
    r->first += r->count;
    if (r->first == r->row_count || r->part == MOST_POLICIES) {
        settle(r);
        return;
    }
    const struct span policy = r->rows[r->first].group;
    for (r->count = 1; r->first + r->count < r->row_count; r->count++)
        if (!span_equal(r->rows[r->first + r->count].group, policy))
            break;
    r->part++;
    find_places(r);
}

static void rows_read(struct task *t)
{
    struct dmarc_reports *r = of_task(t);
    if (r->has_ended)
        return;
    r->first = r->count = r->part = 0;
    r->must_try_again = r->found < 0;
    if (r->found < 0)
        complain(r);
    begin_policy(r);
}

static void read_rows(struct work *w)
{
    struct dmarc_reports *r = of_work(w);
    ssize_t n = day_counts_read(r->settings.counts, &r->at, &r->rows, &r->arena, &r->error);
    r->row_count = n < 0 ? 0 : (size_t)n;
    r->found = n < 0 ? -1 : 1;
}

static void next_found(struct task *t)
{
    struct dmarc_reports *r = of_task(t);
    if (r->found < 0)
        complain(r);
    if (r->found > 0)
        submit(r, read_rows, rows_read);
    else
        round_ends(r);
}

static void find_next(struct work *w)
{
    struct dmarc_reports *r = of_work(w);
    r->found = day_counts_next(r->settings.counts, today(r), &r->at, &r->at_arena, &r->error);
}

static void look_for_next(struct dmarc_reports *r)
{
    submit(r, find_next, next_found);
}

/* ---- the clock */

static void flushed(struct task *t)
{
    struct dmarc_reports *r = of_task(t);
    if (r->found < 0)
        complain(r);
    if (r->flushes++ % FLUSHES_A_ROUND == 0)
        look_for_next(r);
    else
        round_ends(r);
}

static void flush(struct work *w)
{
    struct dmarc_reports *r = of_work(w);
    r->found = day_counts_flush(r->settings.counts, &r->error) ? 0 : -1;
}

static void look(struct timer *t)
{
    struct dmarc_reports *r = LIST_ENTRY(t, struct dmarc_reports, timer);
    if (!r->is_busy && r->options->dmarc_reports.len) {
        r->is_busy = true;
        submit(r, flush, flushed);
    }
    timer_set(r->settings.loop, t, loop_now(r->settings.loop) + FLUSH_EVERY_MS);
}

/* ---- made, and gone */

struct dmarc_reports *dmarc_reports_new(const struct dmarc_reports_settings *s)
{
    struct dmarc_reports *r = memory_new(sizeof *r);
    r->settings = *s;
    r->thread = workers_new(1);
    r->resolve = resolve_new(s->dns, s->loop);
    r->delay_ms = (int64_t)(random_number() % LONGEST_DELAY_MS);
    r->timer.due = look;
    timer_set(s->loop, &r->timer, loop_now(s->loop) + FIRST_LOOK_MS);
    return r;
}

void dmarc_reports_set(struct dmarc_reports *r, const struct options *o, struct directory *d,
                       struct signing *s)
{
    r->options = o;
    r->directory = d;
    r->signing = s;
}

void dmarc_reports_end(struct dmarc_reports *r)
{
    if (!r)
        return;
    r->has_ended = true;
    timer_stop(r->settings.loop, &r->timer);
    resolve_stop(&r->resolving);
    workers_free(&r->thread);
    if (!day_counts_flush(r->settings.counts, &r->error))
        complain(r);
}

void dmarc_reports_free(struct dmarc_reports **reports)
{
    struct dmarc_reports *r = *reports;
    if (!r)
        return;
    resolve_free(&r->resolve);
    lookups_free(&r->lookups);
    arena_clear(&r->arena);
    arena_clear(&r->at_arena);
    buffer_free(&r->packed);
    free(r);
    *reports = NULL;
}
