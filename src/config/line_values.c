#include "config/line_values.h"

#include "config/match.h"
#include "config/values.h"

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

static const struct line_value kinds[] = {
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

const struct line_value *line_value(enum option_type type)
{
    return type < sizeof kinds / sizeof *kinds && kinds[type].size ? &kinds[type] : NULL;
}
