#include "cli/dmarc_report_text.h"

#include "base/json.h"
#include "base/visible.h"
#include "bounce/render_wrap.h"
#include "mail/date.h"

enum { WIDTH = 80, LONGEST = 260, SHOWN = 10 };

static const struct {
    const char *heading, *means;
} kinds[] = {
    [AGGREGATE_STRICT] = {"Yours, but your record is too strict for it",
                          "It is proven to be of a name above or below the domain in From, and the "
                          "record wants the very same name (adkim=s, aspf=s)."},
    [AGGREGATE_BROKEN] =
        {"Signed by you, but the signature does not hold",
         "Either its key is not (or no longer) in the DNS, or the mail was changed "
         "after it was signed; or somebody has copied a signature."},
    [AGGREGATE_SERVICE] = {"Sent by others in your name",
                           "It is proven to be of them, not of you: a service that sends for you "
                           "(newsletters, invoices, tickets), a forwarder, or somebody without "
                           "leave."},
    [AGGREGATE_UNKNOWN] = {"Unknown",
                           "Nothing proves whose it is: forged, or a machine of yours that nobody "
                           "has thought of."},
    [AGGREGATE_FORWARDED] = {"Yours, and changed on its way",
                             "It came through a mailing list or a forwarder, which changed it, so "
                             "that your signature does not hold any more. That is usual."},
    [AGGREGATE_BY_SPF] = {"Proven, but not signed",
                          "SPF alone proves it. Where such mail is forwarded, nothing does."},
    [AGGREGATE_PROVEN] = {"Proven by your signature", ""},
};

/* ---- pieces */

static void add_shown(struct buffer *out, struct span text)
{
    visible_add_field(out, text, LONGEST);
}

static void add_paragraph(struct buffer *out, struct span text, const char *first,
                          const char *indent)
{
    wrap_add(out, text, &(struct wrapping){.first = first, .indent = indent, .width = WIDTH});
}

/* "1,234" */
static void add_number(struct buffer *out, uint64_t n)
{
    if (n >= 1000) {
        add_number(out, n / 1000);
        buffer_printf(out, ",%03u", (unsigned)(n % 1000));
    } else {
        buffer_printf(out, "%u", (unsigned)n);
    }
}

static void add_messages(struct buffer *out, uint64_t n)
{
    add_number(out, n);
    buffer_add_text(out, n == 1 ? " message" : " messages");
}

/* "97.2 %": never 100.0 or 0.0 when it is not. */
static void add_share(struct buffer *out, uint64_t part, uint64_t whole)
{
    unsigned tenths = (unsigned)((double)part * 1000 / (double)whole + 0.5);
    if (tenths == 1000 && part < whole)
        tenths = 999;
    if (!tenths && part)
        tenths = 1;
    buffer_printf(out, "%u.%u %%", tenths / 10, tenths % 10);
}

static void add_day(struct buffer *out, int64_t time_s)
{
    struct buffer words = BUFFER_EMPTY;
    date_add_words(&words, time_s * 1000, 0);
    size_t comma = span_find_char(buffer_span(&words), ',');
    buffer_add_span(out, span_first(buffer_span(&words), comma));
    buffer_free(&words);
}

/* ---- the head of a domain */

static void add_reporters(struct buffer *out, const struct aggregate_domain *d)
{
    enum { NAMED = sizeof d->organizations / sizeof *d->organizations };
    for (size_t i = 0; i < d->organization_count && i < NAMED; i++) {
        buffer_add_text(out, i ? ", " : "");
        add_shown(out, d->organizations[i]);
    }
    if (d->organization_count > NAMED)
        buffer_printf(out, " and %zu more", d->organization_count - NAMED);
}

static void print_period(struct buffer *out, const struct aggregate_domain *d)
{
    struct buffer b = BUFFER_EMPTY;
    buffer_printf(&b, "%zu report%s from ", d->reports, d->reports == 1 ? "" : "s");
    add_reporters(&b, d);
    if (d->begin_s && d->end_s) {
        buffer_add_text(&b, ", ");
        add_day(&b, d->begin_s);
        if (d->end_s - d->begin_s > 24 * 3600) {
            buffer_add_text(&b, " to ");
            add_day(&b, d->end_s - 1);
        }
        buffer_add_text(&b, " (UTC)");
    }
    buffer_add_char(&b, '.');
    add_paragraph(out, buffer_span(&b), "  ", "  ");
    buffer_free(&b);
}

static uint64_t passed(const struct aggregate_domain *d)
{
    return d->kinds[AGGREGATE_PROVEN] + d->kinds[AGGREGATE_BY_SPF];
}

