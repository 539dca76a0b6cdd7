/* A line is a word for what it is, and values without blanks. */
#include "aggregate/row.h"

#include "base/inet.h"
#include "mail/address.h"

enum { LONGEST_VALUE = 255, LONGEST_REPORTS = 2000 };

/* ---- to text */

static void add_value(struct buffer *out, struct span value)
{
    value = span_first(value, LONGEST_VALUE);
    buffer_add_char(out, ' ');
    for (size_t i = 0; i < value.len; i++)
        buffer_add_char(out, (unsigned char)value.at[i] > ' ' && value.at[i] != 0x7F
                                 ? ascii_lower(value.at[i])
                                 : '?');
}

static void add_line(struct buffer *out, const char *word, struct span value)
{
    buffer_add_text(out, word);
    add_value(out, value);
    buffer_add_char(out, '\n');
}

/* Addresses as they are written, for letters may count in them. */
static void add_reports(struct buffer *out, struct span reports)
{
    buffer_add_text(out, "rua ");
    reports = span_first(reports, LONGEST_REPORTS);
    for (size_t i = 0; i < reports.len; i++)
        if ((unsigned char)reports.at[i] > ' ')
            buffer_add_char(out, reports.at[i]);
    buffer_add_char(out, '\n');
}

static void add_policy(struct buffer *out, const struct dmarc_record *r)
{
    add_line(out, "p", span_of(dmarc_policy_word(r->policy)));
    add_line(out, "sp", span_of(dmarc_policy_word(r->below)));
    add_line(out, "np", span_of(dmarc_policy_word(r->below_missing)));
    add_line(out, "adkim", r->is_strict_dkim ? SPAN("s") : SPAN("r"));
    add_line(out, "aspf", r->is_strict_spf ? SPAN("s") : SPAN("r"));
    add_line(out, "t", r->is_trial ? SPAN("y") : SPAN("n"));
    if (r->failure_options.len)
        add_line(out, "fo", r->failure_options);
    add_reports(out, r->reports);
}

static void add_result(struct buffer *out, const char *word, struct span domain, struct span detail,
                       const char *result)
{
    buffer_add_text(out, word);
    add_value(out, domain);
    add_value(out, detail);
    add_value(out, span_of(result));
    buffer_add_char(out, '\n');
}

/* RFC 9990 2.3: the author's own first, then what else holds, then the rest. */
static int rank(const struct dkim_verdict *d, struct span author)
{
    if (d->result != DKIM_PASS)
        return 2;
    return span_equal_nocase(d->domain, author) ? 0 : 1;
}

static void add_signatures(struct buffer *out, const struct message_verdict *v)
{
    size_t count = 0;
    for (int wanted = 0; wanted <= 2; wanted++)
        for (size_t i = 0; i < v->dkim_count && count < AGGREGATE_MOST_SIGNATURES; i++) {
            const struct dkim_verdict *d = &v->dkim[i];
            if (rank(d, v->dmarc.author) != wanted || !d->domain.len || !d->selector.len)
                continue;
            add_result(out, "dkim", d->domain, d->selector, dkim_verdict_word(d->result));
            count++;
        }
}

static const char *disposition(const struct aggregate_seen *s)
{
    const struct dmarc_verdict *d = &s->verdict->dmarc;
    if (d->result == DMARC_PASS)
        return d->published == DMARC_DO_NOTHING ? "none" : "pass";
    return dmarc_policy_word(s->done);
}

static const char *reason(const struct aggregate_seen *s)
{
    const struct dmarc_verdict *d = &s->verdict->dmarc;
    if (d->result == DMARC_PASS || s->done == d->published)
        return NULL;
    return s->is_passed_on         ? "trusted_forwarder"
           : s->done == d->applied ? "policy_test_mode"
                                   : "local_policy";
}

