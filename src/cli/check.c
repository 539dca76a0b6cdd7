#include "cli/check.h"

#include "base/inet.h"
#include "config/network.h"
#include "sys/clock.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(const struct check *c);
} checks[] = {
    {"spf", check_spf},     {"dkim", check_dkim},       {"arc", check_arc},
    {"dmarc", check_dmarc}, {"message", check_message}, {"links", check_links},
};

enum { CHECK_COUNT = sizeof checks / sizeof *checks };

static int usage(void)
{
    struct buffer known = BUFFER_EMPTY;
    for (size_t i = 0; i < CHECK_COUNT; i++)
        buffer_printf(&known, "%s%s", i ? ", " : "", checks[i].name);
    complain(2,
             "use it as: plainpost check WHAT [--dns ADDRESS:PORT] [--now UNIXTIME] ..., where "
             "WHAT is one of: %s; see plainpost-check(1)",
             buffer_text(&known));
    buffer_free(&known);
    return 2;
}

bool check_take_server(struct span *server, const char *value)
{
    struct endpoint e;
    unsigned char bytes[16];
    *server = span_of(value);
    return (endpoint_parse(*server, &e) && inet_parse(e.host, bytes)) ||
           complain(0, "--dns %s: a name server is written as ADDRESS:PORT, as in 192.0.2.53:53",
                    value);
}

static bool take_flag(struct check *c, const char *flag, const char *value, struct span *server)
{
    if (strcmp(flag, "--dns") == 0)
        return check_take_server(server, value);
    if (strcmp(flag, "--now") == 0)
        return span_to_u64(span_of(value), INT64_MAX / 1000, &c->now) ||
               complain(0, "--now %s: it is a number of seconds since 1970", value);
    struct span *place = strcmp(flag, "--ip") == 0       ? &c->ip
                         : strcmp(flag, "--sender") == 0 ? &c->sender
                         : strcmp(flag, "--helo") == 0   ? &c->helo
                                                         : NULL;
    if (!place)
        return complain(0, "there is no %s; see plainpost-check(1)", flag);
    *place = span_of(value);
    return true;
}

static bool parse(const struct invocation *i, struct check *c, struct span *server)
{
    for (int n = 2; n < i->argc; n++) {
        const char *word = i->argv[n];
        bool is_flag = word[0] == '-' && word[1];
        if (is_flag && n + 1 == i->argc)
            return complain(0, "%s: something has to follow it; see plainpost-check(1)", word);
        if (is_flag && !take_flag(c, word, i->argv[++n], server))
            return false;
        if (!is_flag && c->named.len)
            return complain(0, "one thing at a time: %.*s, or %s", SPAN_F(c->named), word);
        if (!is_flag)
            c->named = span_of(word);
    }
    return true;
}

static int run(int (*check)(const struct check *), struct check *c, struct span server)
{
    struct dns_settings settings = {.servers = c->options->dns,
                                    .server_count = c->options->dns_count,
                                    .anchor = c->options->dns_anchor};
    struct error e;
    if (server.len)
        settings = (struct dns_settings){.servers = &server, .server_count = 1};
    c->dns = check_dns_new(&settings, &e);
    if (!c->dns)
        return complain(1, "%s", e.text);
    int status = check(c);
    check_dns_free(&c->dns);
    return status;
}

int check_main(const struct invocation *i)
{
    struct check c = {.options = i->options, .now = (uint64_t)(clock_now_ms() / 1000)};
    struct span server = SPAN_NONE;
    for (size_t n = 0; n < CHECK_COUNT && i->argc > 1; n++)
        if (strcmp(i->argv[1], checks[n].name) == 0)
            return parse(i, &c, &server) ? run(checks[n].run, &c, server) : 2;
    return usage();
}