static void print_messages(struct buffer *out, const struct aggregate_domain *d)
{
    static const char *const done[] = {"let in", "put into the folder for spam", "refused"};
    struct buffer b = BUFFER_EMPTY;
    uint64_t failed = d->messages - passed(d);
    bool is_first = true;
    add_messages(&b, d->messages);
    buffer_add_text(&b, failed ? "; " : ", all of them proven to be yours.");
    if (failed && d->messages) {
        add_share(&b, passed(d), d->messages);
        buffer_add_text(&b, " are proven to be yours. Of the others ");
        for (int i = 0; i < AGGREGATE_DONES; i++) {
            if (!d->failed_done[i])
                continue;
            buffer_add_text(&b, is_first ? "" : ", ");
            add_number(&b, d->failed_done[i]);
            buffer_printf(&b, "%s %s",
                          !is_first                ? ""
                          : d->failed_done[i] == 1 ? " was"
                                                   : " were",
                          done[i]);
            is_first = false;
        }
        buffer_add_char(&b, '.');
    }
    add_paragraph(out, buffer_span(&b), "  ", "  ");
    buffer_free(&b);
}

static void print_policy(struct buffer *out, const struct aggregate_policy *p)
{
    const struct {
        const char *name;
        struct span value;
    } tags[] = {{"p", p->p},         {"sp", p->sp},     {"np", p->np},
                {"adkim", p->adkim}, {"aspf", p->aspf}, {"pct", p->pct}};
    struct buffer b = BUFFER_EMPTY;
    buffer_add_text(&b, "The policy that they found:");
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        bool is_plain = i > 2 && (span_equal(tags[i].value, SPAN("r")) ||
                                  span_equal(tags[i].value, SPAN("100")));
        if (!tags[i].value.len || is_plain)
            continue;
        buffer_printf(&b, " %s=", tags[i].name);
        add_shown(&b, tags[i].value);
    }
    if (span_equal(p->testing, SPAN("y")))
        buffer_add_text(&b, " t=y");
    buffer_add_char(&b, '.');
    add_paragraph(out, buffer_span(&b), "  ", "  ");
    buffer_free(&b);
}

/* ---- what is to be done */

static bool is_policy(const struct aggregate_domain *d, const char *word)
{
    return span_equal_nocase(d->policy.p, span_of(word));
}

static void add_domain(struct buffer *out, const struct aggregate_domain *d)
{
    add_shown(out, d->domain);
}

static void advise_about_service(struct buffer *out, const struct aggregate_domain *d)
{
    buffer_add_text(out, "If it sends for you, let it sign with a key of ");
    add_domain(out, d);
    buffer_add_text(out, ": look in its settings for “domain authentication” or DKIM; it tells "
                         "you what to write into the DNS. If you do not know it, there is "
                         "nothing to do.");
}

static void advise_about_unknown(struct buffer *out, const struct aggregate_domain *d)
{
    buffer_add_text(out, "Is one of these addresses yours? Then let it sign (DKIM), or at least "
                         "add it to the SPF record, for example ");
    for (size_t i = 0; i < d->count; i++)
        if (d->sources[i]->kind == AGGREGATE_UNKNOWN) {
            bool is_v6 = span_find_char(d->sources[i]->address, ':') != SPAN_NOT_FOUND;
            buffer_printf(out, "ip%c:%.*s", is_v6 ? '6' : '4', SPAN_F(d->sources[i]->address));
            break;
        }
    buffer_add_text(out, is_policy(d, "reject")
                             ? ". If none is, it is forged, and your policy has it refused."
                             : ". If none is, it is forged; p=reject has it refused.");
}

/* Not every reporter tells which key it was. */
static void advise_about_broken(struct buffer *out, const struct aggregate_domain *d)
{
    struct span selector = SPAN_NONE;
    for (size_t i = 0; i < d->count && !selector.len; i++)
        if (d->sources[i]->kind == AGGREGATE_BROKEN)
            selector = d->sources[i]->selector;
    buffer_add_text(out, "Look whether the DNS has the key");
    if (selector.len) {
        buffer_add_text(out, ": plainpost doctor --selector ");
        add_shown(out, selector);
        buffer_add_char(out, ' ');
        add_domain(out, d);
    }
    buffer_add_text(out, ". If it has, something changes the mail behind the signer: a footer, a "
                         "filter, a gateway. Let that one sign.");
}

