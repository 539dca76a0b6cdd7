#include "events/sink.h"

#include "base/memory.h"
#include "events/command_sink.h"
#include "events/file_sink.h"
#include "events/signature.h"
#include "sys/clock.h"
#include "sys/http.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WEBHOOK_MS = 30000 };

struct sink {
    const struct event_sink *to;
    struct span secret;
    struct http *http; /* of a webhook */
    int interrupt;     /* readable from the interruption on */
};

struct sink *sink_new(const struct event_sink *to, struct span secret, struct error *e)
{
    struct sink *s = memory_new(sizeof *s);
    *s = (struct sink){.to = to, .secret = secret, .interrupt = eventfd(0, EFD_CLOEXEC)};
    bool ok = s->interrupt >= 0 || error_system(e, errno, "cannot make an event descriptor");
    if (ok && to->kind == EVENT_SINK_WEBHOOK)
        ok = (s->http = http_new(to->target.at, e)) != NULL;
    if (!ok)
        sink_free(&s);
    return s;
}

void sink_free(struct sink **sink)
{
    struct sink *s = *sink;
    if (!s)
        return;
    http_free(&s->http);
    if (s->interrupt >= 0)
        close(s->interrupt);
    free(s);
    *sink = NULL;
}

void sink_interrupt(struct sink *s)
{
    eventfd_write(s->interrupt, 1);
    if (s->http)
        http_interrupt(s->http);
}

void sink_add_name(struct buffer *out, const struct event_sink *to)
{
    struct span target = to->target;
    if (to->kind == EVENT_SINK_WEBHOOK)
        target = span_first(target, span_find_char(target, '?'));
    buffer_printf(out, "%s %.*s", event_sink_word(to->kind), SPAN_F(target));
}

void sink_add_array(struct buffer *out, struct span lines)
{
    buffer_add_char(out, '[');
    for (bool is_first = true; lines.len; is_first = false) {
        if (!is_first)
            buffer_add_char(out, ',');
        buffer_add_span(out, span_cut(&lines, '\n'));
    }
    buffer_add_char(out, ']');
}

static bool post(struct sink *s, struct span lines, struct error *e)
{
    struct buffer body = BUFFER_EMPTY, signature = BUFFER_EMPTY;
    sink_add_array(&body, lines);
    buffer_add_text(&signature, "Plainpost-Signature: ");
    signature_add(&signature, s->secret, clock_now_ms() / 1000, buffer_span(&body));
    const char *const fields[] = {buffer_text(&signature), NULL};
    const struct http_post p = {buffer_span(&body), "application/json", fields, WEBHOOK_MS};
    int status = http_post(s->http, &p, e);
    if (status && (status < 200 || status > 299))
        error_set(e, "it answered %d", status);
    buffer_free(&body);
    buffer_free(&signature);
    return status >= 200 && status <= 299;
}

bool sink_take(struct sink *s, struct span lines, struct error *e)
{
    switch (s->to->kind) {
    case EVENT_SINK_FILE:
        return file_sink_add(disk_real(), s->to->target.at, lines, e);
    case EVENT_SINK_COMMAND:
        return command_sink_run(s->to->target.at, lines, s->interrupt, e);
    case EVENT_SINK_WEBHOOK:
        return post(s, lines, e);
    }
    return false;
}
