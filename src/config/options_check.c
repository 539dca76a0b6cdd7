/* What must hold between options: each is fine by itself. */
#include "config/options_inside.h"

#include "config/options_table.h"
#include "mail/address.h"

#include <string.h>

enum { LARGEST_ENVELOPES = 2 * 1024 * 1024 };

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
        p->line = seen[option_place(options_find(SPAN("relay-domain")))];
        error_set(&problem,
                  "no route leads to the relay-domain %.*s; say where its mail goes: route %.*s "
                  "192.0.2.7:25",
                  SPAN_F(match), SPAN_F(match));
        return options_fail(p, problem.text);
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
    p->line = seen[option_place(options_find(SPAN("events")))];
    return options_fail(
        p, "events webhook needs events-secret, a file with a secret to sign with, so that "
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
            p->line = seen[option_place(options_find(SPAN("listen")))];
            error_set(&problem,
                      "there is no filter %.*s, which a listen names; write filter "
                      "inet:127.0.0.1:11332 name %.*s",
                      SPAN_F(span_first(name, 64)), SPAN_F(span_first(name, 64)));
            return options_fail(p, problem.text);
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
        p->line = seen[option_place(options_find(SPAN("listen")))];
        return options_fail(
            p, "a listener with TLS needs a certificate; name its files: tls-certificate "
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
    p->line = seen[option_place(options_find(SPAN("acme-directory")))];
    if (!acme_url_is_fine(o->acme_directory))
        return options_fail(
            p, "acme-directory must be the address of an authority's directory, such as "
               "https://acme-v02.api.letsencrypt.org/directory");
    p->line = seen[option_place(options_find(SPAN("acme-account")))];
    if (o->acme_account.len && address_check(o->acme_account, false) != ADDRESS_OK)
        return options_fail(
            p, "acme-account must be an address of yours, such as postmaster@example.org");
    p->line = seen[option_place(options_find(SPAN("acme-certificate")))];
    if (acme_is_repeated(o))
        return options_fail(
            p, "there already is an acme-certificate whose first name is this; keep one of "
               "the two, or begin one with another name");
    return !o->acme_certificate_count || o->acme_terms ||
           options_fail(
               p, "an authority gives certificates only to those who agree to its terms; read "
                  "them, and if you do, write: acme-terms agreed");
}

static bool check_logins(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    bool has_submission = false;
    for (size_t i = 0; i < o->listen_count; i++)
        has_submission |= o->listen[i].is_submission;
    p->line = seen[option_place(options_find(SPAN("listen")))];
    if (has_submission && !o->logins.len && !o->token_checker.len)
        return options_fail(
            p, "nobody can log in at a listener with submission without logins; say where "
               "they are: logins /etc/plainpost/logins");
    p->line = seen[option_place(options_find(SPAN("login-senders")))];
    return !o->login_senders.len || !o->logins.len || span_starts(o->logins, SPAN("dovecot:")) ||
           span_starts(o->logins, SPAN("pam:")) ||
           options_fail(
               p, "what logins of a file or a database may send as stands there too (sender=, the "
                  "column senders); leave login-senders out");
}

static bool check_next_hop_logins(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->route_count && !o->next_hop_logins.len; i++) {
        struct error problem;
        if (!o->routes[i].target.login.len)
            continue;
        p->line = seen[option_place(options_find(SPAN("route")))];
        error_set(&problem,
                  "the route of %.*s logs in as %.*s; say in which file the password is: "
                  "next-hop-logins /etc/plainpost/next-hop-logins",
                  SPAN_F(o->routes[i].match), SPAN_F(o->routes[i].target.login));
        return options_fail(p, problem.text);
    }
    return true;
}