void dmarc_report_advise(struct buffer *out, const struct aggregate_domain *d,
                         enum aggregate_kind kind)
{
    switch (kind) {
    case AGGREGATE_STRICT:
        buffer_add_text(out, "Take adkim=s and aspf=s out of the record at _dmarc.");
        add_domain(out, d);
        buffer_add_text(out, ", or sign with the name that stands in From.");
        return;
    case AGGREGATE_BROKEN:
        advise_about_broken(out, d);
        return;
    case AGGREGATE_SERVICE:
        advise_about_service(out, d);
        return;
    case AGGREGATE_UNKNOWN:
        advise_about_unknown(out, d);
        return;
    case AGGREGATE_FORWARDED:
        return;
    case AGGREGATE_BY_SPF:
        buffer_add_text(out, "Let these machines sign by DKIM, too.");
        return;
    case AGGREGATE_PROVEN:
        return;
    }
}

/* ---- sources */

static void print_source(struct buffer *out, const struct aggregate_domain *d,
                         const struct aggregate_source *s)
{
    struct buffer b = BUFFER_EMPTY, number = BUFFER_EMPTY;
    add_number(&number, s->count);
    buffer_printf(&b, "    %9s  %.*s", buffer_text(&number), SPAN_F(s->address));
    if (s->via.len) {
        buffer_add_text(&b, s->kind == AGGREGATE_BY_SPF ? ", sender " : ", ");
        add_shown(&b, s->via);
    }
    if (s->selector.len) {
        buffer_add_text(&b, " (key ");
        add_shown(&b, s->selector);
        buffer_add_char(&b, ')');
    }
    if (s->author.len && !span_equal_nocase(s->author, d->domain)) {
        buffer_add_text(&b, ", as ");
        add_shown(&b, s->author);
    }
    if (s->kind < AGGREGATE_BY_SPF && s->done[AGGREGATE_REFUSED])
        buffer_add_text(&b,
                        s->done[AGGREGATE_REFUSED] == s->count ? ": refused" : ": some refused");
    buffer_add_char(&b, '\n');
    buffer_add_span(out, buffer_span(&b));
    buffer_free(&b);
    buffer_free(&number);
}

static void print_sources(struct buffer *out, const struct aggregate_domain *d,
                          enum aggregate_kind kind, bool all)
{
    size_t shown = 0, more = 0;
    uint64_t messages = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct aggregate_source *s = d->sources[i];
        if (s->kind != kind)
            continue;
        if (all || shown < SHOWN) {
            print_source(out, d, s);
            shown++;
        } else {
            more++;
            messages += s->count;
        }
    }
    if (!more)
        return;
    struct buffer number = BUFFER_EMPTY;
    add_number(&number, messages);
    buffer_printf(out, "    %9s  from %zu more (--all shows them)\n", buffer_text(&number), more);
    buffer_free(&number);
}

static void print_kind(struct buffer *out, const struct aggregate_domain *d,
                       enum aggregate_kind kind, bool all)
{
    struct buffer b = BUFFER_EMPTY;
    if (!d->kinds[kind])
        return;
    buffer_printf(out, "\n  %s (", kinds[kind].heading);
    add_number(out, d->kinds[kind]);
    buffer_add_text(out, ")\n");
    if (*kinds[kind].means)
        add_paragraph(out, span_of(kinds[kind].means), "    ", "    ");
    print_sources(out, d, kind, all);
    dmarc_report_advise(&b, d, kind);
    if (b.len)
        add_paragraph(out, buffer_span(&b), "    > ", "      ");
    buffer_free(&b);
}

/* ---- the policy's next step */

/* What would be hurt by a stricter one, as far as can be told. */
static uint64_t perhaps_yours(const struct aggregate_domain *d)
{
    return d->kinds[AGGREGATE_STRICT] + d->kinds[AGGREGATE_BROKEN] + d->kinds[AGGREGATE_SERVICE];
}

static void print_next_step(struct buffer *out, const struct aggregate_domain *d)
{
    struct buffer b = BUFFER_EMPTY;
    if (is_policy(d, "none") && perhaps_yours(d)) {
        buffer_add_text(&b,
                        "The policy asks nobody to stop forged mail yet. See to the kinds above "
                        "that are yours first; then publish p=quarantine, and some weeks later "
                        "p=reject.");
    } else if (is_policy(d, "none") && passed(d)) {
        buffer_add_text(&b,
                        "All mail that looks like yours is proven. Nothing of what is seen here "
                        "speaks against p=quarantine, and some weeks later p=reject, which "
                        "stop mail that is forged.");
    } else if (perhaps_yours(d) &&
               d->failed_done[AGGREGATE_REFUSED] + d->failed_done[AGGREGATE_TO_SPAM]) {
        buffer_add_text(&b, "Your policy has mail stopped. If some of the kinds above are yours, "
                            "see to them soon.");
    }
    if (b.len) {
        buffer_add_char(out, '\n');
        add_paragraph(out, buffer_span(&b), "  ", "  ");
    }
    buffer_free(&b);
}

