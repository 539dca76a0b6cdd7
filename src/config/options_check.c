/* What must hold between options: each is fine by itself. */
#include "config/options_check.h"

#include "config/options_table.h"
#include "mail/address.h"

#include <string.h>

enum { LARGEST_ENVELOPES = 2 * 1024 * 1024 };

struct checking {
    const struct options *options;
    const size_t *seen;
    size_t line; /* where it is written what is wrong */
    struct error *problem;
};

static size_t line_of(const struct checking *c, const char *option)
{
    return c->seen[option_place(option_find(span_of(option)))];
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
static bool check_relay_domains(struct checking *c)
{
    const struct options *o = c->options;
    for (size_t i = 0; i < o->relay_domain_count; i++) {
        struct span match = o->relay_domains[i].match;
        if (has_route(o, match))
            continue;
        c->line = line_of(c, "relay-domain");
        return error_set(
            c->problem,
            "no route leads to the relay-domain %.*s; say where its mail goes: route %.*s "
            "192.0.2.7:25",
            SPAN_F(match), SPAN_F(match));
    }
    return true;
}

static bool check_events(struct checking *c)
{
    const struct options *o = c->options;
    bool has_webhook = false;
    for (size_t i = 0; i < o->event_sink_count; i++)
        has_webhook |= o->events[i].kind == EVENT_SINK_WEBHOOK;
    if (!has_webhook || o->events_secret.len)
        return true;
    c->line = line_of(c, "events");
    return error_set(
        c->problem,
        "events webhook needs events-secret, a file with a secret to sign with, so that "
        "who is told knows that it was us");
}

/* A name that no filter has would leave mail unfiltered. */
static bool check_filters(struct checking *c)
{
    const struct options *o = c->options;
    for (size_t i = 0; i < o->listen_count; i++) {
        struct span names = o->listen[i].filters, name;
        while ((name = span_cut(&names, ',')).len) {
            size_t k = 0;
            while (k < o->filter_count && !span_equal(o->filters[k].name, name))
                k++;
            if (k < o->filter_count || span_equal(o->listen[i].filters, SPAN("no")))
                continue;
            c->line = line_of(c, "listen");
            return error_set(c->problem,
                             "there is no filter %.*s, which a listen names; write filter "
                             "inet:127.0.0.1:11332 name %.*s",
                             SPAN_F(span_first(name, 64)), SPAN_F(span_first(name, 64)));
        }
    }
    return true;
}

/* The line is that of the last one. */
static bool check_tls(struct checking *c)
{
    const struct options *o = c->options;
    size_t certificates = o->tls_certificate_count + o->acme_certificate_count;
    for (size_t i = 0; i < o->listen_count && !certificates; i++) {
        uint64_t tls = o->listen[i].tls;
        if (tls != LISTEN_TLS_REQUIRED && tls != LISTEN_TLS_IMPLICIT)
            continue;
        c->line = line_of(c, "listen");
        return error_set(c->problem,
                         "a listener with TLS needs a certificate; name its files: tls-certificate "
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

static bool check_acme(struct checking *c)
{
    const struct options *o = c->options;
    c->line = line_of(c, "acme-directory");
    if (!acme_url_is_fine(o->acme_directory))
        return error_set(c->problem,
                         "acme-directory must be the address of an authority's directory, such as "
                         "https://acme-v02.api.letsencrypt.org/directory");
    c->line = line_of(c, "acme-account");
    if (o->acme_account.len && address_check(o->acme_account, false) != ADDRESS_OK)
        return error_set(
            c->problem, "acme-account must be an address of yours, such as postmaster@example.org");
    c->line = line_of(c, "acme-certificate");
    if (acme_is_repeated(o))
        return error_set(
            c->problem,
            "there already is an acme-certificate whose first name is this; keep one of "
            "the two, or begin one with another name");
    return !o->acme_certificate_count || o->acme_terms ||
           error_set(c->problem,
                     "an authority gives certificates only to those who agree to its terms; read "
                     "them, and if you do, write: acme-terms agreed");
}

static bool check_logins(struct checking *c)
{
    const struct options *o = c->options;
    bool has_submission = false;
    for (size_t i = 0; i < o->listen_count; i++)
        has_submission |= o->listen[i].is_submission;
    c->line = line_of(c, "listen");
    if (has_submission && !o->logins.len && !o->token_checker.len)
        return error_set(
            c->problem, "nobody can log in at a listener with submission without logins; say where "
                        "they are: logins /etc/plainpost/logins");
    c->line = line_of(c, "login-senders");
    return !o->login_senders.len || !o->logins.len || span_starts(o->logins, SPAN("dovecot:")) ||
           span_starts(o->logins, SPAN("pam:")) ||
           error_set(
               c->problem,
               "what logins of a file or a database may send as stands there too (sender=, the "
               "column senders); leave login-senders out");
}

static bool check_next_hop_logins(struct checking *c)
{
    const struct options *o = c->options;
    for (size_t i = 0; i < o->route_count && !o->next_hop_logins.len; i++) {
        if (!o->routes[i].target.login.len)
            continue;
        c->line = line_of(c, "route");
        return error_set(c->problem,
                         "the route of %.*s logs in as %.*s; say in which file the password is: "
                         "next-hop-logins /etc/plainpost/next-hop-logins",
                         SPAN_F(o->routes[i].match), SPAN_F(o->routes[i].target.login));
    }
    return true;
}

/* Who retries too early, or too late, would never get in. */
static bool check_greylist(struct checking *c)
{
    const struct options *o = c->options;
    c->line = later(line_of(c, "greylist-wait"), line_of(c, "greylist-retry"));
    if (o->entry.greylist_wait * 2 > o->entry.greylist_retry)
        return error_set(c->problem,
                         "greylist-retry must be at least twice as long as greylist-wait, or those "
                         "who try again have no time for it");
    c->line = later(line_of(c, "greylist-points"), line_of(c, "refuse-points"));
    return !o->entry.refuse_points || o->entry.greylist_points < o->entry.refuse_points ||
           error_set(
               c->problem,
               "refuse-points must be more than greylist-points: who is refused is not asked to "
               "come again");
}

static bool check_reporter(struct checking *c, struct span from, const char *option)
{
    if (!from.len || address_check(from, false) == ADDRESS_OK)
        return true;
    c->line = line_of(c, option);
    return error_set(c->problem,
                     "%s must be an address that reports come from, such as postmaster@example.org",
                     option);
}

static bool check_feedback(struct checking *c)
{
    const struct options *o = c->options;
    for (size_t i = 0; i < o->reporting.feedback_count; i++) {
        if (address_check(o->reporting.feedback[i], false) == ADDRESS_OK)
            continue;
        c->line = line_of(c, "feedback-address");
        return error_set(c->problem, "feedback-address must be an address of ours to which others "
                                     "report, such as fbl@example.org");
    }
    return true;
}

static bool check_reports(struct checking *c)
{
    const struct options *o = c->options;
    return check_reporter(c, o->tls_reports, "tls-reports") &&
           check_reporter(c, o->dmarc_reports, "dmarc-reports") && check_feedback(c);
}

static bool check_arc_seal(struct checking *c)
{
    const struct options *o = c->options;
    for (size_t i = 0; i < o->signing_key_count; i++)
        if (span_equal(o->signing_keys[i].domain, o->arc_seal))
            return true;
    if (!o->arc_seal.len)
        return true;
    c->line = line_of(c, "arc-seal");
    return error_set(c->problem, "arc-seal needs a dkim-key of its domain");
}

bool options_fit(const struct options *o, struct error *e)
{
    return largest_message(o) + LARGEST_ENVELOPES <= o->segment_size ||
           error_set(e, "a message of max-message-size must fit into a segment with 2MB to spare; "
                        "make segment-size larger or max-message-size smaller");
}

/* What must fit together. The line is that of the option that was written. */
static bool check_amounts(struct checking *c)
{
    const struct options *o = c->options;
    const uint64_t largest = largest_message(o);
    size_t size_line = line_of(c, largest > o->max_message_size ? "listen" : "max-message-size");
    c->line = later(size_line, line_of(c, "segment-size"));
    if (!options_fit(o, c->problem))
        return false;
    c->line = later(size_line, line_of(c, "max-memory-in-flight"));
    if (largest > o->max_memory_in_flight)
        return error_set(c->problem,
                         "a message of max-message-size must fit into max-memory-in-flight; make "
                         "max-memory-in-flight larger or max-message-size smaller");
    c->line = line_of(c, "command-user");
    if (o->command_user.len && o->deliver_as != DELIVER_AS_YES)
        return error_set(c->problem, "command-user needs deliver-as yes");
    c->line = later(line_of(c, "retry-first"), line_of(c, "retry-max"));
    return o->retry_first <= o->retry_max ||
           error_set(c->problem, "retry-first must not be longer than retry-max");
}

bool options_check(const struct options *o, const size_t *seen, size_t *line, struct error *problem)
{
    struct checking c = {.options = o, .seen = seen, .problem = problem};
    bool ok = check_amounts(&c) && check_relay_domains(&c) && check_events(&c) &&
              check_filters(&c) && check_tls(&c) && check_acme(&c) && check_logins(&c) &&
              check_next_hop_logins(&c) && check_reports(&c) && check_greylist(&c) &&
              check_arc_seal(&c);
    *line = c.line;
    return ok;
}
