/* A conversation is a request, and an answer that is made piece by piece: the next piece when the
 * last one is on its way. So whoever reads slowly costs a piece of memory, and whoever does not
 * read at all is given up after a while. */
#define _GNU_SOURCE
#include "control/server_inside.h"

#include "base/memory.h"
#include "control/protocol.h"
#include "sys/net.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PATIENCE_FOR_REQUEST = 10000, /* ms */
    PATIENCE_FOR_READER = 60000,
    PATIENCE_FOR_GO = 10 * 60000,
    READ_AT_ONCE = 4096,
    MOST_CONVERSATIONS = 256,
    MOST_OF_USERS = 64, /* so that operators always find a place */
    MOST_OF_A_USER = 8
};

/* ---- the end of one */

static void free_now(struct conversation *c)
{
    list_remove(&c->link);
    c->control->conversation_count--;
    selection_free(c);
    tracing_free(&c->tracing);
    attesting_free(&c->attesting);
    buffer_free(&c->input);
    buffer_free(&c->answer);
    buffer_free(&c->saved);
    arena_clear(&c->arena);
    free(c);
}

void conversation_free(struct conversation *c)
{
    if (!c->is_gone) {
        if (!c->is_lost)
            watch_close(c->control->loop, &c->watch);
        timer_stop(c->control->loop, &c->timer);
        if (list_is_linked(&c->watching))
            list_remove(&c->watching);
        if (list_is_linked(&c->saving))
            list_remove(&c->saving);
        c->is_gone = true;
    }
    if (!c->is_busy) /* else when the worker brings it back */
        free_now(c);
}

/* ---- answering */

static void be_patient(struct conversation *c, int64_t ms)
{
    timer_set(c->control->loop, &c->timer, loop_now(c->control->loop) + ms);
}

static void work_done(struct task *t);

static void call_next(struct work *w)
{
    struct conversation *c = LIST_ENTRY(w, struct conversation, work);
    c->next(c);
}

static void submit(struct conversation *c)
{
    c->is_busy = true;
    c->work =
        (struct work){.task = {.run = work_done}, .loop = c->control->loop, .call = call_next};
    watch_change(c->control->loop, &c->watch, 0);
    workers_submit(c->control->settings.workers, &c->work);
}

/* All of the answer so far is sent. */
static void all_is_sent(struct conversation *c)
{
    switch (c->state) {
    case CONVERSATION_WORKS:
        timer_stop(c->control->loop, &c->timer);
        submit(c);
        break;
    case CONVERSATION_ASKS:
        be_patient(c, PATIENCE_FOR_GO);
        watch_change(c->control->loop, &c->watch, EPOLLIN);
        break;
    case CONVERSATION_ENDS:
        conversation_free(c);
        break;
    case CONVERSATION_WATCHES:
        timer_stop(c->control->loop, &c->timer);
        watch_change(c->control->loop, &c->watch, EPOLLIN); /* to see that it goes away */
        watching_resume(c);
        break;
    case CONVERSATION_READS:
    case CONVERSATION_WAITS:
    case CONVERSATION_ACTS:
    case CONVERSATION_SETTLES:
    case CONVERSATION_SAVES:
        watch_change(c->control->loop, &c->watch, 0);
        break;
    }
}

void conversation_send(struct conversation *c)
{
    if (c->is_lost) {
        buffer_clear(&c->answer);
        if (c->state == CONVERSATION_ENDS)
            conversation_free(c);
        return;
    }
    ssize_t n = c->answer.len ? send(c->watch.fd, c->answer.at, c->answer.len, MSG_NOSIGNAL) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        n = 0;
    else if (n < 0) {
        conversation_free(c);
        return;
    }
    bool is_moving = n > 0;
    buffer_drop(&c->answer, (size_t)n);
    if (!c->answer.len) {
        all_is_sent(c);
        return;
    }
    watch_change(c->control->loop, &c->watch, EPOLLOUT);
    if (c->state != CONVERSATION_WATCHES && c->state != CONVERSATION_ACTS &&
        c->state != CONVERSATION_SETTLES && (is_moving || !heap_has(&c->timer.node)))
        be_patient(c, PATIENCE_FOR_READER);
}

