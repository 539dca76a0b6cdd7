/* Where an element stands says what its text is: the names above it, without "feedback", make a
 * path, and a table has what each is for. */
#include "aggregate/read.h"

#include "base/inet.h"

#include <expat.h>
#include <stddef.h>

enum { DEEPEST = 16, LONGEST_PATH = 200 };

struct reading {
    XML_Parser parser;
    struct arena *arena;
    struct aggregate_report *report;
    struct aggregate_record record; /* that is being read, */
    struct aggregate_result result; /* and in it */
    struct aggregate_reason reason;
    struct span begin, end, count, dkim, spf; /* not yet made of what they say */
    struct buffer records, dkim_results, spf_results, reasons;
    struct buffer path, text;
    size_t lengths[DEEPEST + 1]; /* of the path, at each depth */
    unsigned depth;
    const char *trouble;
};

#define AT(member) offsetof(struct reading, member)
#define REPORT(member) offsetof(struct aggregate_report, member)

/* Texts of the report, and of what is being read. */
static const struct {
    const char *path;
    size_t at;
    bool is_of_report;
} texts[] = {
    {"/report_metadata/org_name", REPORT(organization), true},
    {"/report_metadata/email", REPORT(email), true},
    {"/report_metadata/extra_contact_info", REPORT(contact), true},
    {"/report_metadata/report_id", REPORT(id), true},
    {"/report_metadata/generator", REPORT(generator), true},
    {"/report_metadata/error", REPORT(errors), true},
    {"/report_metadata/date_range/begin", AT(begin), false},
    {"/report_metadata/date_range/end", AT(end), false},
    {"/policy_published/domain", REPORT(policy.domain), true},
    {"/policy_published/p", REPORT(policy.p), true},
    {"/policy_published/sp", REPORT(policy.sp), true},
    {"/policy_published/np", REPORT(policy.np), true},
    {"/policy_published/adkim", REPORT(policy.adkim), true},
    {"/policy_published/aspf", REPORT(policy.aspf), true},
    {"/policy_published/fo", REPORT(policy.fo), true},
    {"/policy_published/pct", REPORT(policy.pct), true},
    {"/policy_published/testing", REPORT(policy.testing), true},
    {"/policy_published/discovery_method", REPORT(policy.method), true},
    {"/record/row/source_ip", AT(record.source), false},
    {"/record/row/count", AT(count), false},
    {"/record/row/policy_evaluated/disposition", AT(record.disposition), false},
    {"/record/row/policy_evaluated/dkim", AT(dkim), false},
    {"/record/row/policy_evaluated/spf", AT(spf), false},
    {"/record/row/policy_evaluated/reason/type", AT(reason.type), false},
    {"/record/row/policy_evaluated/reason/comment", AT(reason.comment), false},
    {"/record/identifiers/header_from", AT(record.author), false},
    {"/record/identifiers/envelope_from", AT(record.sender), false},
    {"/record/auth_results/dkim/domain", AT(result.domain), false},
    {"/record/auth_results/dkim/selector", AT(result.detail), false},
    {"/record/auth_results/dkim/result", AT(result.result), false},
    {"/record/auth_results/spf/domain", AT(result.domain), false},
    {"/record/auth_results/spf/scope", AT(result.detail), false},
    {"/record/auth_results/spf/result", AT(result.result), false},
};

static void stop(struct reading *r, const char *trouble)
{
    r->trouble = trouble;
    XML_StopParser(r->parser, XML_FALSE);
}

/* ---- texts */

/* Empty spans are never without a place. */
static void clear_record(struct reading *r)
{
    r->record = (struct aggregate_record){
        .source = SPAN_NONE, .disposition = SPAN_NONE, .author = SPAN_NONE, .sender = SPAN_NONE};
    r->count = r->dkim = r->spf = SPAN_NONE;
    buffer_clear(&r->dkim_results);
    buffer_clear(&r->spf_results);
    buffer_clear(&r->reasons);
}

static void clear_parts(struct reading *r)
{
    r->result = (struct aggregate_result){SPAN_NONE, SPAN_NONE, SPAN_NONE};
    r->reason = (struct aggregate_reason){SPAN_NONE, SPAN_NONE};
}

static bool is_at(const struct reading *r, const char *path)
{
    return span_equal(buffer_span(&r->path), span_of(path));
}

static void take_text(struct reading *r)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!is_at(r, texts[i].path))
            continue;
        char *base = texts[i].is_of_report ? (char *)r->report : (char *)r;
        *(struct span *)(void *)(base + texts[i].at) =
            arena_copy(r->arena, span_trim(buffer_span(&r->text)));
        return;
    }
}

/* ---- what is whole */

#define ADD(buffer, value) buffer_add((buffer), &(value), sizeof(value))

static void take_result(struct reading *r, struct buffer *results)
{
    if (results->len / sizeof r->result < AGGREGATE_MOST_RESULTS)
        ADD(results, r->result);
    clear_parts(r);
}

static void take_reason(struct reading *r)
{
    if (r->reasons.len / sizeof r->reason < AGGREGATE_MOST_RESULTS)
        ADD(&r->reasons, r->reason);
    clear_parts(r);
}

/* In memory that is as large as it has to be: reports have many records. */
static void *kept(struct arena *a, const struct buffer *items)
{
    void *at = arena_new(a, items->len + 1);
    if (items->len)
        memcpy(at, items->at, items->len);
    return at;
}

