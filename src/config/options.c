/* A line is a name and its words. What stands in the file replaces the defaults; the first line of
 * a list replaces the default list, further ones add to it. */
#include "config/options.h"

#include "base/visible.h"
#include "config/values.h"
#include "mail/address.h"

#include <string.h>

enum { MOST_WORDS = 24, LARGEST_ENVELOPES = 2 * 1024 * 1024 };

struct parsing {
    struct options *options;
    const char *file;
    size_t line;
    struct error *error;
};

static void *member(struct options *o, size_t offset)
{
    return (char *)o + offset;
}

/* ---- words */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The next word of a line: bare, or in quotes with \" and \\. 1, 0 at the end, -1: the quotes do
 * not end. */
static int next_word(struct span *rest, struct arena *a, struct span *word)
{
    while (rest->len && is_blank(rest->at[0]))
        *rest = span_skip(*rest, 1);
    if (!rest->len || rest->at[0] == '#')
        return 0;
    if (rest->at[0] != '"') {
        size_t n = 0;
        while (n < rest->len && !is_blank(rest->at[n]))
            n++;
        *word = span_first(*rest, n);
        *rest = span_skip(*rest, n);
        return 1;
    }
    char *text = arena_new(a, rest->len);
    size_t len = 0, i = 1;
    for (; i < rest->len && rest->at[i] != '"'; i++) {
        if (rest->at[i] == '\\' && i + 1 < rest->len)
            i++;
        text[len++] = rest->at[i];
    }
    if (i >= rest->len)
        return -1;
    *word = (struct span){text, len};
    *rest = span_skip(*rest, i + 1);
    return 1;
}

/* ---- which option is meant */

enum { LONGEST_NAME = 40 };

/* The number of letters to change, add or take away (Levenshtein). */
static size_t distance(struct span a, struct span b)
{
    size_t row[LONGEST_NAME + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = diagonal + (a.at[i - 1] != b.at[j - 1]);
            size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < other ? change : other;
        }
    }
    return row[b.len];
}

static const char *nearest(struct span name)
{
    size_t best = 4;
    const char *found = NULL;
    for (size_t i = 0; i < options_table_count && name.len <= LONGEST_NAME; i++) {
        size_t d = distance(name, span_of(options_table[i].name));
        if (d < best) {
            best = d;
            found = options_table[i].name;
        }
    }
    return found;
}

static bool fail(struct parsing *p, const char *words)
{
    return error_set(p->error, "%s:%zu: %s", p->file, p->line, words);
}

static bool fail_unknown(struct parsing *p, struct span name)
{
    struct buffer words = BUFFER_EMPTY;
    const char *meant = nearest(name);
    buffer_add_char(&words, '"');
    visible_add(&words, name, 60);
    buffer_add_text(&words, "\" is not an option; ");
    if (meant)
        buffer_printf(&words, "did you mean \"%s\"?", meant);
    else
        buffer_add_text(&words, "\"plainpost config default\" shows all of them");
    fail(p, buffer_text(&words));
    buffer_free(&words);
    return false;
}

static const struct option *find_option(struct span name)
{
    for (size_t i = 0; i < options_table_count; i++)
        if (span_equal(name, span_of(options_table[i].name)))
            return &options_table[i];
    return NULL;
}

/* ---- setting */

/* Room for one more element of a list. */
static void *list_add(struct options *o, const struct option *option)
{
    size_t *count = member(o, option->count_offset);
    void **list = member(o, option->offset);
    size_t size = value_size(option->type);
    if ((*count & (*count - 1)) == 0) { /* full at 0, 1, 2, 4, 8, … */
        void *more = arena_new(&o->arena, (*count ? *count * 2 : 1) * size);
        if (*count)
            memcpy(more, *list, *count * size);
        *list = more;
    }
    return (char *)*list + (*count)++ * size;
}

static bool set(struct options *o, const struct option *option, struct span *words, size_t count,
                struct error *problem)
{
    void *at = option->count_offset ? list_add(o, option) : member(o, option->offset);
    return value_parse(option, words, count, at, &o->arena, problem);
}

static bool route_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->route_count; i++)
        if (span_equal(o->routes[i].match, o->routes[o->route_count - 1].match))
            return true;
    return false;
}

