#define _GNU_SOURCE
#include "sink.h"

#include "base/list.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_KEPT = 64 * 1024 * 1024 };

struct guest {
    struct wire wire;
    struct list link;
    struct sink *sink;
    struct buffer in;
    size_t searched; /* of `in`, for the end of the message */
    bool is_in_data, leaves;
};

struct sink {
    struct wire listener;
    struct tally *tally;
    struct list guests;
};

static void guest_free(struct guest *g)
{
    list_remove(&g->link);
    wire_close(&g->wire);
    buffer_free(&g->wire.out);
    buffer_free(&g->in);
    free(g);
}

static const struct {
    const char *verb, *reply;
} replies[] = {
    {"EHLO", "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
             "250 SIZE 67108864\r\n"},
    {"DATA", "354 Go on\r\n"},
    {"QUIT", "221 2.0.0 Bye\r\n"},
    {"", "250 2.0.0 OK\r\n"},
};

static void answer(struct guest *g, struct span line)
{
    size_t i = 0;
    while (!span_starts_nocase(line, span_of(replies[i].verb)))
        i++;
    buffer_add_text(&g->wire.out, replies[i].reply);
    g->is_in_data = span_starts_nocase(line, SPAN("DATA"));
    g->leaves = span_starts_nocase(line, SPAN("QUIT"));
}

static bool take_line(struct guest *g)
{
    struct span rest = buffer_span(&g->in);
    if (span_find_char(rest, '\n') == SPAN_NOT_FOUND)
        return false;
    answer(g, span_trim(span_cut(&rest, '\n')));
    buffer_drop(&g->in, g->in.len - rest.len);
    return true;
}

static bool take_message(struct guest *g)
{
    static const char end[] = "\r\n.\r\n";
    enum { END = sizeof end - 1 };
    size_t from = g->searched < END ? 0 : g->searched - END;
    const char *at = memmem(g->in.at + from, g->in.len - from, end, END);
    g->searched = g->in.len;
    if (!at)
        return false;
    size_t len = (size_t)(at - g->in.at);
    tally_arrived(g->sink->tally, span_make(g->in.at, len));
    buffer_drop(&g->in, len + END);
    buffer_add_text(&g->wire.out, "250 2.0.0 Taken\r\n");
    g->is_in_data = false;
    g->searched = 0;
    return true;
}

static void guest_ready(struct wire *w)
{
    struct guest *g = LIST_ENTRY(w, struct guest, wire);
    bool is_here = wire_read(w, &g->in) >= 0 && g->in.len < MOST_KEPT;
    while (is_here && !g->leaves && g->in.len && (g->is_in_data ? take_message(g) : take_line(g)))
        ;
    if (!is_here || !wire_send(w) || (g->leaves && !w->out.len))
        guest_free(g);
}

static void guest_comes(struct wire *w)
{
    struct sink *s = LIST_ENTRY(w, struct sink, listener);
    struct net_address peer;
    for (int fd; (fd = net_accept(w->fd, &peer)) >= 0;) {
        struct guest *g = memory_new(sizeof *g);
        g->sink = s;
        g->wire.ready = guest_ready;
        list_append(&s->guests, &g->link);
        wire_start(w->wires, &g->wire, fd);
        buffer_add_text(&g->wire.out, "220 sink.test ESMTP\r\n");
        if (!wire_send(&g->wire))
            guest_free(g);
    }
}

struct sink *sink_listen(struct wires *wires, const struct net_address *at, struct tally *t,
                         struct error *e)
{
    int fd = net_listen(at, false, e);
    if (fd < 0)
        return NULL;
    struct sink *s = memory_new(sizeof *s);
    s->tally = t;
    s->listener.ready = guest_comes;
    list_init(&s->guests);
    wire_start(wires, &s->listener, fd);
    return s;
}

void sink_free(struct sink **sink)
{
    struct sink *s = *sink;
    if (!s)
        return;
    while (!list_is_empty(&s->guests))
        guest_free(LIST_ENTRY(s->guests.next, struct guest, link));
    wire_close(&s->listener);
    buffer_free(&s->listener.out);
    free(s);
    *sink = NULL;
}