static void take_record(struct reading *r)
{
    struct aggregate_record *one = &r->record;
    unsigned char address[16];
    bool ok = inet_parse(one->source, address) && span_to_u64(r->count, INT64_MAX, &one->count);
    one->dkim_speaks = span_equal_nocase(r->dkim, SPAN("pass"));
    one->spf_speaks = span_equal_nocase(r->spf, SPAN("pass"));
    if (r->records.len / sizeof *one >= AGGREGATE_MOST_RECORDS) {
        stop(r, "it has too many records");
    } else if (ok) {
        one->dkim = kept(r->arena, &r->dkim_results);
        one->dkim_count = r->dkim_results.len / sizeof *one->dkim;
        one->spf = kept(r->arena, &r->spf_results);
        one->spf_count = r->spf_results.len / sizeof *one->spf;
        one->reasons = kept(r->arena, &r->reasons);
        one->reason_count = r->reasons.len / sizeof *one->reasons;
        ADD(&r->records, *one);
    } else {
        r->report->unreadable++;
    }
    clear_record(r);
}

/* ---- what expat calls */

static void begins(void *arg, const char *name, const char **attributes)
{
    struct reading *r = arg;
    const char *colon = strrchr(name, ':');
    struct span local = span_of(colon ? colon + 1 : name);
    buffer_clear(&r->text);
    if (!r->depth && !span_equal(local, SPAN("feedback"))) {
        stop(r, "it is no report of DMARC");
        return;
    }
    if (r->depth == DEEPEST) {
        stop(r, "its elements stand too deep in each other");
        return;
    }
    r->lengths[r->depth] = r->path.len;
    if (r->depth++) {
        buffer_add_char(&r->path, '/');
        buffer_add_span(&r->path, span_first(local, LONGEST_PATH));
    }
}

static void ends(void *arg, const char *name)
{
    struct reading *r = arg;
    take_text(r);
    if (is_at(r, "/record"))
        take_record(r);
    else if (is_at(r, "/record/auth_results/dkim"))
        take_result(r, &r->dkim_results);
    else if (is_at(r, "/record/auth_results/spf"))
        take_result(r, &r->spf_results);
    else if (is_at(r, "/record/row/policy_evaluated/reason"))
        take_reason(r);
    r->path.len = r->lengths[--r->depth];
    if (r->path.at)
        r->path.at[r->path.len] = 0;
    buffer_clear(&r->text);
}

static void says(void *arg, const char *at, int length)
{
    struct reading *r = arg;
    size_t room = AGGREGATE_LONGEST_TEXT - r->text.len;
    buffer_add(&r->text, at, (size_t)length < room ? (size_t)length : room);
}

static void declares_type(void *arg, const char *name, const char *system, const char *public,
                          int has_subset)
{
    stop(arg, "it has a document type declaration, which no report has");
}

/* What stands in a report is ASCII, whatever the encoding is called ("windows-1252"). */
static int other_encoding(void *arg, const char *name, XML_Encoding *e)
{
    for (int i = 0; i < 256; i++)
        e->map[i] = i;
    e->data = NULL;
    e->convert = NULL;
    e->release = NULL;
    return XML_STATUS_OK;
}

/* ---- a document */

static bool parse(struct reading *r, struct span xml, struct error *e)
{
    if (xml.len > AGGREGATE_LARGEST)
        return error_set(e, "it is larger than %d MB", AGGREGATE_LARGEST >> 20);
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, begins, ends);
    XML_SetCharacterDataHandler(r->parser, says);
    XML_SetStartDoctypeDeclHandler(r->parser, declares_type);
    XML_SetUnknownEncodingHandler(r->parser, other_encoding, NULL);
    if (XML_Parse(r->parser, xml.at, (int)xml.len, XML_TRUE) == XML_STATUS_OK)
        return true;
    return error_set(e, "%s (line %lu)",
                     r->trouble ? r->trouble : XML_ErrorString(XML_GetErrorCode(r->parser)),
                     (unsigned long)XML_GetCurrentLineNumber(r->parser));
}

static int64_t seconds(struct span text)
{
    uint64_t value;
    return span_to_u64(text, INT32_MAX * (uint64_t)1000, &value) ? (int64_t)value : 0;
}

static void clear_report(struct aggregate_report *r)
{
    struct span *const all[] = {
        &r->organization, &r->email,      &r->contact,        &r->id,
        &r->generator,    &r->errors,     &r->policy.domain,  &r->policy.p,
        &r->policy.sp,    &r->policy.np,  &r->policy.adkim,   &r->policy.aspf,
        &r->policy.fo,    &r->policy.pct, &r->policy.testing, &r->policy.method};
    *r = (struct aggregate_report){.begin_s = 0};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = SPAN_NONE;
}

bool aggregate_read(struct aggregate_report *report, struct span xml, struct arena *a,
                    struct error *e)
{
    struct reading r = {.parser = XML_ParserCreate(NULL),
                        .arena = a,
                        .report = report,
                        .begin = SPAN_NONE,
                        .end = SPAN_NONE};
    clear_report(report);
    clear_record(&r);
    clear_parts(&r);
    bool ok = r.parser ? parse(&r, xml, e) : error_set(e, "there is no memory for it");
    if (ok && !report->policy.domain.len)
        ok = error_set(e, "it does not say which domain it is about");
    report->begin_s = seconds(r.begin);
    report->end_s = seconds(r.end);
    report->count = r.records.len / sizeof *report->records;
    report->records = (void *)(uintptr_t)arena_keep(a, &r.records).at;
    XML_ParserFree(r.parser);
    buffer_free(&r.dkim_results);
    buffer_free(&r.spf_results);
    buffer_free(&r.reasons);
    buffer_free(&r.path);
    buffer_free(&r.text);
    return ok;
}