static void print_domain(struct buffer *out, const struct aggregate_domain *d, bool all)
{
    buffer_add_text(out, "Mail in the name of ");
    add_domain(out, d);
    buffer_add_char(out, '\n');
    print_period(out, d);
    print_messages(out, d);
    print_policy(out, &d->policy);
    for (int kind = 0; kind < AGGREGATE_KINDS; kind++)
        print_kind(out, d, (enum aggregate_kind)kind, all);
    print_next_step(out, d);
    if (d->unreadable)
        buffer_printf(out, "\n  %zu records could not be read, and do not count.\n", d->unreadable);
}

void dmarc_report_print(struct buffer *out, const struct aggregate_sum *s, bool all)
{
    for (size_t i = 0; i < s->count; i++) {
        buffer_add_text(out, i ? "\n" : "");
        print_domain(out, s->domains[i], all);
    }
    if (s->again)
        buffer_printf(out, "\n%zu of the reports had come before; each counts once.\n", s->again);
}

/* ---- for programs */

static void json_done(struct json *j, const uint64_t done[AGGREGATE_DONES])
{
    json_number(j, "let_in", (int64_t)done[AGGREGATE_LET_IN]);
    json_number(j, "quarantined", (int64_t)done[AGGREGATE_TO_SPAM]);
    json_number(j, "refused", (int64_t)done[AGGREGATE_REFUSED]);
}

static void json_policy(struct json *j, const struct aggregate_policy *p)
{
    json_member_object(j, "policy");
    json_known_text(j, "p", p->p);
    json_known_text(j, "sp", p->sp);
    json_known_text(j, "np", p->np);
    json_known_text(j, "adkim", p->adkim);
    json_known_text(j, "aspf", p->aspf);
    json_known_text(j, "fo", p->fo);
    json_known_text(j, "pct", p->pct);
    json_known_text(j, "testing", p->testing);
    json_end(j);
}

static void json_source(struct json *j, const struct aggregate_source *s)
{
    json_object(j);
    json_text(j, "kind", span_of(aggregate_kind_word(s->kind)));
    json_text(j, "address", s->address);
    json_known_text(j, "from", s->author);
    json_known_text(j, "via", s->via);
    json_known_text(j, "selector", s->selector);
    json_number(j, "messages", (int64_t)s->count);
    json_done(j, s->done);
    json_end(j);
}

static void json_domain(struct json *j, const struct aggregate_domain *d)
{
    enum { NAMED = sizeof d->organizations / sizeof *d->organizations };
    json_object(j);
    json_text(j, "domain", d->domain);
    json_number(j, "reports", (int64_t)d->reports);
    json_member_array(j, "reporters");
    for (size_t i = 0; i < d->organization_count && i < NAMED; i++)
        json_element_text(j, d->organizations[i]);
    json_end(j);
    date_json(j, "begin", d->begin_s * 1000);
    date_json(j, "end", d->end_s * 1000);
    json_policy(j, &d->policy);
    json_number(j, "messages", (int64_t)d->messages);
    json_number(j, "proven", (int64_t)passed(d));
    json_done(j, d->done);
    json_member_object(j, "kinds");
    for (int kind = 0; kind < AGGREGATE_KINDS; kind++)
        json_number(j, aggregate_kind_word((enum aggregate_kind)kind), (int64_t)d->kinds[kind]);
    json_end(j);
    json_member_array(j, "sources");
    for (size_t i = 0; i < d->count; i++)
        json_source(j, d->sources[i]);
    json_end(j);
    json_number(j, "messages_from_further_sources", (int64_t)d->further);
    json_number(j, "unreadable_records", (int64_t)d->unreadable);
    json_end(j);
}

void dmarc_report_print_json(struct buffer *out, const struct aggregate_sum *s)
{
    struct json j = json_start(out);
    json_object(&j);
    json_member_array(&j, "domains");
    for (size_t i = 0; i < s->count; i++)
        json_domain(&j, s->domains[i]);
    json_end(&j);
    json_number(&j, "repeated_reports", (int64_t)s->again);
    json_end(&j);
    buffer_add_char(out, '\n');
}
