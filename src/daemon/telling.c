#include "daemon/telling.h"

#include "sys/clock.h"
#include "sys/log.h"

static struct control *watchers; /* there is one house a process */

void tell_watchers(struct control *c)
{
    watchers = c;
}

void tell_accepted(const struct envelope *e)
{
    control_tell_accepted(watchers, e);
}

static void log_id(struct buffer *line, const char *key, message_id id)
{
    struct buffer text = BUFFER_EMPTY;
    message_id_add(&text, id);
    log_line_text(line, key, buffer_span(&text));
    buffer_free(&text);
}

void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                  int64_t retry_ms, const struct outcome *o)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, outcome_word(o->kind));
    struct buffer status = BUFFER_EMPTY;
    status_add(&status, o->status);
    log_id(line, "id", e->id);
    log_line_text(line, "to", e->recipients[recipient].address);
    log_line_number(line, "attempts", attempts);
    if (o->host.len)
        log_line_text(line, "host", o->host);
    if (o->tls != OUTCOME_TLS_UNKNOWN)
        log_line_text(line, "tls", span_of(outcome_tls_words(o)));
    if (o->login.len)
        log_line_text(line, "login", o->login);
    if (o->return_path.len)
        log_line_text(line, "return-path", o->return_path);
    if (o->kind == OUTCOME_DELAYED || o->kind == OUTCOME_FAILED) {
        log_line_text(line, "cause", span_of(cause_name(o->cause.cause)));
        log_line_number(line, "code", o->code);
        log_line_text(line, "status", buffer_span(&status));
        log_line_text(line, "words", o->words);
    }
    if (retry_ms)
        log_line_number(line, "next-in-s", (retry_ms - clock_now_ms()) / 1000);
    log_end();
    buffer_free(&status);
    control_tell_outcome(watchers, e, recipient, attempts, retry_ms, o);
}

void tell_made(void *arg, const struct envelope *e)
{
    static const struct {
        const char *event, *id;
    } words[] = {
        [ORIGIN_NOTIFICATION] = {"reported", "notification"},
        [ORIGIN_FORWARD] = {"sent-on", "as"},
        [ORIGIN_REDIRECTED] = {"redirected", "redirected-as"},
        [ORIGIN_TO_POSTMASTER] = {"reported", "notification"},
    };
    size_t told = e->origin == ORIGIN_REDIRECTED ? e->recipient_count - 1 : 0;
    struct buffer *line =
        log_begin(LOG_LEVEL_INFO, e->tells_until ? "digest" : words[e->origin].event);
    if (e->about)
        log_id(line, "id", e->about);
    log_id(line, words[e->origin].id, e->id);
    log_line_text(line, "to", e->recipients[told].address);
    log_end();
    control_tell_accepted(watchers, e);
}

void tell_concurrency(void *arg, struct span destination, size_t limit, const struct outcome *why)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, why ? "slower" : "faster");
    log_line_text(line, "destination", destination);
    log_line_number(line, "deliveries-at-a-time", (int64_t)limit);
    if (why)
        log_line_text(line, "words", why->words);
    log_end();
}

void tell_back(void *arg, struct span destination, size_t missed)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "back");
    log_line_text(line, "destination", destination);
    log_line_number(line, "messages-that-waited-for-it", (int64_t)missed);
    log_end();
}

void tell_silent(void *arg, struct span destination, const struct outcome *why)
{
    struct buffer words = BUFFER_EMPTY;
    outcome_add_reply(&words, why, 300);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "ask-failed");
    log_line_text(line, "destination", destination);
    log_line_text(line, "words", buffer_span(&words));
    log_end();
    buffer_free(&words);
}

void tell_ready(const struct options *o, size_t waiting)
{
    for (size_t i = 0; i < o->listen_count; i++) {
        struct buffer place = BUFFER_EMPTY;
        listen_print_place(&place, &o->listen[i]);
        log_message(LOG_LEVEL_INFO, "ready", "%.*s takes mail on %s; %zu in the queue",
                    SPAN_F(o->hostname), buffer_text(&place), waiting);
        buffer_free(&place);
    }
}