static void add_row(struct buffer *out, const struct aggregate_seen *s)
{
    const struct message_verdict *v = s->verdict;
    struct buffer address = BUFFER_EMPTY;
    inet_add(&address, s->client);
    add_line(out, "ip", buffer_span(&address));
    buffer_free(&address);
    add_line(out, "author", v->dmarc.author);
    add_line(out, "sender", address_domain(v->sender));
    add_line(out, "done", span_of(disposition(s)));
    if (reason(s))
        add_line(out, "reason", span_of(reason(s)));
    add_line(out, "speaks.dkim", v->dmarc.dkim_speaks ? SPAN("pass") : SPAN("fail"));
    add_line(out, "speaks.spf", v->dmarc.spf_speaks ? SPAN("pass") : SPAN("fail"));
    add_signatures(out, v);
    if (v->has_spf && v->spf.domain.len)
        add_result(out, "spf", v->spf.domain, SPAN("mfrom"), spf_result_word(v->spf.result));
}

bool aggregate_row(const struct aggregate_seen *s, struct span *domain, struct buffer *policy,
                   struct buffer *row)
{
    const struct dmarc_verdict *d = &s->verdict->dmarc;
    if ((d->result != DMARC_PASS && d->result != DMARC_FAIL) || !d->place.len ||
        !d->record.reports.len)
        return false;
    *domain = d->place;
    add_policy(policy, &d->record);
    add_row(row, s);
    return true;
}

/* ---- and back */

void aggregate_policy_of(struct span text, struct aggregate_policy *p, struct span *reports)
{
    const struct {
        struct span word;
        struct span *to;
    } lines[] = {{SPAN("p"), &p->p},         {SPAN("sp"), &p->sp},     {SPAN("np"), &p->np},
                 {SPAN("adkim"), &p->adkim}, {SPAN("aspf"), &p->aspf}, {SPAN("t"), &p->testing},
                 {SPAN("fo"), &p->fo},       {SPAN("rua"), reports}};
    *p = (struct aggregate_policy){.domain = SPAN_NONE, .method = SPAN("treewalk")};
    *reports = SPAN_NONE;
    while (text.len) {
        struct span line = span_cut(&text, '\n'), word = span_cut(&line, ' ');
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
            if (span_equal(word, lines[i].word))
                *lines[i].to = line;
    }
}

static bool add_result_of(struct span line, struct aggregate_result *to, size_t *count)
{
    struct aggregate_result *one = &to[*count];
    one->domain = span_cut(&line, ' ');
    one->detail = span_cut(&line, ' ');
    one->result = span_cut(&line, ' ');
    (*count)++;
    return one->domain.len && one->result.len;
}

static bool take_line(struct aggregate_record *r, struct span word, struct span line)
{
    if (span_equal(word, SPAN("ip")))
        r->source = line;
    else if (span_equal(word, SPAN("author")))
        r->author = line;
    else if (span_equal(word, SPAN("sender")))
        r->sender = line;
    else if (span_equal(word, SPAN("done")))
        r->disposition = line;
    else if (span_equal(word, SPAN("reason")) && !r->reason_count)
        r->reasons[r->reason_count++] = (struct aggregate_reason){line, SPAN_NONE};
    else if (span_equal(word, SPAN("speaks.dkim")))
        r->dkim_speaks = span_equal(line, SPAN("pass"));
    else if (span_equal(word, SPAN("speaks.spf")))
        r->spf_speaks = span_equal(line, SPAN("pass"));
    else if (span_equal(word, SPAN("dkim")) && r->dkim_count < AGGREGATE_MOST_SIGNATURES)
        return add_result_of(line, r->dkim, &r->dkim_count);
    else if (span_equal(word, SPAN("spf")) && !r->spf_count)
        return add_result_of(line, r->spf, &r->spf_count);
    else
        return false;
    return true;
}

bool aggregate_record_of(struct span text, struct aggregate_record *r, struct arena *a)
{
    unsigned char address[16];
    *r = (struct aggregate_record){
        .source = SPAN_NONE, .disposition = SPAN_NONE, .author = SPAN_NONE, .sender = SPAN_NONE};
    r->reasons = arena_new(a, sizeof *r->reasons);
    r->dkim = arena_new(a, AGGREGATE_MOST_SIGNATURES * sizeof *r->dkim);
    r->spf = arena_new(a, sizeof *r->spf);
    while (text.len) {
        struct span line = span_cut(&text, '\n'), word = span_cut(&line, ' ');
        if (!take_line(r, word, line))
            return false;
    }
    return inet_parse(r->source, address) && r->author.len && r->disposition.len;
}