void conversation_end(struct conversation *c)
{
    buffer_add_text(&c->answer, "end\n");
    c->state = CONVERSATION_ENDS;
    conversation_send(c);
}

void conversation_fail(struct conversation *c, const char *format, ...)
{
    va_list args;
    struct error words;
    va_start(args, format);
    vsnprintf(words.text, sizeof words.text, format, args);
    va_end(args);
    for (char *at = words.text; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    buffer_printf(&c->answer, "error %s\n", words.text);
    c->state = CONVERSATION_ENDS;
    conversation_send(c);
}

static void work_done(struct task *t)
{
    struct conversation *c =
        LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct conversation, work);
    c->is_busy = false;
    if (c->is_gone)
        free_now(c);
    else if (!c->ok)
        conversation_fail(c, "%s", c->error.text);
    else if (!c->is_done)
        conversation_send(c);
    else if (c->next == selection_next && verb_is_act(c->request.verb))
        acting_ask(c);
    else
        conversation_end(c);
}

void conversation_work(struct conversation *c, void (*next)(struct conversation *c))
{
    c->state = CONVERSATION_WORKS;
    c->next = next;
    c->ok = true;
    timer_stop(c->control->loop, &c->timer);
    submit(c);
}

/* ---- requests */

bool control_catch_up_here(const struct control *control, struct error *e)
{
    const struct control_settings *s = &control->settings;
    return store_catch_up(s->store, e) && s->write_notes(s->arg, e);
}

static void catch_up(struct conversation *c)
{
    c->is_done = true;
    c->ok = control_catch_up_here(c->control, &c->error);
}

static void select_messages(struct conversation *c)
{
    const struct control_routes *routes = &c->control->settings.routes;
    c->selection.routes = routes->begin(routes->arg);
    conversation_work(c, selection_next);
}

static bool may(const struct conversation *c)
{
    return c->peer.is_operator || !verb_is_operators(c->request.verb);
}

static void is_reloaded(struct task *t)
{
    struct conversation *c = LIST_ENTRY(t, struct conversation, settled);
    c->is_busy = false;
    if (c->is_gone)
        free_now(c);
    else
        conversation_end(c);
}

/* Whoever is told that it is done may try it at once. */
static void reload(struct conversation *c)
{
    const struct control_settings *s = &c->control->settings;
    if (!s->reload(s->arg, &c->answer, &c->error)) {
        conversation_fail(c, "%s", c->error.text);
        return;
    }
    c->is_busy = true;
    watch_change(c->control->loop, &c->watch, 0);
    c->settled.run = is_reloaded;
    s->settle(s->arg, &c->settled);
}

static void renew(struct conversation *c)
{
    const struct control_settings *s = &c->control->settings;
    if (s->renew(s->arg, c->request.name, &c->error))
        conversation_end(c);
    else
        conversation_fail(c, "%s", c->error.text);
}

static void answer(struct conversation *c)
{
    struct control *control = c->control;
    if (!c->peer.is_operator) {
        c->request.filter.has_owner = true;
        c->request.filter.owner = c->peer.uid;
    }
    buffer_add_text(&c->answer, "ok\n");
    switch (c->request.verb) {
    case VERB_CATCH_UP:
        conversation_work(c, catch_up);
        return;
    case VERB_STATUS:
        buffer_printf(&c->answer, "messages %zu\n", queue_count(control->settings.queue));
        conversation_end(c);
        return;
    case VERB_LIST:
    case VERB_SHOW:
    case VERB_HOLD:
    case VERB_RELEASE:
    case VERB_RETRY:
    case VERB_REMOVE:
    case VERB_BOUNCE:
    case VERB_REDIRECT:
        select_messages(c);
        return;
    case VERB_SUSPEND:
    case VERB_RESUME:
        suspending_start(c);
        return;
    case VERB_SUSPENDED:
        suspending_list(c);
        return;
    case VERB_SUPPRESS:
    case VERB_UNSUPPRESS:
    case VERB_SUPPRESSED:
        conversation_work(c, suppressing_next);
        return;
    case VERB_ACCOUNTS:
    case VERB_ACCOUNT:
    case VERB_ACCOUNT_HOLD:
    case VERB_ACCOUNT_RELEASE:
    case VERB_ACCOUNT_REVOKE:
    case VERB_ACCOUNT_RESTORE:
    case VERB_ACCOUNT_PROFILE:
    case VERB_ACCOUNT_CHANGED:
        accounting_start(c);
        return;
    case VERB_TRACE:
        conversation_work(c, tracing_next);
        return;
    case VERB_SENT:
        conversation_work(c, sent_next);
        return;
    case VERB_EVIDENCE:
        attesting_start(c);
        return;
    case VERB_TOP:
        survey_look(&control->survey, control->settings.queue, &c->answer);
        conversation_end(c);
        return;
    case VERB_WATCH:
        watching_start(c);
        return;
    case VERB_RELOAD:
        reload(c);
        return;
    case VERB_CERTIFICATES:
        control->settings.certificates(control->settings.arg, &c->answer);
        conversation_end(c);
        return;
    case VERB_RENEW:
        renew(c);
        return;
    }
}

