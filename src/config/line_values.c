#include "config/line_values.h"

#include "config/match.h"
#include "config/values.h"

struct kind {
    size_t size;
    bool (*parse)(const struct option *o, struct span *words, size_t count, void *at,
                  struct arena *a, struct error *problem);
    void (*print)(struct buffer *out, const void *at);
};

/* The functions of one kind, for the table. */
#define LINE_VALUE(kind)                                                                           \
    static bool parse_##kind(const struct option *o, struct span *words, size_t count, void *at,   \
                             struct arena *a, struct error *problem)                               \
    {                                                                                              \
        return kind##_parse(words, count, at, a, problem);                                         \
    }                                                                                              \
    static void print_##kind(struct buffer *out, const void *at)                                   \
    {                                                                                              \
        kind##_print(out, at);                                                                     \
    }

#define ROW(kind)                                                                                  \
    {                                                                                              \
        sizeof(struct kind), parse_##kind, print_##kind                                            \
    }

LINE_VALUE(account_limit)
LINE_VALUE(acme_certificate)
LINE_VALUE(certificate)
LINE_VALUE(dns_list)
LINE_VALUE(event_sink)
LINE_VALUE(guard_setting)
LINE_VALUE(link_list)
LINE_VALUE(listen)
LINE_VALUE(mail_filter)
LINE_VALUE(notice_folder)
LINE_VALUE(relay_domain)
LINE_VALUE(signing_key)

/* Several options are of this kind. */
static bool parse_domain_policy(const struct option *o, struct span *words, size_t count, void *at,
                                struct arena *a, struct error *problem)
{
    return domain_policy_parse(o->name, words, count, at, a, problem);
}

static void print_domain_policy(struct buffer *out, const void *at)
{
    domain_policy_print(out, at);
}

static bool parse_route(const struct option *o, struct span *words, size_t count, void *at,
                        struct arena *a, struct error *problem)
{
    static const char how[] =
        "a domain and where its mail goes: route example.org 192.0.2.7:25, or: route * mx";
    struct route *r = at;
    if (count < 2)
        return error_set(problem, "%s takes at least two words. Write it as %s", o->name, how);
    if (!match_is_valid(words[0]))
        return value_problem(o, words[0], how, problem);
    r->match = value_lower(a, words[0]);
    return target_parse(words + 1, count - 1, &r->target, a, problem);
}

static void print_route(struct buffer *out, const void *at)
{
    const struct route *r = at;
    buffer_printf(out, "%.*s ", SPAN_F(r->match));
    target_print(out, &r->target);
}

static const struct kind kinds[] = {
    [OPTION_ACCOUNTS] = ROW(account_limit),
    [OPTION_ACME] = ROW(acme_certificate),
    [OPTION_CERTIFICATE] = ROW(certificate),
    [OPTION_DKIM_KEY] = ROW(signing_key),
    [OPTION_DNS_LIST] = ROW(dns_list),
    [OPTION_EVENTS] = ROW(event_sink),
    [OPTION_FILTER] = ROW(mail_filter),
    [OPTION_FOLDER] = ROW(notice_folder),
    [OPTION_GUARD_LIMIT] = ROW(guard_setting),
    [OPTION_LINK_LIST] = ROW(link_list),
    [OPTION_LISTEN] = ROW(listen),
    [OPTION_POLICY] = ROW(domain_policy),
    [OPTION_RELAY] = ROW(relay_domain),
    [OPTION_ROUTE] = ROW(route),
};

/* NULL: it is one word. */
static const struct kind *kind_of(const struct option *o)
{
    return o->type < sizeof kinds / sizeof *kinds && kinds[o->type].size ? &kinds[o->type] : NULL;
}

bool line_value_parse(const struct option *o, struct span *words, size_t count, void *at,
                      struct arena *a, struct error *problem)
{
    const struct kind *kind = kind_of(o);
    if (kind)
        return kind->parse(o, words, count, at, a, problem);
    if (count != 1)
        return error_set(problem,
                         "%s takes one value; %zu were given. Put words with blanks in \"quotes\"",
                         o->name, count);
    return value_parse(o, words[0], at, a, problem);
}

size_t line_value_size(const struct option *o)
{
    const struct kind *kind = kind_of(o);
    return kind ? kind->size : value_size(o->type);
}

void line_value_print(struct buffer *out, const struct option *o, const void *at)
{
    const struct kind *kind = kind_of(o);
    if (kind)
        kind->print(out, at);
    else
        value_print(out, o, at);
}