static bool listen_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->listen_count; i++)
        if (listen_is_same_place(&o->listen[i], &o->listen[o->listen_count - 1]))
            return true;
    return false;
}

static bool relay_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->relay_domain_count; i++)
        if (span_equal(o->relay_domains[i].match,
                       o->relay_domains[o->relay_domain_count - 1].match))
            return true;
    return false;
}

static bool events_are_repeated(const struct options *o)
{
    const struct event_sink *last = &o->events[o->event_sink_count - 1];
    for (const struct event_sink *s = o->events; s < last; s++)
        if (s->kind == last->kind && span_equal(s->target, last->target))
            return true;
    return false;
}

static bool key_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->signing_key_count; i++)
        if (signing_key_is_same_name(&o->signing_keys[i],
                                     &o->signing_keys[o->signing_key_count - 1]))
            return true;
    return false;
}

static bool authenticate_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->authenticate_count; i++)
        if (span_equal(o->authenticate[i].match, o->authenticate[o->authenticate_count - 1].match))
            return true;
    return false;
}

static bool filter_is_repeated(const struct options *o)
{
    for (size_t i = 0; i + 1 < o->filter_count; i++)
        if (span_equal(o->filters[i].name, o->filters[o->filter_count - 1].name))
            return true;
    return false;
}

static bool dns_list_is_repeated(const struct options *o)
{
    const struct dns_list *last = &o->entry.dns_lists[o->entry.dns_list_count - 1];
    for (const struct dns_list *l = o->entry.dns_lists; l < last; l++)
        if (l->about == last->about && span_equal(l->zone, last->zone))
            return true;
    return false;
}

static struct span example_of(const struct option *option)
{
    if (option->standard[0])
        return span_first(span_of(option->standard), strcspn(option->standard, "\n"));
    return option->type == OPTION_ROUTE       ? SPAN("example.org 192.0.2.7:25")
           : option->type == OPTION_RELAY     ? SPAN("example.org ask")
           : option->type == OPTION_EVENTS    ? SPAN("file /path/of/file")
           : option->type == OPTION_HOST      ? SPAN("example.org")
           : option->type == OPTION_FILTER    ? SPAN("inet:127.0.0.1:11332 name rspamd")
           : option->type == OPTION_AUTHENTIC ? SPAN("example.org refuse")
           : option->type == OPTION_FORWARDER ? SPAN("lists.example.org")
           : option->type == OPTION_DNS_LIST  ? SPAN("zen.example points 127.0.0.2=5 127.0.0.10=3")
           : option->type == OPTION_DKIM_KEY  ? SPAN("example.org s1 /etc/plainpost/s1.pem")
           : option->type == OPTION_CERTIFICATE ? SPAN("/path/of/certificate /path/of/key")
           : option->type == OPTION_ACME        ? SPAN("mx.example.org")
                                                : SPAN("/path/of/file");
}

static bool set_option(struct parsing *p, size_t *seen_at, const struct option *option,
                       struct span *words, size_t count)
{
    struct error problem;
    struct options *o = p->options;
    if (option->count_offset) {
        if (!*seen_at)
            *(size_t *)member(o, option->count_offset) = 0;
    } else if (*seen_at) {
        error_set(&problem, "%s was already given in line %zu; keep one of the two", option->name,
                  *seen_at);
        return fail(p, problem.text);
    }
    *seen_at = p->line;
    if (!count) {
        const char *quote = option->type == OPTION_TEXT ? "\"" : "";
        error_set(&problem, "%s needs a value, for example: %s %s%.*s%s", option->name,
                  option->name, quote, SPAN_F(example_of(option)), quote);
        return fail(p, problem.text);
    }
    if (!set(o, option, words, count, &problem))
        return fail(p, problem.text);
    if (option->type == OPTION_ROUTE && route_is_repeated(o))
        return fail(p, "there already is a route for this; keep one of the two");
    if (option->type == OPTION_LISTEN && listen_is_repeated(o))
        return fail(p, "there already is a listen for this place; keep one of the two");
    if (option->type == OPTION_RELAY && relay_is_repeated(o))
        return fail(p, "there already is a relay-domain for this; keep one of the two");
    if (option->type == OPTION_EVENTS && events_are_repeated(o))
        return fail(p, "events are told there already; keep one of the two");
    if (option->type == OPTION_FILTER && filter_is_repeated(o))
        return fail(p, "there already is a filter of this name; give each its own");
    if (option->type == OPTION_AUTHENTIC && authenticate_is_repeated(o))
        return fail(p, "there already is an authenticate for this; keep one of the two");
    if (option->type == OPTION_DNS_LIST && dns_list_is_repeated(o))
        return fail(p, "there already is a dns-list of this zone; keep one of the two");
    if (option->type == OPTION_DKIM_KEY && key_is_repeated(o))
        return fail(p, "there already is a dkim-key of this domain and selector; keep one of the "
                       "two");
    return true;
}

