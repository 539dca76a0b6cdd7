/* A round looks at each day and domain that is over, one after the other: who wants its reports
 * (DNS), the document, HTTPS (by the thread), letters (as mail that we hand in ourselves); then
 * what was counted is forgotten. A crash before that sends the same report, with the same id,
 * again.
 *
 * So that not all servers report at the same moment, a day is over some time after midnight, of up
 * to four hours, which chance has chosen (RFC 8460 4.1). */
#include "daemon/tls_reports.h"

#include "base/memory.h"
#include "daemon/own_letter.h"
#include "mail/date.h"
#include "mail/packed.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/http.h"
#include "sys/log.h"
#include "sys/worker.h"
#include "transport/session_row.h"

#include <stdlib.h>

enum {
    DAY_MS = 86400000,
    LONGEST_DELAY_MS = 4 * 3600 * 1000,
    FIRST_LOOK_MS = 1000,
    FLUSH_EVERY_MS = 30 * 1000,
    FLUSHES_A_ROUND = 30,
    POST_MS = 60 * 1000,
    TRIED_FOR_DAYS = 2 /* RFC 8460 5.2: a report is tried for a day, or a little longer */
};

struct tls_reports {
    struct tls_reports_settings settings;
    const struct options *options;
    struct directory *directory;
    struct signing *signing;
    struct workers *thread;
    struct timer timer;
    unsigned flushes;
    int64_t delay_ms;
    bool is_busy, has_ended;
    /* The day and domain at hand. */
    struct counted_day at;
    struct arena at_arena; /* of its domain; the rest is in `arena`, which goes with it */
    struct arena arena;
    struct work work;
    struct dns_question record;
    struct report_place places[MOST_REPORT_PLACES];
    size_t place_count, letters;
    struct tls_report report;
    struct buffer packed;
    int found;
    bool is_sent;
    struct error error;
};

#define LETTER_WRITER SPAN("this server's reports on TLS")

bool tls_reports_is_letter(const struct envelope *e)
{
    return own_letter_is_by(e, LETTER_WRITER);
}

static void submit(struct tls_reports *r, void (*call)(struct work *w),
                   void (*then)(struct task *t))
{
    if (r->has_ended)
        return;
    r->work = (struct work){.task = {.run = then}, .loop = r->settings.loop, .call = call};
    workers_submit(r->thread, &r->work);
}

static struct tls_reports *of_work(struct work *w)
{
    return LIST_ENTRY(w, struct tls_reports, work);
}

static struct tls_reports *of_task(struct task *t)
{
    return of_work(LIST_ENTRY(t, struct work, task));
}

static void complain(struct tls_reports *r)
{
    log_message(LOG_LEVEL_WARNING, "tls-report-trouble", "%s", r->error.text);
}

static void log_report(const struct tls_reports *r, struct span to, const char *result)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "tls-report");
    log_line_text(line, "domain", r->at.domain);
    log_line_text(line, "to", to);
    log_line_text(line, "result", span_of(result));
    log_end();
}

/* ---- one after the other */

static void look_for_next(struct tls_reports *r);

static void round_ends(struct tls_reports *r)
{
    r->is_busy = false;
    arena_clear(&r->at_arena);
    r->at = (struct counted_day){0, SPAN_NONE};
}

static void go_on(struct tls_reports *r)
{
    arena_clear(&r->arena);
    arena_clear(&r->record.arena);
    buffer_clear(&r->packed);
    look_for_next(r);
}

static void forgotten(struct task *t)
{
    struct tls_reports *r = of_task(t);
    if (r->found < 0)
        complain(r);
    go_on(r);
}

static void forget(struct work *w)
{
    struct tls_reports *r = of_work(w);
    r->found = day_counts_forget(r->settings.counts, &r->at, &r->error) ? 0 : -1;
}

static int64_t today(const struct tls_reports *r)
{
    return (clock_now_ms() - r->delay_ms) / DAY_MS;
}

/* Sent, or wanted by nobody; what failed is tried again in the next round, but not for ever. */
static void settle(struct tls_reports *r, bool is_done)
{
    if (is_done || r->at.day + TRIED_FOR_DAYS < today(r))
        submit(r, forget, forgotten);
    else
        go_on(r);
}

