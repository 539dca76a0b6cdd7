/* Of a day and domain: who wants its reports (DNS), the document, HTTPS (by the thread), letters.
 */
#include "daemon/tls_reports.h"

#include "base/memory.h"
#include "mail/packed.h"
#include "sys/http.h"
#include "transport/session_row.h"

#include <stdlib.h>

enum { POST_MS = 60 * 1000 };

#define WRITER SPAN("this server's reports on TLS")

struct tls_reports {
    struct reporting base;
    struct dns_question record;
    struct report_place places[MOST_REPORT_PLACES];
    size_t place_count;
    struct tls_report report;
    struct buffer packed;
};

bool tls_reports_is_letter(const struct envelope *e)
{
    return own_letter_is_by(e, WRITER);
}

static struct tls_reports *of(struct reporting *base)
{
    return LIST_ENTRY(base, struct tls_reports, base);
}

static struct span from(const struct options *o)
{
    return o->tls_reports;
}

/* ---- letters */

/* Its failure comes back to the address that reports are from. */
static void send_letter(struct tls_reports *r, struct span to)
{
    struct buffer text = BUFFER_EMPTY;
    struct span name;
    struct own_letter l = reporting_letter(&r->base, to, &name);
    const struct report_letter letter = {
        .from = l.from, .to = to, .message_id = name, .time_ms = l.now_ms};
    tls_report_mail(&text, &r->report, &letter, buffer_span(&r->packed));
    l.text = buffer_span(&text);
    reporting_send(&r->base, &l);
    buffer_free(&text);
}

static void letters_are_through(struct reporting *base)
{
    reporting_settle(base, base->is_sent);
}

/* ---- the document, and HTTPS */

static void post(struct tls_reports *r, struct span url)
{
    struct error e = {""};
    struct http *h = http_new(arena_text(&r->base.arena, url), &e);
    static const char *const fields[] = {NULL};
    const struct http_post p = {buffer_span(&r->packed), "application/tlsrpt+gzip", fields,
                                POST_MS};
    int status = h ? http_post(h, &p, &e) : 0;
    bool is_taken = status >= 200 && status < 300;
    r->base.is_sent |= is_taken;
    reporting_log(&r->base, url, is_taken ? "posted" : status ? "refused" : e.text);
    http_free(&h);
}

static bool make(struct reporting *base) /* in the thread */
{
    struct tls_reports *r = of(base);
    struct buffer document = BUFFER_EMPTY;
    tls_report_write(&document, &r->report);
    gzip_add(&r->packed, buffer_span(&document));
    buffer_free(&document);
    for (size_t i = 0; i < r->place_count; i++)
        if (!r->places[i].is_mail)
            post(r, r->places[i].at);
    return true;
}

static void made(struct reporting *base)
{
    struct tls_reports *r = of(base);
    bool is_wanted = from(base->options).len; /* still */
    reporting_letters_begin(base);
    for (size_t i = 0; is_wanted && i < r->place_count; i++)
        if (r->places[i].is_mail)
            send_letter(r, r->places[i].at);
    reporting_letters_end(base);
}

static struct session_count *counts_of(struct reporting *base)
{
    struct session_count *counts = arena_new(&base->arena, base->row_count * sizeof *counts);
    for (size_t i = 0; i < base->row_count; i++) {
        counts[i] = session_of_row(base->rows[i].text);
        counts[i].policy = base->rows[i].group;
        counts[i].count = base->rows[i].count;
    }
    return counts;
}

static void begin_report(struct tls_reports *r)
{
    struct reporting *base = &r->base;
    base->is_sent = false;
    r->report =
        (struct tls_report){.domain = base->at.domain,
                            .organization = arena_copy(&base->arena, base->options->hostname),
                            .contact = arena_copy(&base->arena, from(base->options)),
                            .id = reporting_id(base, 1),
                            .begin_ms = base->at.day * DAY_MS,
                            .end_ms = (base->at.day + 1) * DAY_MS,
                            .counts = counts_of(base),
                            .count = base->row_count};
    reporting_submit(base, make, made);
}

/* ---- who wants it */

static void record_answered(struct task *t)
{
    struct tls_reports *r =
        LIST_ENTRY(LIST_ENTRY(t, struct dns_question, task), struct tls_reports, record);
    const struct dns_answer *a = &r->record.answer;
    struct arena *arena = &r->base.arena;
    struct span *texts = arena_new(arena, (a->count + 1) * sizeof *texts);
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        count += dns_read_txt(a->records[i], &texts[count], arena);
    r->place_count = tls_report_places(texts, count, r->places, arena);
    if (r->place_count)
        begin_report(r);
    else
        reporting_settle(&r->base, a->result != DNS_FAILED);
}

static void ask_for_record(struct reporting *base)
{
    struct tls_reports *r = of(base);
    struct span name = arena_printf(&base->arena, "_smtp._tls.%.*s", SPAN_F(base->at.domain));
    r->record.task.run = record_answered;
    r->record.loop = base->settings.loop;
    r->record.type = DNS_TXT;
    dns_ask(base->settings.dns, &r->record, name.at);
}

/* ---- made, and gone */

static void clear(struct reporting *base)
{
    struct tls_reports *r = of(base);
    arena_clear(&r->record.arena);
    buffer_clear(&r->packed);
}

static void free_all(struct reporting *base)
{
    struct tls_reports *r = of(base);
    buffer_free(&r->packed);
    free(r);
}

struct reporting *tls_reports_new(const struct reporting_settings *s)
{
    static const struct reporting_kind kind = {.writer = WRITER,
                                               .told = "tls-report",
                                               .trouble = "tls-report-trouble",
                                               .from = from,
                                               .begin = ask_for_record,
                                               .letters_are_through = letters_are_through,
                                               .clear = clear,
                                               .free = free_all};
    struct tls_reports *r = memory_new(sizeof *r);
    reporting_start(&r->base, &kind, s);
    return &r->base;
}
