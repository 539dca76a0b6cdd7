#include "daemon/house.h"

#include "base/json.h"
#include "mail/date.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { LOOK_EVERY = 24 * 3600 * 1000 };

/* ---- telling of those that end */

static void add_what_to_do(struct buffer *text, const struct renewal *renewal)
{
    if (!renewal) {
        buffer_add_text(text, "; please renew it, and then tell the server: plainpost reload");
        return;
    }
    buffer_add_text(text, "; it should have been renewed by itself");
    if (renewal->record.failures)
        buffer_printf(text, ", but %.*s", SPAN_F(renewal->record.why));
}

static void look_at(const struct house *h, const struct tls_certificate *c, int64_t now_ms)
{
    enum plan_urgency urgency = plan_urgency(c->begins_ms, c->ends_ms, now_ms);
    struct buffer text = BUFFER_EMPTY, when = BUFFER_EMPTY;
    if (urgency == PLAN_FINE)
        return;
    date_add_words(&when, c->ends_ms, 0);
    if (urgency == PLAN_OVER)
        buffer_printf(&text,
                      "this certificate is not valid any more since %s: who checks it does not "
                      "talk to us",
                      buffer_text(&when));
    else
        buffer_printf(&text, "this certificate is valid until %s%s", buffer_text(&when),
                      urgency == PLAN_VERY_SOON ? " and not a moment longer" : "");
    add_what_to_do(&text, renewing_find(h->renewing, span_of(c->file)));
    struct buffer *line =
        log_begin(urgency == PLAN_SOON ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "certificate-ends");
    log_line_text(line, "file", span_of(c->file));
    log_line_text(line, "text", buffer_span(&text));
    log_end();
    buffer_free(&text);
    buffer_free(&when);
}

/* What else is done once a day: a month may be over for the secrets of return paths. */
static void look(struct timer *t)
{
    struct house *h = LIST_ENTRY(t, struct house, certificate_timer);
    struct error e;
    house_look_at_certificates(h);
    if (!returns_keep_secrets(h->options, &e))
        log_message(LOG_LEVEL_ERROR, "return-path-secrets",
                    "the secrets of return paths are not renewed: %s", e.text);
}

void house_look_at_certificates(struct house *h)
{
    const struct tls_context *c = receive_certificates(h->receive);
    for (size_t i = 0; i < tls_certificate_count(c); i++)
        look_at(h, tls_certificate_at(c, i), clock_now_ms());
    h->certificate_timer.due = look;
    timer_set(h->loop, &h->certificate_timer, clock_monotonic_ms() + LOOK_EVERY);
}

uint64_t house_first_certificate_to_end(const struct house *h)
{
    const struct tls_context *c = receive_certificates(h->receive);
    int64_t first = 0;
    for (size_t i = 0; i < tls_certificate_count(c); i++) {
        int64_t ends = tls_certificate_at(c, i)->ends_ms;
        if (!first || ends < first)
            first = ends;
    }
    return (uint64_t)first;
}

/* ---- new ones */

/* Those who are here keep the old one; the configuration is what it was. */
static bool take(void *arg, struct error *e)
{
    struct house *h = arg;
    struct receive_change *change = receive_prepare(h->receive, h->options, h->signing, e);
    if (!change)
        return false;
    receive_change_now(&change);
    house_look_at_certificates(h);
    return true;
}

void house_renew_certificates(struct house *h)
{
    const struct renewing_settings s = {.loop = h->loop, .take = take, .arg = h};
    h->renewing = renewing_new(&s);
    renewing_set(h->renewing, h->options);
}

bool house_renew(void *house, struct span name, struct error *e)
{
    return renewing_ask(((struct house *)house)->renewing, name, e);
}

/* ---- listing */

static void list_names(struct json *j, const struct span *names, size_t count)
{
    json_member_array(j, "names");
    for (size_t i = 0; i < count; i++)
        json_element_text(j, names[i]);
    json_end(j);
}

static void list_facts(struct json *j, const struct tls_certificate *c)
{
    json_known_text(j, "issuer", c->issuer);
    json_known_text(j, "key", c->kind);
    date_json(j, "begins", c->begins_ms);
    date_json(j, "ends", c->ends_ms);
}

static void list_renewal(struct json *j, const struct renewal *n)
{
    json_bool(j, "acme", n != NULL);
    if (!n)
        return;
    json_bool(j, "under_way", n->is_under_way || n->is_asked);
    date_json(j, "renews", n->due_ms);
    if (!n->record.failures)
        return;
    json_number(j, "failures", (int64_t)n->record.failures);
    date_json(j, "tried", n->record.tried_ms);
    json_text(j, "why", n->record.why);
}

static bool is_in_use(const struct tls_context *c, struct span file)
{
    for (size_t i = 0; i < tls_certificate_count(c); i++)
        if (span_equal(span_of(tls_certificate_at(c, i)->file), file))
            return true;
    return false;
}

static void list(const struct house *h, struct span file, const struct tls_certificate *c,
                 struct buffer *out)
{
    const struct renewal *n = renewing_find(h->renewing, file);
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "file", file);
    json_bool(&j, "in_use", c != NULL);
    if (c) {
        list_names(&j, c->names, c->name_count);
        list_facts(&j, c);
    } else if (n) {
        list_names(&j, n->certificate.names, n->certificate.count);
    }
    list_renewal(&j, n);
    json_end(&j);
    buffer_add_char(out, '\n');
}

void house_list_certificates(void *house, struct buffer *out)
{
    const struct house *h = house;
    const struct tls_context *c = receive_certificates(h->receive);
    for (size_t i = 0; i < tls_certificate_count(c); i++)
        list(h, span_of(tls_certificate_at(c, i)->file), tls_certificate_at(c, i), out);
    for (size_t i = 0; i < renewing_count(h->renewing); i++) {
        struct span file = renewing_at(h->renewing, i)->files.certificate;
        if (!is_in_use(c, file))
            list(h, file, NULL, out);
    }
}