/* ---- letters */

static struct own_letter_house house_of(const struct tls_reports *r)
{
    const struct tls_reports_settings *s = &r->settings;
    return (struct own_letter_house){.loop = s->loop,
                                     .store = s->store,
                                     .accepted = s->accepted,
                                     .arg = s->arg,
                                     .options = r->options,
                                     .directory = r->directory,
                                     .signing = r->signing};
}

static void letter_accepted(void *arg, bool is_durable)
{
    struct tls_reports *r = arg;
    r->is_sent |= is_durable;
    if (--r->letters == 0)
        settle(r, r->is_sent);
}

/* Its failure comes back to the address that reports are from. */
static void send_letter(struct tls_reports *r, struct span to)
{
    const struct own_letter_house house = house_of(r);
    struct buffer text = BUFFER_EMPTY;
    struct own_letter l = {.writer = LETTER_WRITER,
                           .from = r->options->tls_reports,
                           .to = to,
                           .id = store_new_id(r->settings.store, clock_now_us()),
                           .now_ms = clock_now_ms(),
                           .done = letter_accepted,
                           .arg = r};
    const struct report_letter letter = {.from = l.from,
                                         .to = to,
                                         .message_id = own_letter_name(&house, l.id, &r->arena),
                                         .time_ms = l.now_ms};
    tls_report_mail(&text, &r->report, &letter, buffer_span(&r->packed));
    l.text = buffer_span(&text);
    r->letters++;
    log_report(r, to, "mailed");
    own_letter_send(&house, &l);
    buffer_free(&text);
}

/* ---- the document, and HTTPS */

static void post(struct tls_reports *r, struct span url)
{
    struct error e = {""};
    struct http *h = http_new(arena_text(&r->arena, url), &e);
    static const char *const fields[] = {NULL};
    const struct http_post p = {buffer_span(&r->packed), "application/tlsrpt+gzip", fields,
                                POST_MS};
    int status = h ? http_post(h, &p, &e) : 0;
    bool is_taken = status >= 200 && status < 300;
    r->is_sent |= is_taken;
    log_report(r, url, is_taken ? "posted" : status ? "refused" : e.text);
    http_free(&h);
}

static void fill_counts(struct tls_reports *r, const struct day_count *rows, size_t count)
{
    struct session_count *counts = arena_new(&r->arena, count * sizeof *counts);
    for (size_t i = 0; i < count; i++) {
        counts[i] = session_of_row(rows[i].text);
        counts[i].policy = rows[i].group;
        counts[i].count = rows[i].count;
    }
    r->report.counts = counts;
    r->report.count = count;
}

static bool make_document(struct tls_reports *r)
{
    struct day_count *rows;
    struct buffer document = BUFFER_EMPTY;
    ssize_t n = day_counts_read(r->settings.counts, &r->at, &rows, &r->arena, &r->error);
    if (n < 0)
        return false;
    fill_counts(r, rows, (size_t)n);
    tls_report_write(&document, &r->report);
    gzip_add(&r->packed, buffer_span(&document));
    buffer_free(&document);
    return true;
}

static void make(struct work *w) /* in the thread */
{
    struct tls_reports *r = of_work(w);
    r->found = make_document(r) ? 1 : -1;
    for (size_t i = 0; r->found > 0 && i < r->place_count; i++)
        if (!r->places[i].is_mail)
            post(r, r->places[i].at);
}

static void made(struct task *t)
{
    struct tls_reports *r = of_task(t);
    if (r->has_ended)
        return;
    if (r->found < 0)
        complain(r);
    bool is_wanted = r->found > 0 && r->options->tls_reports.len; /* still */
    r->letters = 1; /* the last one settles it, and not before all are under way */
    for (size_t i = 0; is_wanted && i < r->place_count; i++)
        if (r->places[i].is_mail)
            send_letter(r, r->places[i].at);
    if (--r->letters == 0)
        settle(r, r->is_sent);
}