static void take_request(struct conversation *c, struct span text)
{
    struct error e;
    timer_stop(c->control->loop, &c->timer);
    if (!request_parse(&c->request, text, &c->arena, &e))
        conversation_fail(c, "%s", e.text);
    else if (!may(c))
        conversation_fail(c, "only operators may do this: root, the user that the server runs as, "
                             "and the group that the option \"operators\" names");
    else
        answer(c);
}

/* ---- reading */

/* False: nothing came; it may be gone. */
static bool read_some(struct conversation *c)
{
    char *room = buffer_reserve(&c->input, READ_AT_ONCE);
    ssize_t n = recv(c->watch.fd, room, READ_AT_ONCE, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0 || c->input.len + (size_t)n > CONTROL_LONGEST_REQUEST) {
        conversation_free(c);
        return false;
    }
    c->input.len += (size_t)n;
    c->input.at[c->input.len] = '\0';
    return true;
}

/* The request stays in `input`, and `request` borrows from it. */
static void read_request(struct conversation *c)
{
    if (!read_some(c))
        return;
    size_t end = span_find(buffer_span(&c->input), SPAN("\n\n"));
    if (end != SPAN_NOT_FOUND)
        take_request(c, span_first(buffer_span(&c->input), end + 1));
}

/* Not into `input`: `request` borrows from it. */
static void read_go(struct conversation *c)
{
    static const char go[] = "go\n";
    char piece[sizeof go];
    ssize_t n = recv(c->watch.fd, piece, sizeof go - 1 - c->said, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0 || memcmp(piece, go + c->said, (size_t)n) != 0) {
        conversation_free(c);
        return;
    }
    c->said += (size_t)n;
    if (c->said == sizeof go - 1)
        acting_go(c);
}

static void conversation_ready(struct watch *w, uint32_t events)
{
    struct conversation *c = (struct conversation *)(void *)w;
    char nothing;
    if (c->is_busy || c->state == CONVERSATION_SAVES) { /* it has gone away */
        conversation_free(c);
        return;
    }
    if (c->answer.len && (events & EPOLLOUT)) {
        conversation_send(c);
        return;
    }
    switch (c->state) {
    case CONVERSATION_READS:
        read_request(c);
        break;
    case CONVERSATION_ASKS:
        read_go(c);
        break;
    case CONVERSATION_ACTS: /* what was said is done, whether or not somebody waits for it */
    case CONVERSATION_SETTLES:
        watch_close(c->control->loop, &c->watch);
        c->is_lost = true;
        break;
    case CONVERSATION_WAITS:
    case CONVERSATION_WATCHES:
    case CONVERSATION_WORKS:
    case CONVERSATION_SAVES:
    case CONVERSATION_ENDS:
        if (recv(w->fd, &nothing, 1, MSG_DONTWAIT) <= 0 || (events & (EPOLLHUP | EPOLLERR)))
            conversation_free(c);
        break;
    }
}

static void timer_due(struct timer *t)
{
    struct conversation *c = LIST_ENTRY(t, struct conversation, timer);
    if (c->state == CONVERSATION_ACTS || c->state == CONVERSATION_SETTLES)
        acting_next(c);
    else if (c->state == CONVERSATION_WAITS)
        attesting_start(c);
    else
        conversation_free(c);
}

/* ---- connections */

