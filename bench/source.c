/* A session is a wire and what it waits for. One without work is in `idle`; source_goes_on gives it
 * the next message when one is due. */
#include "source.h"

#include "base/list.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum waits { FOR_GREETING, FOR_HELLO, FOR_MAIL, FOR_RCPT, FOR_DATA, FOR_END, FOR_QUIT, FOR_WORK };

struct session {
    struct wire wire;
    struct list link;
    struct source *source;
    enum waits waits;
    bool has_message;
    size_t id;
    unsigned carried; /* messages on this connection */
    struct buffer in;
};

struct source {
    struct source_settings settings;
    struct session *sessions;
    struct list idle;
    unsigned idle_count, greeted;
    struct buffer body; /* the same for all; lines of which none begins with a dot */
};

/* ---- what there is to send */

static void make_body(struct source *s)
{
    size_t want = s->settings.bytes;
    for (size_t i = 0; i < want; i++)
        buffer_add_char(&s->body, i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' : (char)('a' + i % 23));
}

static void add_header(struct buffer *out, const struct session *s)
{
    const struct source_settings *o = &s->source->settings;
    unsigned user = (unsigned)(s->id % MAILBOXES);
    tally_add_tag(out, o->tally, s->id);
    buffer_printf(out,
                  "From: <flood@sender.test>\r\n"
                  "To: <u%u@%s>\r\n"
                  "Subject: message %zu of a flood\r\n"
                  "Date: Wed, 25 Nov 2026 12:00:00 +0000\r\n"
                  "Message-ID: <%u.%zu@flood.test>\r\n"
                  "\r\n",
                  user, o->domain, s->id, o->tally->phase, s->id);
}

static void add_message(struct buffer *out, const struct session *s)
{
    size_t before = out->len;
    add_header(out, s);
    size_t header = out->len - before, bytes = s->source->settings.bytes;
    size_t rest = bytes > header + 2 ? bytes - header - 2 : 0; /* 2: its last line end */
    const char *body = s->source->body.at;
    if (rest && body[rest - 1] == '\r') /* it would be a bare one */
        rest--;
    buffer_add(out, body, rest);
    buffer_add_text(out, "\r\n.\r\n");
}

/* ---- the life of a session */

static void rest(struct session *s)
{
    s->waits = FOR_WORK;
    list_append(&s->source->idle, &s->link);
    s->source->idle_count++;
}

static void fail(struct session *s, struct span words)
{
    if (s->has_message || s->source->settings.only_greets)
        tally_failed(s->source->settings.tally, words);
    s->has_message = false;
    wire_close(&s->wire);
    if (s->waits != FOR_WORK) /* else it rests already */
        rest(s);
}

static bool is_due(const struct source *s)
{
    const struct source_settings *o = &s->settings;
    int64_t now = now_ns();
    if (now >= o->until || (o->messages && o->tally->begun >= o->messages))
        return false;
    double passed = (double)(now - o->tally->start) / 1e9;
    return !o->rate || passed * o->rate >= (double)o->tally->begun;
}

static void take_message(struct session *s)
{
    s->id = tally_begin(s->source->settings.tally);
    s->has_message = true;
}

static void say(struct session *s, enum waits waits)
{
    s->waits = waits;
    if (!wire_send(&s->wire))
        fail(s, SPAN("the connection broke while sending"));
}

/* ---- a step each: the reply was good, what follows */

static void after_greeting(struct session *s)
{
    buffer_add_text(&s->wire.out, "EHLO flood.test\r\n");
    say(s, FOR_HELLO);
}

static void after_hello(struct session *s)
{
    if (s->source->settings.only_greets) {
        s->source->greeted++;
        rest(s);
        return;
    }
    buffer_add_text(&s->wire.out, "MAIL FROM:<flood@sender.test>\r\n");
    say(s, FOR_MAIL);
}

static void after_mail(struct session *s)
{
    buffer_printf(&s->wire.out, "RCPT TO:<u%u@%s>\r\n", (unsigned)(s->id % MAILBOXES),
                  s->source->settings.domain);
    say(s, FOR_RCPT);
}

static void after_rcpt(struct session *s)
{
    buffer_add_text(&s->wire.out, "DATA\r\n");
    say(s, FOR_DATA);
}

static void after_data(struct session *s)
{
    add_message(&s->wire.out, s);
    tally_sent(s->source->settings.tally, s->id);
    say(s, FOR_END);
}

static void after_end(struct session *s)
{
    struct source *all = s->source;
    tally_acknowledged(all->settings.tally, s->id);
    s->has_message = false;
    s->carried++;
    if (all->settings.per_connection && s->carried >= all->settings.per_connection) {
        buffer_add_text(&s->wire.out, "QUIT\r\n");
        say(s, FOR_QUIT);
    } else if (is_due(all)) {
        take_message(s);
        after_hello(s);
    } else {
        rest(s);
    }
}

static void after_quit(struct session *s)
{
    wire_close(&s->wire);
    rest(s);
}

static const struct {
    char digit; /* that a good reply begins with */
    void (*follows)(struct session *s);
} steps[] = {
    [FOR_GREETING] = {'2', after_greeting}, [FOR_HELLO] = {'2', after_hello},
    [FOR_MAIL] = {'2', after_mail},         [FOR_RCPT] = {'2', after_rcpt},
    [FOR_DATA] = {'3', after_data},         [FOR_END] = {'2', after_end},
    [FOR_QUIT] = {'2', after_quit},
};

/* ---- replies */

/* The last line of a reply, once all of it has come. */
static bool take_reply(struct session *s, struct span *last)
{
    struct span rest = buffer_span(&s->in);
    while (span_find_char(rest, '\n') != SPAN_NOT_FOUND) {
        *last = span_trim(span_cut(&rest, '\n'));
        if (last->len < 4 || last->at[3] != '-')
            return true;
    }
    return false;
}

static void session_ready(struct wire *w)
{
    struct session *s = LIST_ENTRY(w, struct session, wire);
    struct span reply;
    if (w->is_stuffed && !wire_send(w)) {
        fail(s, SPAN("the connection broke while sending"));
        return;
    }
    if (wire_read(w, &s->in) < 0) {
        fail(s, span_of(errno ? strerror(errno) : "the server closed the connection"));
        return;
    }
    if (!take_reply(s, &reply))
        return;
    bool is_good = s->waits != FOR_WORK && reply.len && reply.at[0] == steps[s->waits].digit;
    if (!is_good)
        fail(s, reply);
    buffer_clear(&s->in);
    if (is_good)
        steps[s->waits].follows(s);
}

/* ---- the source */

static void session_connect(struct session *s)
{
    s->carried = 0;
    s->waits = FOR_GREETING;
    buffer_clear(&s->in);
    int fd = net_connect(&s->source->settings.to, NULL);
    if (fd < 0)
        fail(s, span_of(strerror(errno)));
    else if (!s->source->settings.is_secure)
        wire_start(s->source->settings.wires, &s->wire, fd);
    else if (!wire_start_secure(s->source->settings.wires, &s->wire, fd))
        fail(s, SPAN("the handshake of TLS has failed"));
}

static struct session *take_idle(struct source *s)
{
    struct list *node = list_take(&s->idle);
    if (!node)
        return NULL;
    s->idle_count--;
    return LIST_ENTRY(node, struct session, link);
}

struct source *source_new(const struct source_settings *settings)
{
    struct source *s = memory_new(sizeof *s);
    s->settings = *settings;
    s->sessions = memory_new(settings->sessions * sizeof *s->sessions);
    list_init(&s->idle);
    make_body(s);
    for (unsigned i = 0; i < settings->sessions; i++) {
        struct session *one = &s->sessions[i];
        one->source = s;
        one->wire = (struct wire){.fd = -1, .ready = session_ready};
        rest(one);
    }
    for (struct session *one; settings->only_greets && (one = take_idle(s));)
        session_connect(one);
    return s;
}

bool source_goes_on(struct source *s)
{
    struct session *one;
    while (!list_is_empty(&s->idle) && is_due(s)) {
        one = take_idle(s);
        take_message(one);
        if (one->wire.fd < 0) {
            session_connect(one);
            if (one->wire.fd < 0)
                break; /* not again in this round */
        } else {
            after_hello(one);
        }
    }
    bool is_over = now_ns() >= s->settings.until ||
                   (s->settings.messages && s->settings.tally->begun >= s->settings.messages);
    return !is_over || s->idle_count < s->settings.sessions;
}

unsigned source_greeted(const struct source *s)
{
    return s->greeted;
}

void source_free(struct source **source)
{
    struct source *s = *source;
    for (unsigned i = 0; s && i < s->settings.sessions; i++) {
        wire_close(&s->sessions[i].wire);
        buffer_free(&s->sessions[i].wire.out);
        buffer_free(&s->sessions[i].in);
    }
    if (s) {
        buffer_free(&s->body);
        free(s->sessions);
    }
    free(s);
    *source = NULL;
}
