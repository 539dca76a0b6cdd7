/* plainpost doctor: the rules are src/doctor's; here they get what they want to know. */
#include "address/directory.h"
#include "auth/organization.h"
#include "base/inet.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/doctor_probe.h"
#include "cli/doctor_text.h"
#include "cli/our_keys.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "sys/clock.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char how[] =
    "use it as: plainpost [-c FILE] doctor [--json] [--no-connect] [--source IP] [--selector NAME] "
    "[--dns ADDRESS:PORT] [--now UNIXTIME] DOMAIN";

enum { MOST_SELECTORS = 8 };

struct wish {
    struct doctor_request request;
    bool as_json;
    struct span server; /* of the DNS; empty: as the configuration says */
    unsigned char sources[MOST_SOURCES][16];
    struct span selectors[MOST_SELECTORS];
    struct arena arena;
};

/* ---- the command line */

static bool take_domain(struct wish *w, struct span text)
{
    struct span ascii;
    if (address_domain(text).len)
        text = address_domain(text);
    if (text.len > 1 && text.at[text.len - 1] == '.')
        text.len--;
    if (!domain_to_ascii(text, &ascii, &w->arena) || !domain_is_valid(ascii, false, false))
        return complain(0, "\"%.*s\" is no domain", SPAN_F(text));
    char *lower = arena_new(&w->arena, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        lower[i] = ascii_lower(ascii.at[i]);
    w->request.domain = span_make(lower, ascii.len);
    return true;
}

static bool add_source(struct wish *w, struct span text)
{
    struct doctor_request *r = &w->request;
    if (r->source_count == MOST_SOURCES)
        return complain(0, "up to %d addresses can be looked at", MOST_SOURCES);
    r->has_all_sources = true;
    return inet_parse(text, w->sources[r->source_count++]) ||
           complain(0, "\"%.*s\" is no address: 192.0.2.1 or 2001:db8::1", SPAN_F(text));
}

static bool take_flag(struct wish *w, const char *flag, const char *value)
{
    struct doctor_request *r = &w->request;
    uint64_t now;
    if (strcmp(flag, "--dns") == 0)
        return check_take_server(&w->server, value);
    if (strcmp(flag, "--source") == 0)
        return add_source(w, span_of(value));
    if (strcmp(flag, "--selector") == 0) {
        if (r->selector_count < MOST_SELECTORS)
            w->selectors[r->selector_count++] = span_of(value);
        return true;
    }
    if (strcmp(flag, "--now") != 0)
        return complain(0, "%s", how);
    if (!span_to_u64(span_of(value), INT64_MAX / 1000, &now))
        return complain(0, "--now %s: it is a number of seconds since 1970", value);
    r->now_ms = (int64_t)now * 1000;
    return true;
}

static bool parse(const struct invocation *i, struct wish *w)
{
    for (int n = 1; n < i->argc; n++) {
        const char *word = i->argv[n];
        bool is_flag = word[0] == '-';
        if (strcmp(word, "--json") == 0)
            w->as_json = true;
        else if (strcmp(word, "--no-connect") == 0)
            w->request.connects = false;
        else if (is_flag && n + 1 == i->argc)
            return complain(0, "%s", how);
        else if (is_flag && !take_flag(w, word, i->argv[++n]))
            return false;
        else if (!is_flag && w->request.domain.len)
            return complain(0, "one domain at a time; %s", how);
        else if (!is_flag && !take_domain(w, span_of(word)))
            return false;
    }
    return w->request.domain.len || complain(0, "%s", how);
}

/* ---- what our configuration says */

/* A public suffix is nobody's own. */
static bool is_name_in(struct span name, struct span domain)
{
    struct arena a = ARENA_EMPTY;
    bool is_suffix = !organization_of(domain, &a).len;
    arena_clear(&a);
    return span_equal_nocase(name, domain) ||
           (!is_suffix && name.len > domain.len && name.at[name.len - domain.len - 1] == '.' &&
            span_ends_nocase(name, domain));
}

/* Does it take mail here? A table that can't be read leaves that open. */
static bool is_taken_here(const struct options *o, struct span domain)
{
    struct file_marks marks = {0};
    struct error e;
    struct directory *d = directory_load(o, &marks, &e);
    char address[LONGEST_ADDRESS + 16];
    bool is = false;
    file_marks_free(&marks);
    if (!d) {
        complain(0, "%s", e.text);
        return false;
    }
    int len = snprintf(address, sizeof address, "postmaster@%.*s", SPAN_F(domain));
    is = directory_has_domain(d, domain) ||
         directory_find(d, SPAN_NONE, span_make(address, (size_t)len)).is_ours;
    directory_unref(&d);
    return is;
}

static bool is_ours(const struct invocation *i, struct span domain)
{
    const struct options *o = i->options;
    if (!i->file)
        return false;
    for (size_t n = 0; n < o->signing_key_count; n++)
        if (span_equal_nocase(o->signing_keys[n].domain, domain))
            return true;
    return is_name_in(o->hostname, domain) || is_taken_here(o, domain);
}

static void take_keys(struct wish *w, const struct options *o)
{
    struct doctor_key *keys = arena_new(&w->arena, (o->signing_key_count + 1) * sizeof *keys);
    for (size_t i = 0; i < o->signing_key_count; i++)
        our_key_read(&keys[i], &o->signing_keys[i], &w->arena); /* else it is not compared */
    w->request.keys = keys;
    w->request.key_count = o->signing_key_count;
}

static const struct target *way_out(const struct options *o)
{
    for (size_t i = 0; i < o->route_count; i++)
        if (span_equal(o->routes[i].match, SPAN("*")))
            return &o->routes[i].target;
    return NULL;
}

/* The route's own, or those that the system takes. */
static void take_sources(struct wish *w, const struct options *o)
{
    struct doctor_request *r = &w->request;
    const struct target *out = way_out(o);
    if (r->source_count)
        return;
    if (out && out->kind == TARGET_SMTP) {
        r->relay = out->server.host;
        return;
    }
    for (size_t i = 0; out && i < out->source_count && i < MOST_SOURCES; i++)
        add_source(w, out->sources[i].address);
    unsigned char own[2][16];
    size_t count = r->has_all_sources ? 0 : doctor_own_addresses(own);
    for (size_t i = 0; i < count; i++)
        memcpy(w->sources[r->source_count++], own[i], 16);
}

static void take_configuration(struct wish *w, const struct invocation *i)
{
    struct doctor_request *r = &w->request;
    r->hostname = i->options->hostname;
    r->is_ours = is_ours(i, r->domain);
    if (!r->is_ours)
        return;
    r->reporter = i->options->tls_reports;
    take_keys(w, i->options);
    take_sources(w, i->options);
}

/* ---- looking */

static void answer_all(struct check_dns *dns, const struct doctor_request *r, struct lookups *l,
                       struct doctor_report *report, struct arena *a)
{
    while (!doctor_examine(r, l, report, a)) {
        check_dns_answer(dns, l);
        arena_clear(a);
    }
}

static int look(struct wish *w, const struct options *o, struct check_dns *dns)
{
    const struct doctor_probe_settings probing = {.hostname = o->hostname,
                                                  .authorities = o->tls_authorities};
    struct doctor_report report;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    answer_all(dns, &w->request, &l, &report, &a);
    if (w->request.connects) {
        w->request.probes = doctor_probe(&report, &probing, &w->arena, &e);
        if (!w->request.probes)
            complain(0, "%s", e.text);
        arena_clear(&a);
        answer_all(dns, &w->request, &l, &report, &a);
    }
    if (w->as_json)
        doctor_print_json(&out, &w->request, &report);
    else
        doctor_print(&out, &w->request, &report);
    fputs(buffer_text(&out), stdout);
    int status = doctor_is_fine(&report) ? 0 : 1;
    buffer_free(&out);
    arena_clear(&a);
    lookups_free(&l);
    return status;
}

static int run(struct wish *w, const struct invocation *i)
{
    const struct options *o = i->options;
    struct dns_settings settings = {.servers = o->dns,
                                    .server_count = o->dns_count,
                                    .anchor = o->dns_anchor,
                                    .skips_hosts = true};
    struct error e;
    if (w->server.len) {
        settings.servers = &w->server;
        settings.server_count = 1;
    }
    struct check_dns *dns = check_dns_new(&settings, &e);
    if (!dns)
        return complain(1, "%s", e.text);
    w->request.validates = o->dns_anchor.len > 0;
    w->request.sources = (const unsigned char(*)[16])w->sources;
    w->request.selectors = w->selectors;
    take_configuration(w, i);
    int status = look(w, o, dns);
    check_dns_free(&dns);
    return status;
}

int doctor_main(const struct invocation *i)
{
    struct wish w = {.request = {.connects = true, .now_ms = clock_now_ms()}, .server = SPAN_NONE};
    signal(SIGPIPE, SIG_IGN); /* a server may hang up on us */
    int status = parse(i, &w) ? run(&w, i) : 2;
    arena_clear(&w.arena);
    return status;
}