static bool has_place(const struct control *control, const struct asker *p)
{
    size_t of_users = 0, own = 0;
    for (struct list *at = control->conversations.next; at != &control->conversations;
         at = at->next) {
        const struct conversation *c = LIST_ENTRY(at, struct conversation, link);
        of_users += !c->peer.is_operator;
        own += c->peer.uid == p->uid;
    }
    return control->conversation_count < MOST_CONVERSATIONS &&
           (p->is_operator || (of_users < MOST_OF_USERS && own < MOST_OF_A_USER));
}

static void listener_ready(struct watch *w, uint32_t events)
{
    static const char busy[] = "error the server is asked by too many at a time; try again\n";
    struct control *control = LIST_ENTRY(w, struct control, listener);
    struct asker peer;
    int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (!peer_of(fd, control->operators, &peer) || !has_place(control, &peer)) {
        if (send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL) < 0)
            errno = 0; /* it is gone already */
        close(fd);
        return;
    }
    struct conversation *c = memory_new(sizeof *c);
    c->watch = (struct watch){.fd = fd, .ready = conversation_ready};
    c->timer.due = timer_due;
    c->control = control;
    c->peer = peer;
    list_append(&control->conversations, &c->link);
    control->conversation_count++;
    watch_start(control->loop, &c->watch, EPOLLIN);
    be_patient(c, PATIENCE_FOR_REQUEST);
}

/* ---- the server */

void control_socket_path(struct buffer *path, const struct options *o)
{
    if (o->control.len)
        buffer_add_span(path, o->control);
    else
        buffer_printf(path, "%.*s/%s", SPAN_F(o->state), CONTROL_SOCKET);
}

static bool open_socket(struct control *c, struct error *e)
{
    control_socket_path(&c->path, c->settings.options);
    c->listener = (struct watch){.fd = net_listen_unix(buffer_text(&c->path), 0666, "", e),
                                 .ready = listener_ready};
    return c->listener.fd >= 0;
}

bool control_operators(const struct options *o, gid_t *operators, struct error *e)
{
    return peer_group(o->operators, operators, e);
}

void control_set_operators(struct control *c, gid_t operators)
{
    c->operators = operators;
}

struct control *control_new(const struct control_settings *s, struct loop *loop, struct error *e)
{
    struct control *c = memory_new(sizeof *c);
    c->settings = *s;
    c->loop = loop;
    c->listener.fd = -1;
    list_init(&c->conversations);
    list_init(&c->watchers);
    list_init(&c->savers);
    buffer_add_span(&c->directory, s->options->state);
    survey_init(&c->survey, s, loop);
    const struct own_evidence_settings evidence = {.state = s->options->state,
                                                   .store = s->store,
                                                   .accounts = s->account_book,
                                                   .guard_key = s->guard_key,
                                                   .complain = own_evidence_log};
    c->evidence = own_evidence_new(&evidence);
    if (!control_operators(s->options, &c->operators, e) || !suspensions_load(c, e) ||
        !open_socket(c, e)) {
        control_free(&c);
        return NULL;
    }
    c->settings.options = NULL;
    watch_start(loop, &c->listener, EPOLLIN);
    return c;
}

/* Those of whom a worker has something stay until it comes back. */
void control_end(struct control *c)
{
    if (!c)
        return;
    if (c->listener.fd >= 0) {
        watch_close(c->loop, &c->listener);
        unlink(buffer_text(&c->path));
        c->listener.fd = -1;
    }
    survey_end(&c->survey);
    for (struct list *at = c->conversations.next, *next; at != &c->conversations; at = next) {
        next = at->next;
        conversation_free(LIST_ENTRY(at, struct conversation, link));
    }
}

void control_free(struct control **control)
{
    struct control *c = *control;
    if (!c)
        return;
    control_end(c);
    while (!list_is_empty(&c->conversations)) {
        struct conversation *at = LIST_ENTRY(c->conversations.next, struct conversation, link);
        at->is_busy = false; /* the workers have ended */
        conversation_free(at);
    }
    survey_free(&c->survey);
    own_evidence_free(&c->evidence);
    buffer_free(&c->directory);
    buffer_free(&c->path);
    free(c);
    *control = NULL;
}
