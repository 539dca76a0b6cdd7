/* Reports that count the mail of a day: DMARC's, whose mail RFC 7489 7.2.1.1 describes (RFC 9990
 * likewise), and TLS's, of RFC 8460 5. Some who send them write a subject of their own, others call
 * the file as they like: either is enough, with a file of the kind that it has to be. */
#include "bounce/read_inside.h"

enum { MOST_LOOKED_AT = 20 /* parts */ };

static bool is_number(struct span s)
{
    bool is = s.len > 0;
    for (size_t i = 0; i < s.len; i++)
        is &= s.at[i] >= '0' && s.at[i] <= '9';
    return is;
}

static bool ends_with_any(struct span name, const char *const *ends)
{
    for (; *ends; ends++)
        if (span_ends_nocase(name, span_of(*ends)))
            return true;
    return false;
}

/* "receiver.example!domain.example!1795392000!1795478399!unique.xml.gz" */
static bool is_named_by_rule(struct span name)
{
    struct span receiver = span_cut(&name, '!'), domain = span_cut(&name, '!');
    struct span begin = span_cut(&name, '!');
    struct span end = span_cut(&name, '.');
    return receiver.len && domain.len && is_number(begin) && is_number(span_cut(&end, '!'));
}

/* ---- the file */

struct form {
    const char *const *ends;  /* of its name, */
    const char *const *types; /* and of one that has no name */
};

static const struct form dmarc = {
    .ends = (const char *const[]){".xml", ".xml.gz", ".zip", ".gz", NULL},
    .types = (const char *const[]){"zip", "gzip", "x-gzip", "xml", "octet-stream", NULL},
};
static const struct form tls = {
    .ends = (const char *const[]){".json", ".json.gz", NULL},
    .types = (const char *const[]){"tlsrpt+json", "tlsrpt+gzip", NULL},
};

static bool has_type(const struct survey_part *p, const char *const *types)
{
    for (; *types; types++)
        if (span_equal_nocase(p->entity.subtype, span_of(*types)))
            return true;
    return false;
}

static bool is_file(const struct survey_part *p, const struct form *f)
{
    return p->name.len ? ends_with_any(p->name, f->ends) : has_type(p, f->types);
}

static bool has_file(const struct survey *s, const struct form *f, bool is_by_rule)
{
    for (size_t i = 0; i < s->part_count && i < MOST_LOOKED_AT; i++)
        if (is_file(&s->parts[i], f) && (!is_by_rule || is_named_by_rule(s->parts[i].name)))
            return true;
    return false;
}

/* ---- which */

static bool is_tls_report(const struct reading *r)
{
    const struct survey *s = r->survey;
    return span_equal_nocase(s->report_type, SPAN("tlsrpt")) ||
           survey_has_field(s, "TLS-Report-Domain") || has_file(s, &tls, true);
}

static bool has_subject(const struct reading *r)
{
    return folded_has(&r->subject, "report domain:") && folded_has(&r->subject, "submitter:");
}

enum notice_kind read_report_of_day(const struct reading *r)
{
    if (is_tls_report(r))
        return NOTICE_TLS_REPORT;
    bool is_dmarc =
        has_file(r->survey, &dmarc, true) || (has_subject(r) && has_file(r->survey, &dmarc, false));
    return is_dmarc ? NOTICE_DMARC_REPORT : NOTICE_NOT_A_BOUNCE;
}
