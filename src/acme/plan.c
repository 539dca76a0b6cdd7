#include "acme/plan.h"

#include "base/visible.h"

#define MINUTE ((int64_t)60 * 1000)
#define DAY (24 * 60 * MINUTE)

enum { LONGEST_WHY = 400, LONGEST_DETAIL = 200, MOST_DOUBLED = 8 };

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t plan_renews_ms(int64_t begins_ms, int64_t ends_ms)
{
    return ends_ms - least(30 * DAY, (ends_ms - begins_ms) / 3);
}

enum plan_urgency plan_urgency(int64_t begins_ms, int64_t ends_ms, int64_t now_ms)
{
    int64_t left = ends_ms - now_ms, life = ends_ms - begins_ms;
    return left <= 0                          ? PLAN_OVER
           : left < least(3 * DAY, life / 20) ? PLAN_VERY_SOON
           : left < least(14 * DAY, life / 4) ? PLAN_SOON
                                              : PLAN_FINE;
}

/* ---- the record: a line of numbers, one of what was wanted, one of why it failed */

void acme_record_print(struct buffer *out, const struct acme_record *r)
{
    buffer_printf(out, "%llu %lld %lld\n", (unsigned long long)r->failures, (long long)r->tried_ms,
                  (long long)r->again_ms);
    buffer_add_span(out, r->wanted);
    buffer_add_char(out, '\n');
    visible_add(out, r->why, LONGEST_WHY);
    buffer_add_char(out, '\n');
}

bool acme_record_parse(struct acme_record *r, struct span text)
{
    struct span numbers = span_cut(&text, '\n');
    uint64_t tried, again;
    if (!span_to_u64(span_word(&numbers), UINT32_MAX, &r->failures) ||
        !span_to_u64(span_word(&numbers), INT64_MAX, &tried) ||
        !span_to_u64(span_word(&numbers), INT64_MAX, &again) || numbers.len)
        return false;
    r->tried_ms = (int64_t)tried;
    r->again_ms = (int64_t)again;
    r->wanted = span_cut(&text, '\n');
    r->why = span_cut(&text, '\n');
    return r->wanted.len > 0;
}

void acme_record_failure(struct acme_record *r, struct span why, int64_t now_ms, uint32_t chance)
{
    int64_t pause = 10 * MINUTE << (r->failures < MOST_DOUBLED ? r->failures : MOST_DOUBLED);
    pause = least(pause, DAY);
    r->failures++;
    r->tried_ms = now_ms;
    r->again_ms = now_ms + pause + pause / 4 * (chance % 256) / 256;
    r->why = why;
}

int64_t acme_record_due(const struct acme_record *r, struct span wanted, int64_t renews_ms,
                        int64_t now_ms)
{
    bool counts = r->failures && span_equal(r->wanted, wanted) &&
                  r->again_ms - now_ms <= 2 * DAY; /* else the clock was set back */
    return counts && r->again_ms > renews_ms ? r->again_ms : renews_ms;
}

/* ---- words */

/* By the end of the error's type, RFC 8555 6.7. */
static const struct {
    const char *type, *words;
} reasons[] = {
    {"connection", "the authority could not reach this server at port 80 of the name; the name "
                   "must lead here, and no firewall may be before that port"},
    {"dns", "the authority found no address of the name in the DNS"},
    {"unauthorized", "who answers at port 80 of the name is not this server"},
    {"incorrectResponse", "who answers at port 80 of the name is not this server"},
    {"caa", "a CAA record in the DNS keeps this authority from giving certificates for the name"},
    {"rateLimited", "the authority was asked for too many certificates within some days"},
    {"rejectedIdentifier", "the authority gives no certificate for such a name"},
    {"externalAccountRequired", "the authority wants an account that was made by hand; see "
                                "CERTIFICATES BY ACME in plainpost.conf(5)"},
    {"userActionRequired", "the authority has other terms now, which must be agreed to by hand"},
    {"invalidContact", "the authority does not take the address of acme-account"},
    {"unsupportedContact", "the authority does not take the address of acme-account"},
    {"serverInternal", "the authority has trouble of its own"},
    {"badNonce", "the authority has trouble of its own"},
};

/* The text behind the last "NAME": in what stands there as JSON, as it is written. */
static struct span value_of(struct span said, struct span name)
{
    struct span found = SPAN_NONE;
    for (size_t at; (at = span_find(said, name)) != SPAN_NOT_FOUND;) {
        said = span_skip(said, at + name.len);
        size_t end = 0;
        while (end < said.len && said.at[end] != '"' && said.at[end] != '\n')
            end += said.at[end] == '\\' && end + 1 < said.len ? 2 : 1;
        found = span_first(said, end);
    }
    return found;
}

static void add_detail(struct buffer *out, struct span detail)
{
    struct buffer plain = BUFFER_EMPTY;
    for (size_t i = 0; i < detail.len; i++)
        if (detail.at[i] != '\\' || (i && detail.at[i - 1] == '\\'))
            buffer_add_char(&plain, detail.at[i]);
    visible_add(out, buffer_span(&plain), LONGEST_DETAIL);
    buffer_free(&plain);
}

static bool add_problem(struct buffer *out, struct span said)
{
    struct span type = value_of(said, SPAN("\"type\": \"urn:ietf:params:acme:error:"));
    struct span detail = value_of(said, SPAN("\"detail\": \""));
    const char *words = NULL;
    if (!type.len)
        return false;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (span_equal(type, span_of(reasons[i].type)))
            words = reasons[i].words;
    buffer_add_text(out, words ? words : "the authority refuses it");
    if (detail.len)
        buffer_add_text(out, "; it says: ");
    add_detail(out, detail);
    return true;
}

/* The last line that has `part` in it; all of it: the last that is not empty. */
static struct span last_line(struct span said, struct span part)
{
    struct span found = SPAN_NONE;
    while (said.len) {
        struct span line = span_trim(span_cut(&said, '\n'));
        if (line.len && span_find(line, part) != SPAN_NOT_FOUND)
            found = line;
    }
    return span_starts(found, SPAN("uacme: ")) ? span_skip(found, strlen("uacme: ")) : found;
}

void acme_explain(struct buffer *out, struct span said)
{
    struct span line = last_line(said, SPAN(" failed: "));
    if (add_problem(out, said))
        return;
    if (span_starts(line, SPAN("curl_")))
        buffer_add_text(out, "the authority can't be reached: ");
    else
        line = last_line(said, SPAN_NONE);
    if (line.len)
        visible_add(out, line, LONGEST_DETAIL);
    else
        buffer_add_text(out, "uacme did not say why");
}