static bool parse_line(struct parsing *p, struct span line, size_t *seen)
{
    struct span words[MOST_WORDS + 1];
    size_t count = 0;
    int found;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    for (size_t i = 0; i < line.len; i++)
        if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 0x7F)
            return fail(p, "this line holds a control character; please remove it");
    while ((found = next_word(&line, &p->options->arena, &words[count])) > 0)
        if (++count > MOST_WORDS)
            return fail(p, "this line has too many words");
    if (found < 0)
        return fail(p, "these quotes are opened and not closed; add a \" at their end");
    if (!count)
        return true;
    const struct option *option = find_option(words[0]);
    if (!option)
        return fail_unknown(p, words[0]);
    return set_option(p, &seen[option - options_table], option, words + 1, count - 1);
}

static size_t later(size_t a, size_t b)
{
    return a > b ? a : b;
}

static uint64_t largest_message(const struct options *o)
{
    uint64_t largest = o->max_message_size;
    for (size_t i = 0; i < o->listen_count; i++)
        if (o->listen[i].max_message_size > largest)
            largest = o->listen[i].max_message_size;
    return largest;
}

static bool has_route(const struct options *o, struct span match)
{
    for (size_t i = 0; i < o->route_count; i++) {
        struct span route = o->routes[i].match;
        bool is_above = span_starts(route, SPAN("*."));
        if (span_equal(route, SPAN("*")) || span_equal(route, match) ||
            (is_above && span_ends_nocase(match, span_skip(route, 1))))
            return true;
    }
    return false;
}

/* Mail that we take from everybody must have somewhere to go. */
static bool check_relay_domains(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->relay_domain_count; i++) {
        struct span match = o->relay_domains[i].match;
        struct error problem;
        if (has_route(o, match))
            continue;
        p->line = seen[find_option(SPAN("relay-domain")) - options_table];
        error_set(&problem,
                  "no route leads to the relay-domain %.*s; say where its mail goes: route %.*s "
                  "192.0.2.7:25",
                  SPAN_F(match), SPAN_F(match));
        return fail(p, problem.text);
    }
    return true;
}

static bool check_events(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    bool has_webhook = false;
    for (size_t i = 0; i < o->event_sink_count; i++)
        has_webhook |= o->events[i].kind == EVENT_SINK_WEBHOOK;
    if (!has_webhook || o->events_secret.len)
        return true;
    p->line = seen[find_option(SPAN("events")) - options_table];
    return fail(p, "events webhook needs events-secret, a file with a secret to sign with, so that "
                   "who is told knows that it was us");
}

/* A name that no filter has would leave mail unfiltered. */
static bool check_filters(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->listen_count; i++) {
        struct span names = o->listen[i].filters, name;
        while ((name = span_cut(&names, ',')).len) {
            struct error problem;
            size_t k = 0;
            while (k < o->filter_count && !span_equal(o->filters[k].name, name))
                k++;
            if (k < o->filter_count || span_equal(o->listen[i].filters, SPAN("no")))
                continue;
            p->line = seen[find_option(SPAN("listen")) - options_table];
            error_set(&problem,
                      "there is no filter %.*s, which a listen names; write filter "
                      "inet:127.0.0.1:11332 name %.*s",
                      SPAN_F(span_first(name, 64)), SPAN_F(span_first(name, 64)));
            return fail(p, problem.text);
        }
    }
    return true;
}

