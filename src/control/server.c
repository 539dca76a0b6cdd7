#define _GNU_SOURCE
#include "control/server.h"

#include "base/memory.h"
#include "control/listing.h"
#include "control/protocol.h"
#include "queue/operator.h"
#include "sys/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct control {
    struct control_settings settings;
    struct loop *loop;
    struct watch listener;
    struct list conversations;
};

struct conversation {
    struct watch watch;
    struct list link;
    struct control *control;
    struct buffer request, answer;
    struct work work; /* catching up, or listing the queue */
    bool is_busy, is_gone, ok;
    struct error error;
};

static void conversation_free(struct conversation *c)
{
    if (!c->is_gone) {
        watch_close(c->control->loop, &c->watch);
        c->is_gone = true;
    }
    if (c->is_busy) /* freed when the worker brings it back */
        return;
    list_remove(&c->link);
    buffer_free(&c->request);
    buffer_free(&c->answer);
    free(c);
}

static void conversation_send(struct conversation *c)
{
    ssize_t n = send(c->watch.fd, c->answer.at, c->answer.len, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        n = 0;
    if (n >= 0)
        buffer_drop(&c->answer, (size_t)n);
    if (n < 0 || !c->answer.len)
        conversation_free(c);
    else
        watch_change(c->control->loop, &c->watch, EPOLLOUT);
}

static void fail(struct conversation *c, const char *words)
{
    buffer_printf(&c->answer, "error %s\n", words);
}

static void catch_up(struct work *w)
{
    struct conversation *c = LIST_ENTRY(w, struct conversation, work);
    c->ok = store_catch_up(c->control->settings.store, &c->error);
}

static void work_done(struct task *t)
{
    struct conversation *c =
        LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct conversation, work);
    c->is_busy = false;
    if (c->is_gone) {
        conversation_free(c);
        return;
    }
    if (!c->ok) {
        buffer_clear(&c->answer);
        fail(c, c->error.text);
    }
    conversation_send(c);
}

/* What blocks is done by a worker. */
static void start_work(struct conversation *c, void (*call)(struct work *w))
{
    c->is_busy = true;
    watch_change(c->control->loop, &c->watch, 0);
    c->work = (struct work){.task = {.run = work_done}, .loop = c->control->loop, .call = call};
    workers_submit(c->control->settings.workers, &c->work);
}

static void list_queue(struct work *w)
{
    struct conversation *c = LIST_ENTRY(w, struct conversation, work);
    c->ok = listing_write(&c->answer, c->control->settings.store, &c->error);
}

static const char no_such_message[] =
    "there is no such message in the queue; \"plainpost queue list\" shows those that are";

static void act_on_message(struct conversation *c, struct span verb, struct span rest)
{
    struct queue *q = c->control->settings.queue;
    struct span word = span_word(&rest);
    message_id id;
    if (span_equal(verb, SPAN("retry")) && span_equal(word, SPAN("all"))) {
        buffer_printf(&c->answer, "ok\n%zu\n", queue_retry_all(q));
        return;
    }
    if (!message_id_parse(word, &id)) {
        fail(c, "a queue id is wanted: 11 letters and digits, as the log and \"plainpost queue "
                "list\" show it");
        return;
    }
    bool ok = span_equal(verb, SPAN("hold"))      ? queue_hold(q, id, span_trim(rest))
              : span_equal(verb, SPAN("release")) ? queue_release(q, id)
                                                  : queue_retry(q, id);
    if (ok)
        buffer_add_text(&c->answer, "ok\n");
    else
        fail(c, span_equal(verb, SPAN("release")) ? "there is no message on hold with this id"
                                                  : no_such_message);
}

static void answer(struct conversation *c, struct span rest)
{
    struct control *control = c->control;
    struct span verb = span_word(&rest);
    if (span_equal(verb, SPAN("catch-up")) || span_equal(verb, SPAN("queue"))) {
        buffer_add_text(&c->answer, "ok\n");
        start_work(c, span_equal(verb, SPAN("queue")) ? list_queue : catch_up);
        return;
    }
    if (span_equal(verb, SPAN("status"))) {
        buffer_printf(&c->answer, "ok\nmessages %zu\n", queue_count(control->settings.queue));
    } else if (span_equal(verb, SPAN("hold")) || span_equal(verb, SPAN("release")) ||
               span_equal(verb, SPAN("retry"))) {
        act_on_message(c, verb, rest); /* what becomes due is done before the loop sleeps */
    } else {
        fail(c, "this daemon does not know that request");
    }
    conversation_send(c);
}

static void conversation_ready(struct watch *w, uint32_t events)
{
    struct conversation *c = (struct conversation *)(void *)w;
    if (c->answer.len && (events & EPOLLOUT)) {
        conversation_send(c);
        return;
    }
    char *room = buffer_reserve(&c->request, CONTROL_LONGEST_REQUEST);
    ssize_t n = recv(w->fd, room, CONTROL_LONGEST_REQUEST, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0 || c->request.len + (size_t)n > CONTROL_LONGEST_REQUEST) {
        conversation_free(c);
        return;
    }
    c->request.len += (size_t)n;
    struct span rest = buffer_span(&c->request);
    if (span_find_char(rest, '\n') != SPAN_NOT_FOUND)
        answer(c, span_cut(&rest, '\n'));
}

static void listener_ready(struct watch *w, uint32_t events)
{
    struct control *control = LIST_ENTRY(w, struct control, listener);
    int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct conversation *c = memory_new(sizeof *c);
    c->watch = (struct watch){.fd = fd, .ready = conversation_ready};
    c->control = control;
    list_append(&control->conversations, &c->link);
    watch_start(control->loop, &c->watch, EPOLLIN);
}

static void socket_path(struct buffer *path, const struct control_settings *s)
{
    buffer_printf(path, "%.*s/%s", SPAN_F(s->state_directory), CONTROL_SOCKET);
}

struct control *control_new(const struct control_settings *s, struct loop *loop, struct error *e)
{
    struct control *c = memory_new(sizeof *c);
    struct buffer path = BUFFER_EMPTY;
    c->settings = *s;
    c->loop = loop;
    list_init(&c->conversations);
    socket_path(&path, s);
    c->listener = (struct watch){.fd = net_listen_unix(buffer_text(&path), 0600, "", e),
                                 .ready = listener_ready};
    buffer_free(&path);
    if (c->listener.fd < 0) {
        free(c);
        return NULL;
    }
    watch_start(loop, &c->listener, EPOLLIN);
    return c;
}

void control_free(struct control **control)
{
    struct control *c = *control;
    struct buffer path = BUFFER_EMPTY;
    if (!c)
        return;
    watch_close(c->loop, &c->listener);
    socket_path(&path, &c->settings);
    unlink(buffer_text(&path));
    buffer_free(&path);
    while (!list_is_empty(&c->conversations)) {
        struct conversation *at = LIST_ENTRY(c->conversations.next, struct conversation, link);
        at->is_busy = false; /* the workers have ended */
        conversation_free(at);
    }
    free(c);
    *control = NULL;
}
