/* Of a day and domain, each policy that the domain had on that day: where its report goes (DNS),
 * the document (by the thread), the letters. */
#include "daemon/dmarc_reports.h"

#include "aggregate/places.h"
#include "aggregate/row.h"
#include "aggregate/write.h"
#include "base/memory.h"
#include "mail/packed.h"
#include "sys/resolve.h"

#include <stdlib.h>

enum {
    DNS_PATIENCE_MS = 20 * 1000,
    MOST_POLICIES = 10 /* of a domain, on a day; of more nobody is told */
};

struct dmarc_reports {
    struct reporting base;
    struct resolve *resolve;
    struct lookups lookups;
    struct resolving resolving;
    size_t first, count; /* the policy at hand has these rows */
    unsigned part;       /* from 1 */
    struct aggregate_place places[AGGREGATE_MOST_PLACES];
    size_t place_count;
    struct aggregate_report report;
    struct buffer packed;
    bool must_try_again;
};

static struct dmarc_reports *of(struct reporting *base)
{
    return LIST_ENTRY(base, struct dmarc_reports, base);
}

static struct span from(const struct options *o)
{
    return o->dmarc_reports;
}

/* ---- letters */

static void begin_policy(struct dmarc_reports *r);

static void policy_is_done(struct reporting *base)
{
    struct dmarc_reports *r = of(base);
    r->must_try_again |= !base->is_sent;
    begin_policy(r);
}

/* Who can't take so much is not told, as he wishes. */
static void send_letter(struct dmarc_reports *r, const struct aggregate_place *to)
{
    struct reporting *base = &r->base;
    bool is_only = r->part == 1 && r->first + r->count == base->row_count;
    struct buffer text = BUFFER_EMPTY;
    struct span name;
    struct own_letter l = reporting_letter(base, to->address, &name);
    const struct aggregate_letter letter = {.from = l.from,
                                            .to = l.to,
                                            .message_id = name,
                                            .receiver = base->options->hostname,
                                            .part = is_only ? 0 : r->part,
                                            .time_ms = l.now_ms};
    aggregate_mail(&text, &r->report, &letter, buffer_span(&r->packed));
    l.text = buffer_span(&text);
    if (!to->most || text.len <= to->most) {
        reporting_send(base, &l);
    } else {
        reporting_log(base, l.to, "too-large");
        base->is_sent = true;
    }
    buffer_free(&text);
}

/* ---- the document */

static bool make(struct reporting *base) /* in the thread */
{
    struct dmarc_reports *r = of(base);
    struct buffer document = BUFFER_EMPTY;
    aggregate_write(&document, &r->report);
    buffer_clear(&r->packed);
    gzip_add(&r->packed, buffer_span(&document));
    buffer_free(&document);
    return true;
}

static void made(struct reporting *base)
{
    struct dmarc_reports *r = of(base);
    bool is_wanted = from(base->options).len; /* still */
    base->is_sent = !is_wanted;
    reporting_letters_begin(base);
    for (size_t i = 0; is_wanted && i < r->place_count; i++)
        send_letter(r, &r->places[i]);
    reporting_letters_end(base);
}

static void fill_records(struct dmarc_reports *r)
{
    struct aggregate_report *report = &r->report;
    struct arena *a = &r->base.arena;
    report->records = arena_new(a, r->count * sizeof *report->records);
    for (size_t i = r->first; i < r->first + r->count; i++) {
        const struct day_count *row = &r->base.rows[i];
        struct aggregate_record *one = &report->records[report->count];
        report->count += aggregate_record_of(row->text, one, a);
        one->count = row->count;
    }
}

static void begin_report(struct dmarc_reports *r)
{
    struct reporting *base = &r->base;
    struct span reports;
    r->report =
        (struct aggregate_report){.organization = arena_copy(&base->arena, base->options->hostname),
                                  .email = arena_copy(&base->arena, from(base->options)),
                                  .contact = SPAN_NONE,
                                  .errors = SPAN_NONE,
                                  .generator = SPAN("plainpost"),
                                  .id = reporting_id(base, r->part),
                                  .begin_s = base->at.day * DAY_S,
                                  .end_s = (base->at.day + 1) * DAY_S - 1};
    aggregate_policy_of(base->rows[r->first].group, &r->report.policy, &reports);
    r->report.policy.domain = base->at.domain;
    fill_records(r);
    reporting_submit(base, make, made);
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
    aggregate_policy_of(r->base.rows[r->first].group, &policy, &reports);
    if (!aggregate_places(r->base.at.domain, reports, &r->lookups, r->places, &r->place_count,
                          &r->base.arena)) {
        r->resolving.lookups = &r->lookups;
        r->resolving.done = answered;
        resolve_start(r->resolve, &r->resolving, loop_now(r->base.settings.loop) + DNS_PATIENCE_MS);
    } else if (r->place_count) {
        begin_report(r);
    } else {
        r->base.is_sent = !has_failed(&r->lookups); /* nobody wants it, or nobody knows for now */
        policy_is_done(&r->base);
    }
}

/* ---- the policies of a day and domain */

static void begin_policy(struct dmarc_reports *r)
{
    struct reporting *base = &r->base;
    if (base->has_ended)
        return;
    r->first += r->count;
    if (r->first == base->row_count || r->part == MOST_POLICIES) {
        reporting_settle(base, !r->must_try_again);
        return;
    }
    const struct span policy = base->rows[r->first].group;
    for (r->count = 1; r->first + r->count < base->row_count; r->count++)
        if (!span_equal(base->rows[r->first + r->count].group, policy))
            break;
    r->part++;
    find_places(r);
}

static void begin(struct reporting *base)
{
    struct dmarc_reports *r = of(base);
    r->first = r->count = r->part = 0;
    r->must_try_again = false;
    begin_policy(r);
}

/* ---- made, and gone */

static void clear(struct reporting *base)
{
    struct dmarc_reports *r = of(base);
    lookups_free(&r->lookups);
    buffer_clear(&r->packed);
}

static void stop(struct reporting *base)
{
    resolve_stop(&of(base)->resolving);
}

static void free_all(struct reporting *base)
{
    struct dmarc_reports *r = of(base);
    resolve_free(&r->resolve);
    buffer_free(&r->packed);
    free(r);
}

struct reporting *dmarc_reports_new(const struct reporting_settings *s)
{
    static const struct reporting_kind kind = {.writer = SPAN("this server's reports on DMARC"),
                                               .told = "dmarc-report",
                                               .trouble = "dmarc-report-trouble",
                                               .from = from,
                                               .begin = begin,
                                               .letters_are_through = policy_is_done,
                                               .clear = clear,
                                               .stop = stop,
                                               .free = free_all};
    struct dmarc_reports *r = memory_new(sizeof *r);
    reporting_start(&r->base, &kind, s);
    r->resolve = resolve_new(s->dns, s->loop);
    return &r->base;
}