/* Who retries too early, or too late, would never get in. */
static bool check_greylist(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    p->line = later(seen[option_place(options_find(SPAN("greylist-wait")))],
                    seen[option_place(options_find(SPAN("greylist-retry")))]);
    if (o->entry.greylist_wait * 2 > o->entry.greylist_retry)
        return options_fail(
            p, "greylist-retry must be at least twice as long as greylist-wait, or those "
               "who try again have no time for it");
    p->line = later(seen[option_place(options_find(SPAN("greylist-points")))],
                    seen[option_place(options_find(SPAN("refuse-points")))]);
    return !o->entry.refuse_points || o->entry.greylist_points < o->entry.refuse_points ||
           options_fail(
               p, "refuse-points must be more than greylist-points: who is refused is not asked to "
                  "come again");
}

static bool check_reporter(struct parsing *p, const size_t *seen, struct span from,
                           struct span option)
{
    struct error problem;
    if (!from.len || address_check(from, false) == ADDRESS_OK)
        return true;
    p->line = seen[option_place(options_find(option))];
    error_set(&problem,
              "%.*s must be an address that reports come from, such as postmaster@example.org",
              SPAN_F(option));
    return options_fail(p, problem.text);
}

static bool check_feedback(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->reporting.feedback_count; i++) {
        if (address_check(o->reporting.feedback[i], false) == ADDRESS_OK)
            continue;
        p->line = seen[option_place(options_find(SPAN("feedback-address")))];
        return options_fail(p, "feedback-address must be an address of ours to which others "
                               "report, such as fbl@example.org");
    }
    return true;
}

static bool check_reports(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    return check_reporter(p, seen, o->tls_reports, SPAN("tls-reports")) &&
           check_reporter(p, seen, o->dmarc_reports, SPAN("dmarc-reports")) &&
           check_feedback(p, seen);
}

static bool check_arc_seal(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    for (size_t i = 0; i < o->signing_key_count; i++)
        if (span_equal(o->signing_keys[i].domain, o->arc_seal))
            return true;
    if (!o->arc_seal.len)
        return true;
    p->line = seen[option_place(options_find(SPAN("arc-seal")))];
    return options_fail(p, "arc-seal needs a dkim-key of its domain");
}

bool options_fit(const struct options *o, struct error *e)
{
    return largest_message(o) + LARGEST_ENVELOPES <= o->segment_size ||
           error_set(e, "a message of max-message-size must fit into a segment with 2MB to spare; "
                        "make segment-size larger or max-message-size smaller");
}

/* What must fit together. The line is that of the option that was written. */
bool options_check(struct parsing *p, const size_t *seen)
{
    const struct options *o = p->options;
    const uint64_t largest = largest_message(o);
    const struct option *size = options_find(SPAN("max-message-size"));
    const struct option *segment = options_find(SPAN("segment-size"));
    const struct option *memory = options_find(SPAN("max-memory-in-flight"));
    const struct option *first = options_find(SPAN("retry-first"));
    const struct option *longest = options_find(SPAN("retry-max"));
    const struct option *listen = options_find(SPAN("listen"));
    size_t size_line =
        largest > o->max_message_size ? seen[option_place(listen)] : seen[option_place(size)];
    struct error problem;
    if (!options_fit(o, &problem)) {
        p->line = later(size_line, seen[option_place(segment)]);
        return options_fail(p, problem.text);
    }
    if (largest > o->max_memory_in_flight) {
        p->line = later(size_line, seen[option_place(memory)]);
        return options_fail(
            p, "a message of max-message-size must fit into max-memory-in-flight; make "
               "max-memory-in-flight larger or max-message-size smaller");
    }
    const struct option *user = options_find(SPAN("command-user"));
    if (o->command_user.len && o->deliver_as != DELIVER_AS_YES) {
        p->line = seen[option_place(user)];
        return options_fail(p, "command-user needs deliver-as yes");
    }
    if (o->retry_first > o->retry_max) {
        p->line = later(seen[option_place(first)], seen[option_place(longest)]);
        return options_fail(p, "retry-first must not be longer than retry-max");
    }
    return check_relay_domains(p, seen) && check_events(p, seen) && check_filters(p, seen) &&
           check_tls(p, seen) && check_acme(p, seen) && check_logins(p, seen) &&
           check_next_hop_logins(p, seen) && check_reports(p, seen) && check_greylist(p, seen) &&
           check_arc_seal(p, seen);
}
