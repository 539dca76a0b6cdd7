/* plainpost seal: an ARC set for a message in a file. */
#include "auth/arc_check.h"
#include "auth/arc_seal.h"
#include "cli/check.h"
#include "mail/address.h"
#include "mail/line_ends.h"
#include "sys/clock.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LARGEST_KEY_FILE = 64 * 1024 };

struct wishes {
    struct check check; /* options, file, time, and who answers for the DNS */
    struct arc_sealer sealer;
    struct span key_file, server;
};

static int usage(void)
{
    return complain(2, "use it as: plainpost seal FILE --key PEM --selector S --domain D\n"
                       "                          --authserv-id ID [--headers LIST]\n"
                       "                          [--now UNIXTIME] [--dns ADDRESS:PORT]");
}

static bool take_flag(struct wishes *w, const char *flag, const char *value)
{
    const struct {
        const char *name;
        struct span *place;
    } texts[] = {{"--key", &w->key_file},
                 {"--selector", &w->sealer.selector},
                 {"--domain", &w->sealer.domain},
                 {"--authserv-id", &w->sealer.server},
                 {"--headers", &w->sealer.names}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(flag, texts[i].name) == 0) {
            *texts[i].place = span_of(value);
            return true;
        }
    if (strcmp(flag, "--dns") == 0)
        return check_take_server(&w->server, value);
    if (strcmp(flag, "--now") == 0)
        return span_to_u64(span_of(value), INT64_MAX / 1000, &w->check.now) ||
               complain(0, "--now %s: it is a number of seconds since 1970", value);
    return complain(0, "there is no option %s; see plainpost-seal(1)", flag);
}

static bool parse(const struct invocation *i, struct wishes *w)
{
    for (int n = 1; n < i->argc; n++) {
        const char *word = i->argv[n];
        bool is_flag = word[0] == '-' && word[1];
        if (is_flag && n + 1 == i->argc)
            return complain(
                0, "%s: there is no such option, or its value is missing; see plainpost-seal(1)",
                word);
        if (is_flag && !take_flag(w, word, i->argv[++n]))
            return false;
        if (!is_flag && w->check.named.len)
            return complain(0, "one message at a time: %.*s, or %s", SPAN_F(w->check.named), word);
        if (!is_flag)
            w->check.named = span_of(word);
    }
    return true;
}

/* What goes into the fields must not break them. */
static bool fits(const struct wishes *w)
{
    const struct arc_sealer *s = &w->sealer;
    for (size_t i = 0; i < s->names.len; i++)
        if (s->names.at[i] <= ' ' || s->names.at[i] > '~' || s->names.at[i] == ';')
            return complain(0,
                            "--headers %.*s: it is a list of the names of fields, as in "
                            "from:to:subject",
                            SPAN_F(s->names));
    if (!domain_is_valid(s->domain, false, false))
        return complain(0, "--domain %.*s: it is no domain", SPAN_F(s->domain));
    return domain_is_valid(s->selector, false, false) ||
           complain(0, "--selector %.*s: it is no name in the DNS", SPAN_F(s->selector));
}

static struct private_key *read_key(struct span file)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    struct private_key *k = NULL;
    if (!whole_file_read(file.at, 0, LARGEST_KEY_FILE, &text))
        complain(0, "%s can't be read: %s", file.at, strerror(errno));
    else if (!(k = private_key_read(buffer_span(&text), &e)))
        complain(0, "%s can't be used: %s", file.at, e.text);
    buffer_wipe(&text);
    return k;
}

/* The DNS is asked for the keys of the chain. */
static bool find_out(struct wishes *w, struct span message, enum arc_state *found)
{
    const struct options *o = w->check.options;
    struct dns_settings settings = {
        .servers = o->dns, .server_count = o->dns_count, .anchor = o->dns_anchor};
    struct arc_verdict v;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct error e;
    if (w->server.len)
        settings = (struct dns_settings){.servers = &w->server, .server_count = 1};
    struct check_dns *dns = check_dns_new(&settings, &e);
    if (!dns)
        return complain(0, "%s", e.text);
    while (!arc_check(message, w->check.now, &l, &v, &a)) {
        check_dns_answer(dns, &l);
        arena_clear(&a);
    }
    *found = v.state;
    arena_clear(&a);
    lookups_free(&l);
    check_dns_free(&dns);
    return true;
}

static bool has_chain(struct span header)
{
    return header_count(header, "ARC-Seal") > 0;
}

static int seal(struct wishes *w, struct span message)
{
    struct buffer set = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct line_ends ends = {0};
    struct error e;
    enum arc_state found = ARC_NONE;
    if (!arc_found(message, w->sealer.server, &found) && has_chain(message) &&
        !find_out(w, message, &found))
        return 1;
    enum arc_sealing done = arc_seal(&set, &w->sealer, message, found, (int64_t)w->check.now, &e);
    if (done == ARC_SEALED) {
        line_ends_to_lf(&ends, buffer_span(&set), &text);
        fputs(buffer_text(&text), stdout);
    } else {
        complain(0, "%.*s is not sealed: %s", SPAN_F(w->check.named), e.text);
    }
    buffer_free(&set);
    buffer_free(&text);
    return done == ARC_UNSEALED;
}

int seal_main(const struct invocation *i)
{
    struct wishes w = {.check = {.options = i->options, .now = (uint64_t)(clock_now_ms() / 1000)}};
    struct buffer message = BUFFER_EMPTY;
    if (!parse(i, &w))
        return 2;
    const struct arc_sealer *s = &w.sealer;
    if (!w.check.named.len || !w.key_file.len || !s->selector.len || !s->domain.len ||
        !s->server.len)
        return usage();
    if (!fits(&w))
        return 2;
    struct private_key *k = read_key(w.key_file);
    if (!k)
        return 1;
    w.sealer.key = k;
    int status = check_read_message(&w.check, &message) ? seal(&w, buffer_span(&message)) : 1;
    private_key_free(&k);
    buffer_free(&message);
    return status;
}
