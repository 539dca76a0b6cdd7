#include "daemon/house.h"

#include "mail/date.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { LOOK_EVERY = 24 * 3600 * 1000, TELL_BEFORE = 14 * 24 * 3600 * 1000 /* ms */ };

static void look_at(const struct tls_certificate *c, int64_t now_ms)
{
    int64_t left = c->ends_ms - now_ms;
    struct buffer text = BUFFER_EMPTY, when = BUFFER_EMPTY;
    if (left >= TELL_BEFORE)
        return;
    date_add_words(&when, c->ends_ms, 0);
    if (left > 0)
        buffer_printf(&text,
                      "this certificate is valid until %s; please renew it, and then tell "
                      "the server: plainpost reload",
                      buffer_text(&when));
    else
        buffer_printf(&text,
                      "this certificate is not valid any more since %s: who checks it does "
                      "not talk to us; please renew it, and then tell the server: plainpost "
                      "reload",
                      buffer_text(&when));
    struct buffer *line =
        log_begin(left > 0 ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "certificate-ends");
    log_line_text(line, "file", span_of(c->file));
    log_line_text(line, "text", buffer_span(&text));
    log_end();
    buffer_free(&text);
    buffer_free(&when);
}

static void look(struct timer *t)
{
    house_look_at_certificates(LIST_ENTRY(t, struct house, certificate_timer));
}

void house_look_at_certificates(struct house *h)
{
    const struct tls_context *c = receive_certificates(h->receive);
    for (size_t i = 0; i < tls_certificate_count(c); i++)
        look_at(tls_certificate_at(c, i), clock_now_ms());
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