static void begin_report(struct tls_reports *r)
{
    struct buffer day = BUFFER_EMPTY;
    date_add_rfc3339(&day, r->at.day * DAY_MS);
    r->is_sent = false;
    r->report =
        (struct tls_report){.domain = r->at.domain,
                            .organization = arena_copy(&r->arena, r->options->hostname),
                            .contact = arena_copy(&r->arena, r->options->tls_reports),
                            .id = arena_printf(&r->arena, "%.10s.%.*s@%.*s", buffer_text(&day),
                                               SPAN_F(r->at.domain), SPAN_F(r->options->hostname)),
                            .begin_ms = r->at.day * DAY_MS,
                            .end_ms = (r->at.day + 1) * DAY_MS};
    buffer_free(&day);
    submit(r, make, made);
}

/* ---- who wants it */

static void record_answered(struct task *t)
{
    struct tls_reports *r =
        LIST_ENTRY(LIST_ENTRY(t, struct dns_question, task), struct tls_reports, record);
    const struct dns_answer *a = &r->record.answer;
    struct span *texts = arena_new(&r->arena, (a->count + 1) * sizeof *texts);
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        count += dns_read_txt(a->records[i], &texts[count], &r->arena);
    r->place_count = tls_report_places(texts, count, r->places, &r->arena);
    if (r->place_count)
        begin_report(r);
    else
        settle(r, a->result != DNS_FAILED);
}

static void ask_for_record(struct tls_reports *r)
{
    struct span name = arena_printf(&r->arena, "_smtp._tls.%.*s", SPAN_F(r->at.domain));
    r->record.task.run = record_answered;
    r->record.loop = r->settings.loop;
    r->record.type = DNS_TXT;
    dns_ask(r->settings.dns, &r->record, name.at);
}

static void next_found(struct task *t)
{
    struct tls_reports *r = of_task(t);
    if (r->found < 0)
        complain(r);
    if (r->has_ended)
        return;
    if (r->found > 0)
        ask_for_record(r);
    else
        round_ends(r);
}

static void find_next(struct work *w)
{
    struct tls_reports *r = of_work(w);
    r->found = day_counts_next(r->settings.counts, today(r), &r->at, &r->at_arena, &r->error);
}

static void look_for_next(struct tls_reports *r)
{
    submit(r, find_next, next_found);
}

/* ---- the clock */

static void flushed(struct task *t)
{
    struct tls_reports *r = of_task(t);
    if (r->found < 0)
        complain(r);
    if (r->flushes++ % FLUSHES_A_ROUND == 0)
        look_for_next(r);
    else
        round_ends(r);
}

static void flush(struct work *w)
{
    struct tls_reports *r = of_work(w);
    r->found = day_counts_flush(r->settings.counts, &r->error) ? 0 : -1;
}

static void look(struct timer *t)
{
    struct tls_reports *r = LIST_ENTRY(t, struct tls_reports, timer);
    if (!r->is_busy && r->options->tls_reports.len) {
        r->is_busy = true;
        submit(r, flush, flushed);
    }
    timer_set(r->settings.loop, t, loop_now(r->settings.loop) + FLUSH_EVERY_MS);
}

/* ---- made, and gone */

struct tls_reports *tls_reports_new(const struct tls_reports_settings *s)
{
    struct tls_reports *r = memory_new(sizeof *r);
    r->settings = *s;
    r->thread = workers_new(1);
    r->delay_ms = (int64_t)(random_number() % LONGEST_DELAY_MS);
    r->timer.due = look;
    timer_set(s->loop, &r->timer, loop_now(s->loop) + FIRST_LOOK_MS);
    return r;
}

void tls_reports_set(struct tls_reports *r, const struct options *o, struct directory *d,
                     struct signing *s)
{
    r->options = o;
    r->directory = d;
    r->signing = s;
}

void tls_reports_end(struct tls_reports *r)
{
    if (!r)
        return;
    r->has_ended = true;
    timer_stop(r->settings.loop, &r->timer);
    workers_free(&r->thread);
    if (!day_counts_flush(r->settings.counts, &r->error))
        complain(r);
}

void tls_reports_free(struct tls_reports **reports)
{
    struct tls_reports *r = *reports;
    if (!r)
        return;
    arena_clear(&r->arena);
    arena_clear(&r->at_arena);
    arena_clear(&r->record.arena);
    buffer_free(&r->packed);
    free(r);
    *reports = NULL;
}