/* The line is that of the last one. */
static bool check_tls(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    size_t certificates = o->tls_certificate_count + o->acme_certificate_count;
    for (size_t i = 0; i < o->listen_count && !certificates; i++) {
        uint64_t tls = o->listen[i].tls;
        if (tls != LISTEN_TLS_REQUIRED && tls != LISTEN_TLS_IMPLICIT)
            continue;
        p->line = seen[find_option(SPAN("listen")) - options_table];
        return fail(p, "a listener with TLS needs a certificate; name its files: tls-certificate "
                       "/path/of/certificate /path/of/key; or have one come by itself: "
                       "acme-certificate mx.example.org");
    }
    return true;
}

/* Two certificates of the same first name would be in the same files. */
static bool acme_is_repeated(const struct options *o)
{
    for (size_t i = 0; i < o->acme_certificate_count; i++)
        for (size_t k = 0; k < i; k++)
            if (span_equal(o->acme_certificates[i].names[0], o->acme_certificates[k].names[0]))
                return true;
    return false;
}

static bool acme_url_is_fine(struct span url)
{
    struct span host = span_skip(url, strlen("https://"));
    return span_starts(url, SPAN("https://")) && host.len && host.at[0] != '/' &&
           span_find_char(url, ' ') == SPAN_NOT_FOUND;
}

static bool check_acme(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    p->line = seen[find_option(SPAN("acme-directory")) - options_table];
    if (!acme_url_is_fine(o->acme_directory))
        return fail(p, "acme-directory must be the address of an authority's directory, such as "
                       "https://acme-v02.api.letsencrypt.org/directory");
    p->line = seen[find_option(SPAN("acme-account")) - options_table];
    if (o->acme_account.len && address_check(o->acme_account, false) != ADDRESS_OK)
        return fail(p, "acme-account must be an address of yours, such as postmaster@example.org");
    p->line = seen[find_option(SPAN("acme-certificate")) - options_table];
    if (acme_is_repeated(o))
        return fail(p, "there already is an acme-certificate whose first name is this; keep one of "
                       "the two, or begin one with another name");
    return !o->acme_certificate_count || o->acme_terms ||
           fail(p, "an authority gives certificates only to those who agree to its terms; read "
                   "them, and if you do, write: acme-terms agreed");
}

static bool check_logins(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    bool has_submission = false;
    for (size_t i = 0; i < o->listen_count; i++)
        has_submission |= o->listen[i].is_submission;
    p->line = seen[find_option(SPAN("listen")) - options_table];
    if (has_submission && !o->logins.len && !o->token_checker.len)
        return fail(p, "nobody can log in at a listener with submission without logins; say where "
                       "they are: logins /etc/plainpost/logins");
    p->line = seen[find_option(SPAN("login-senders")) - options_table];
    return !o->login_senders.len || !o->logins.len || span_starts(o->logins, SPAN("dovecot:")) ||
           span_starts(o->logins, SPAN("pam:")) ||
           fail(p, "what logins of a file or a database may send as stands there too (sender=, the "
                   "column senders); leave login-senders out");
}

static bool check_next_hop_logins(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->route_count && !o->next_hop_logins.len; i++) {
        struct error problem;
        if (!o->routes[i].target.login.len)
            continue;
        p->line = seen[find_option(SPAN("route")) - options_table];
        error_set(&problem,
                  "the route of %.*s logs in as %.*s; say in which file the password is: "
                  "next-hop-logins /etc/plainpost/next-hop-logins",
                  SPAN_F(o->routes[i].match), SPAN_F(o->routes[i].target.login));
        return fail(p, problem.text);
    }
    return true;
}

/* Who retries too early, or too late, would never get in. */
static bool check_greylist(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    p->line = later(seen[find_option(SPAN("greylist-wait")) - options_table],
                    seen[find_option(SPAN("greylist-retry")) - options_table]);
    if (o->entry.greylist_wait * 2 > o->entry.greylist_retry)
        return fail(p, "greylist-retry must be at least twice as long as greylist-wait, or those "
                       "who try again have no time for it");
    p->line = later(seen[find_option(SPAN("greylist-points")) - options_table],
                    seen[find_option(SPAN("refuse-points")) - options_table]);
    return !o->entry.refuse_points || o->entry.greylist_points < o->entry.refuse_points ||
           fail(p,
                "refuse-points must be more than greylist-points: who is refused is not asked to "
                "come again");
}

