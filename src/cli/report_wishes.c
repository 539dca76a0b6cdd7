#include "cli/report_wishes.h"

#include "base/inet.h"
#include "config/network.h"
#include "mail/address.h"

#include <string.h>

struct parsing {
    struct report_wishes *wishes;
    struct arena *arena;
    struct error *error;
    size_t room; /* for what may be given several times */
};

static bool add(struct parsing *p, struct span **list, size_t *count, const char *value)
{
    if (!*list)
        *list = arena_new(p->arena, p->room * sizeof **list);
    (*list)[(*count)++] = span_of(value);
    return true;
}

static bool check_address(struct parsing *p, const char *flag, const char *value, bool allow_utf8)
{
    return address_check(span_of(value), allow_utf8) == ADDRESS_OK ||
           error_set(p->error, "%s %s: this is no mail address", flag, value);
}

static bool take_as(struct parsing *p, const char *value)
{
    static const char *const names[] = {[COMPLAINT_FRAUD] = "fraud",
                                        [COMPLAINT_ABUSE] = "abuse",
                                        [COMPLAINT_AUTH_FAILURE] = "auth-failure"};
    for (int i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            p->wishes->kind = (enum complaint_kind)i;
            return true;
        }
    return error_set(p->error, "--as %s: it is \"fraud\", \"abuse\" or \"auth-failure\"", value);
}

static bool take_form(struct parsing *p, const char *value)
{
    p->wishes->as_xarf = strcmp(value, "xarf") == 0;
    return p->wishes->as_xarf || strcmp(value, "arf") == 0 ||
           error_set(p->error, "--form %s: it is \"arf\" or \"xarf\"", value);
}

static bool take_dns(struct parsing *p, const char *value)
{
    struct endpoint server;
    unsigned char bytes[16];
    p->wishes->asks_dns = true;
    p->wishes->dns_server = value ? span_of(value) : SPAN("system");
    return !value ||
           (endpoint_parse(p->wishes->dns_server, &server) && inet_parse(server.host, bytes)) ||
           error_set(p->error,
                     "--dns=%s: a name server is written as ADDRESS:PORT, as in 192.0.2.53:53; "
                     "--dns alone asks those of this machine",
                     value);
}

static bool take_ours(struct parsing *p, const char *value)
{
    struct report_wishes *w = p->wishes;
    struct network n;
    if (network_parse(span_of(value), &n)) {
        if (!w->networks.at)
            w->networks.at = arena_new(p->arena, p->room * sizeof *w->networks.at);
        w->networks.at[w->networks.count++] = n;
        return true;
    }
    return domain_is_valid(span_of(value), false, false)
               ? add(p, &w->ours, &w->ours_count, value)
               : error_set(p->error, "--ours %s: it is a host, a domain, or a network", value);
}

static bool take_me(struct parsing *p, const char *value)
{
    return check_address(p, "--me", value, true) &&
           add(p, &p->wishes->me, &p->wishes->me_count, value);
}

static bool take_to(struct parsing *p, const char *value)
{
    return check_address(p, "--to", value, false) &&
           add(p, &p->wishes->to, &p->wishes->to_count, value);
}

static bool take_from(struct parsing *p, const char *value)
{
    p->wishes->from = span_of(value);
    return check_address(p, "--from", value, false);
}

static bool take_header_only(struct parsing *p, const char *value)
{
    return p->wishes->header_only = true;
}

static bool take_unredacted(struct parsing *p, const char *value)
{
    return p->wishes->shows_addresses = true;
}

static bool take_print(struct parsing *p, const char *value)
{
    p->wishes->deed = REPORT_PRINT;
    return true;
}

static bool take_send(struct parsing *p, const char *value)
{
    p->wishes->deed = REPORT_SEND;
    return true;
}

static bool take_yes(struct parsing *p, const char *value)
{
    return p->wishes->is_sure = true;
}

static bool take_anyway(struct parsing *p, const char *value)
{
    return p->wishes->is_genuine_fine = true;
}

static const struct flag {
    const char *name;
    bool (*take)(struct parsing *p, const char *value);
    const char *value; /* what stands behind it; NULL: nothing */
    bool is_optional;  /* the value may be missing, and never stands behind a blank */
} flags[] = {
    {"--print", take_print, NULL, false},
    {"--send", take_send, NULL, false},
    {"--yes", take_yes, NULL, false},
    {"--dns", take_dns, "ADDRESS:PORT", true},
    {"--ours", take_ours, "HOST|NETWORK", false},
    {"--me", take_me, "ADDRESS", false},
    {"--from", take_from, "ADDRESS", false},
    {"--to", take_to, "ADDRESS", false},
    {"--as", take_as, "fraud|abuse|auth-failure", false},
    {"--form", take_form, "arf|xarf", false},
    {"--header", take_header_only, NULL, false},
    {"--unredacted", take_unredacted, NULL, false},
    {"--anyway", take_anyway, NULL, false},
};

static bool usage(struct parsing *p, const char *what, const char *detail)
{
    struct buffer all = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        buffer_printf(&all, " [%s%s%s%s]", flags[i].name,
                      !flags[i].value        ? ""
                      : flags[i].is_optional ? "[="
                                             : " ",
                      flags[i].value ? flags[i].value : "", flags[i].is_optional ? "]" : "");
    error_set(p->error, "%s%s; use it as: plainpost report-phishing%s FILE|-", what, detail,
              buffer_text(&all));
    buffer_free(&all);
    return false;
}

/* "--as abuse" or "--as=abuse". */
static bool take_flag(struct parsing *p, int argc, char **argv, int *at)
{
    const char *flag = argv[*at], *equals = strchr(flag, '=');
    size_t len = equals ? (size_t)(equals - flag) : strlen(flag);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strlen(flags[i].name) != len || strncmp(flag, flags[i].name, len) != 0)
            continue;
        if (flags[i].is_optional)
            return flags[i].take(p, equals ? equals + 1 : NULL);
        if (!flags[i].value)
            return equals ? error_set(p->error, "%s takes no value", flags[i].name)
                          : flags[i].take(p, NULL);
        if (!equals && *at + 1 >= argc)
            return error_set(p->error, "%s wants %s behind it", flags[i].name, flags[i].value);
        return flags[i].take(p, equals ? equals + 1 : argv[++*at]);
    }
    return usage(p, "there is no option ", flag);
}

bool report_wishes_parse(struct report_wishes *w, int argc, char **argv, struct arena *a,
                         struct error *e)
{
    struct parsing p = {w, a, e, (size_t)argc};
    for (int at = 1; at < argc; at++) {
        bool is_flag = argv[at][0] == '-' && argv[at][1];
        if (is_flag && !take_flag(&p, argc, argv, &at))
            return false;
        if (!is_flag && w->file)
            return error_set(e, "one message at a time: %s, or %s", w->file, argv[at]);
        if (!is_flag)
            w->file = argv[at];
    }
    if (w->kind == COMPLAINT_AUTH_FAILURE && !w->asks_dns)
        return error_set(e, "--as auth-failure needs --dns: the DNS has whose domain it is, and "
                            "whether it is forged");
    return w->file || usage(&p, "a file with a message is wanted, or - for standard input", "");
}
