#include "transport/mta_sts.h"

#include "mail/address.h"

/* RFC 8461 3.3: look again once a day; after a failure not before five minutes. */
enum { FRESH_MS = 86400 * 1000, RETRY_MS = 5 * 60 * 1000 };
enum { LONGEST_ID = 32, SHOWN = 60 };

/* ---- the record */

static bool is_id(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.at[i]))
            return false;
    return s.len && s.len <= LONGEST_ID;
}

static bool is_record(struct span text)
{
    struct span version = span_cut(&text, ';');
    return span_starts(version, SPAN("v=STSv1")) && !span_trim(span_skip(version, 7)).len;
}

static bool take_id(struct span text, struct span *id)
{
    span_cut(&text, ';');
    while (text.len) {
        struct span value = span_cut(&text, ';');
        struct span name = span_trim(span_cut(&value, '='));
        if (!span_equal(name, SPAN("id")))
            continue;
        *id = span_trim(value);
        return is_id(*id);
    }
    return false;
}

bool sts_record_find(const struct span *texts, size_t count, struct span *id)
{
    const struct span *only = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!is_record(texts[i]))
            continue;
        if (only)
            return false;
        only = &texts[i];
    }
    return only && take_id(*only, id);
}

/* ---- the file */

static bool take_version(struct span value, struct error *e)
{
    return span_equal(value, SPAN("STSv1")) ||
           error_set(e, "its version is \"%.*s\", and not STSv1", SPAN_F(span_first(value, SHOWN)));
}

static bool take_mode(struct sts_policy *p, struct span value, struct error *e)
{
    static const char *const names[] = {
        [STS_NONE] = "none", [STS_TESTING] = "testing", [STS_ENFORCE] = "enforce"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal(value, span_of(names[i]))) {
            p->mode = (enum sts_mode)i;
            return true;
        }
    return error_set(e, "its mode \"%.*s\" is not known", SPAN_F(span_first(value, SHOWN)));
}

static bool take_max_age(struct sts_policy *p, struct span value, struct error *e)
{
    uint64_t seconds = 0;
    if (!span_to_u64(value, 9999999999, &seconds)) /* ten digits, RFC 8461 3.2 */
        return error_set(e, "its max_age \"%.*s\" is no number of seconds",
                         SPAN_F(span_first(value, SHOWN)));
    p->max_age = seconds < STS_LONGEST_AGE ? (uint32_t)seconds : STS_LONGEST_AGE;
    return true;
}

static bool take_mx(struct sts_policy *p, struct span value, struct error *e)
{
    struct span name = span_starts(value, SPAN("*.")) ? span_skip(value, 2) : value;
    if (!domain_is_valid(name, false, false))
        return error_set(e, "its mail server \"%.*s\" is no name of a host",
                         SPAN_F(span_first(value, SHOWN)));
    if (p->mx_count < STS_MOST_MX)
        p->mx[p->mx_count++] = value;
    return true;
}

struct seen {
    bool version, mode, max_age;
};

/* Of what stands there twice the first counts (RFC 8461 3.2); what is not known is left alone. */
static bool take_field(struct sts_policy *p, struct seen *seen, struct span name, struct span value,
                       struct error *e)
{
    bool ok = true;
    if (span_equal(name, SPAN("version")) && !seen->version)
        ok = seen->version = take_version(value, e);
    else if (span_equal(name, SPAN("mode")) && !seen->mode)
        ok = seen->mode = take_mode(p, value, e);
    else if (span_equal(name, SPAN("max_age")) && !seen->max_age)
        ok = seen->max_age = take_max_age(p, value, e);
    else if (span_equal(name, SPAN("mx")))
        ok = take_mx(p, value, e);
    return ok;
}

static bool is_whole(const struct sts_policy *p, const struct seen *seen, struct error *e)
{
    const char *missing = !seen->version                        ? "version"
                          : !seen->mode                         ? "mode"
                          : !seen->max_age                      ? "max_age"
                          : p->mode != STS_NONE && !p->mx_count ? "mx"
                                                                : NULL;
    return !missing || error_set(e, "it has no line \"%s:\"", missing);
}

bool sts_policy_parse(struct sts_policy *p, struct span text, struct arena *a, struct error *e)
{
    struct seen seen = {false};
    *p = (struct sts_policy){.mx = arena_new(a, STS_MOST_MX * sizeof *p->mx)};
    if (text.len > STS_LONGEST_POLICY)
        return error_set(e, "it is longer than 64 KiB");
    struct span rest = arena_copy(a, text);
    while (rest.len) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        if (!line.len)
            continue;
        if (span_find_char(line, ':') == SPAN_NOT_FOUND)
            return error_set(e, "the line \"%.*s\" is not written as \"name: value\"",
                             SPAN_F(span_first(line, SHOWN)));
        struct span name = span_trim(span_cut(&line, ':'));
        if (!take_field(p, &seen, name, span_trim(line), e))
            return false;
    }
    return is_whole(p, &seen, e);
}

static bool pattern_matches(struct span pattern, struct span host)
{
    if (!span_starts(pattern, SPAN("*.")))
        return span_equal_nocase(pattern, host);
    size_t dot = span_find_char(host, '.');
    return dot != SPAN_NOT_FOUND && dot &&
           span_equal_nocase(span_skip(host, dot), span_skip(pattern, 1));
}

bool sts_policy_has_host(const struct sts_policy *p, struct span host)
{
    if (host.len && host.at[host.len - 1] == '.')
        host = span_first(host, host.len - 1);
    for (size_t i = 0; i < p->mx_count; i++)
        if (pattern_matches(p->mx[i], host))
            return true;
    return false;
}

/* ---- what is known, and what to do */

bool sts_memory_is_over(const struct sts_memory *m, int64_t now_ms)
{
    return !m->fetched_ms || now_ms >= m->fetched_ms + (int64_t)m->max_age * 1000;
}

/* A clock that was put back makes no policy fresh for ever. */
static bool is_stale(const struct sts_memory *m, int64_t now_ms)
{
    int64_t half_ms = (int64_t)m->max_age * 500;
    int64_t fresh_ms = half_ms < FRESH_MS ? half_ms : FRESH_MS;
    return now_ms < m->fetched_ms || now_ms >= m->fetched_ms + fresh_ms;
}

static bool has_just_failed(const struct sts_memory *m, int64_t now_ms)
{
    return m->tried_ms && now_ms >= m->tried_ms && now_ms < m->tried_ms + RETRY_MS;
}

struct sts_plan sts_plan_make(const struct sts_memory *m, const struct sts_record *r,
                              int64_t now_ms)
{
    bool holds = !sts_memory_is_over(m, now_ms);
    bool is_another = r->is_there && !(holds && span_equal(r->id, m->id));
    struct sts_plan plan = {.uses_policy = holds};
    if (has_just_failed(m, now_ms))
        return plan;
    plan.fetches = is_another || (holds && is_stale(m, now_ms));
    plan.waits = is_another;
    return plan;
}