static bool check_reporter(struct parsing *p, const size_t *seen, struct span from,
                           struct span option)
{
    struct error problem;
    if (!from.len || address_check(from, false) == ADDRESS_OK)
        return true;
    p->line = seen[find_option(option) - options_table];
    error_set(&problem,
              "%.*s must be an address that reports come from, such as postmaster@example.org",
              SPAN_F(option));
    return fail(p, problem.text);
}

static bool check_reports(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    return check_reporter(p, seen, o->tls_reports, SPAN("tls-reports")) &&
           check_reporter(p, seen, o->dmarc_reports, SPAN("dmarc-reports"));
}

static bool check_arc_seal(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->signing_key_count; i++)
        if (span_equal(o->signing_keys[i].domain, o->arc_seal))
            return true;
    if (!o->arc_seal.len)
        return true;
    p->line = seen[find_option(SPAN("arc-seal")) - options_table];
    return fail(p, "arc-seal needs a dkim-key of its domain");
}

bool options_fit(const struct options *o, struct error *e)
{
    return largest_message(o) + LARGEST_ENVELOPES <= o->segment_size ||
           error_set(e, "a message of max-message-size must fit into a segment with 2MB to spare; "
                        "make segment-size larger or max-message-size smaller");
}

/* What must fit together. The line is that of the option that was written. */
static bool check_together(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    const uint64_t largest = largest_message(o);
    const struct option *size = find_option(SPAN("max-message-size"));
    const struct option *segment = find_option(SPAN("segment-size"));
    const struct option *memory = find_option(SPAN("max-memory-in-flight"));
    const struct option *first = find_option(SPAN("retry-first"));
    const struct option *longest = find_option(SPAN("retry-max"));
    const struct option *listen = find_option(SPAN("listen"));
    size_t size_line =
        largest > o->max_message_size ? seen[listen - options_table] : seen[size - options_table];
    struct error problem;
    if (!options_fit(o, &problem)) {
        p->line = later(size_line, seen[segment - options_table]);
        return fail(p, problem.text);
    }
    if (largest > o->max_memory_in_flight) {
        p->line = later(size_line, seen[memory - options_table]);
        return fail(p, "a message of max-message-size must fit into max-memory-in-flight; make "
                       "max-memory-in-flight larger or max-message-size smaller");
    }
    const struct option *user = find_option(SPAN("command-user"));
    if (o->command_user.len && o->deliver_as != DELIVER_AS_YES) {
        p->line = seen[user - options_table];
        return fail(p, "command-user needs deliver-as yes");
    }
    if (o->retry_first > o->retry_max) {
        p->line = later(seen[first - options_table], seen[longest - options_table]);
        return fail(p, "retry-first must not be longer than retry-max");
    }
    return check_relay_domains(p, seen) && check_events(p, seen) && check_filters(p, seen) &&
           check_tls(p, seen) && check_acme(p, seen) && check_logins(p, seen) &&
           check_next_hop_logins(p, seen) && check_reports(p, seen) && check_greylist(p, seen) &&
           check_arc_seal(p, seen);
}

void options_defaults(struct options *o)
{
    *o = (struct options){.references = 1};
    for (size_t i = 0; i < options_table_count; i++) {
        struct span lines = span_of(options_table[i].standard);
        while (lines.len) {
            struct span word = span_cut(&lines, '\n');
            struct error never;
            if (!set(o, &options_table[i], &word, 1, &never))
                __builtin_trap(); /* the table is wrong; its test says where */
        }
    }
}

bool options_parse(struct options *o, const char *file, struct span text, struct error *e)
{
    struct parsing p = {.options = o, .file = file, .error = e};
    options_defaults(o);
    size_t *seen = arena_new(&o->arena, options_table_count * sizeof *seen);
    bool ok = true;
    while (ok && text.len) {
        p.line++;
        ok = parse_line(&p, span_cut(&text, '\n'), seen);
    }
    ok = ok && check_together(&p, seen);
    if (!ok)
        options_free(o);
    return ok;
}

void options_free(struct options *o)
{
    struct arena a = o->arena;
    arena_clear(&a);
    *o = (struct options){0};
}
