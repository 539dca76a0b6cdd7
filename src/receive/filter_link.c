#include "receive/filter_link.h"

#include "base/list.h"
#include "sys/net.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_PIECE = 16 * 1024, LONGEST_CONNECT = 30000 /* ms */ };

static void close_connection(struct filter_link *l)
{
    if (l->is_connected)
        watch_close(l->loop, &l->watch);
    l->is_connected = l->is_connecting = false;
    timer_stop(l->loop, &l->timer);
    buffer_free(&l->out);
}

void filter_link_end(struct filter_link *l)
{
    if (l->dialogue && l->is_connected && !l->is_connecting) {
        dialogue_quit(l->dialogue, &l->out);
        if (l->out.len) /* whoever does not take it sees the end of the connection */
            send(l->watch.fd, l->out.at, l->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    close_connection(l);
    dialogue_free(&l->dialogue);
    l->is_asked = false;
}

static void fail(struct filter_link *l, const char *why)
{
    dialogue_fail(l->dialogue, why);
    l->wait = DIALOGUE_HAS_ANSWER;
}

static void fail_by(struct filter_link *l, int error, const char *what)
{
    struct error why;
    error_system(&why, error, "%s", what);
    fail(l, why.text);
}

static void set_timer(struct filter_link *l)
{
    int64_t ms = l->filter->timeout;
    if (l->is_connecting && ms > LONGEST_CONNECT)
        ms = LONGEST_CONNECT;
    timer_set(l->loop, &l->timer, loop_now(l->loop) + ms);
}

static void ready(struct watch *w, uint32_t events);
static void due(struct timer *t);

static bool address_of(const struct mail_filter *f, struct net_address *a)
{
    return f->socket.len ? net_address_unix(a, f->socket)
                         : net_address_parse(a, f->server.host, f->server.port);
}

static void begin(struct filter_link *l)
{
    struct net_address at;
    int fd = -1;
    l->dialogue = dialogue_new(l->most);
    errno = EINVAL;
    if (address_of(l->filter, &at))
        fd = net_connect(&at, NULL);
    if (fd < 0) {
        fail_by(l, errno, "can't be reached");
        return;
    }
    l->watch = (struct watch){.fd = fd, .ready = ready};
    l->timer.due = due;
    l->is_connected = l->is_connecting = true;
    watch_start(l->loop, &l->watch, EPOLLOUT);
}

static void ask(struct filter_link *l)
{
    switch (l->question) {
    case FILTER_SENDER:
        l->wait = dialogue_mail(l->dialogue, l->facts, &l->out);
        break;
    case FILTER_RECIPIENT:
        l->wait = dialogue_rcpt(l->dialogue, l->facts, &l->out);
        break;
    case FILTER_MESSAGE:
        l->wait = dialogue_message(l->dialogue, l->facts, &l->out);
        break;
    }
}

/* Says what there is to say, as far as the filter takes it. */
static void speak(struct filter_link *l)
{
    while (l->wait != DIALOGUE_HAS_ANSWER && !l->is_connecting) {
        ssize_t n = 0;
        if (l->out.len)
            n = send(l->watch.fd, l->out.at, l->out.len, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            n = 0;
        if (n < 0) {
            fail_by(l, errno, "has ended the connection");
            return;
        }
        if (n > 0)
            set_timer(l); /* it takes what it gets */
        buffer_drop(&l->out, (size_t)n);
        if (l->out.len || l->wait != DIALOGUE_WAITS_ROOM)
            return;
        l->wait = dialogue_go_on(l->dialogue, &l->out);
    }
}

/* A connection that was kept, and ended before it said a word of this. */
static bool begins_anew(struct filter_link *l)
{
    if (!l->may_begin_anew || dialogue_verdict(l->dialogue) != MILTER_FAILED)
        return false;
    l->may_begin_anew = false;
    close_connection(l);
    dialogue_free(&l->dialogue);
    begin(l);
    if (l->is_connected) {
        ask(l);
        set_timer(l);
    }
    return true;
}

/* True: the answer is there. */
static bool settle(struct filter_link *l)
{
    do
        speak(l);
    while (l->wait == DIALOGUE_HAS_ANSWER && begins_anew(l));
    if (l->wait == DIALOGUE_HAS_ANSWER) {
        l->is_asked = false;
        timer_stop(l->loop, &l->timer);
        if (dialogue_verdict(l->dialogue) == MILTER_FAILED)
            close_connection(l);
        else if (l->is_connected)
            watch_change(l->loop, &l->watch, EPOLLIN);
        return true;
    }
    watch_change(l->loop, &l->watch,
                 l->is_connecting ? EPOLLOUT : EPOLLIN | (l->out.len ? EPOLLOUT : 0));
    return false;
}

bool filter_link_ask(struct filter_link *l, enum filter_question question,
                     const struct milter_facts *f)
{
    assert(!l->is_asked);
    l->question = question;
    l->facts = f;
    l->is_asked = true;
    l->may_begin_anew = l->dialogue && question == FILTER_SENDER;
    if (!l->dialogue)
        begin(l);
    if (l->is_connected)
        ask(l);
    else
        l->wait = DIALOGUE_HAS_ANSWER; /* it can't be reached */
    if (settle(l))
        return true;
    set_timer(l);
    return false;
}

static void listen_to(struct filter_link *l)
{
    char piece[READ_PIECE];
    ssize_t n = recv(l->watch.fd, piece, sizeof piece, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        fail_by(l, errno, "has ended the connection");
    } else if (n == 0) {
        fail(l, "has ended the connection");
    } else {
        l->may_begin_anew = false;
        l->wait = dialogue_input(l->dialogue, span_make(piece, (size_t)n), &l->out);
        set_timer(l);
    }
}

static void ready(struct watch *w, uint32_t events)
{
    struct filter_link *l = LIST_ENTRY(w, struct filter_link, watch);
    if (!l->is_asked) { /* whatever it says now, it does not want to go on */
        close_connection(l);
        dialogue_free(&l->dialogue);
        return;
    }
    if (l->is_connecting) {
        int why = net_connect_error(w->fd);
        l->is_connecting = false;
        if (why)
            fail_by(l, why, "can't be reached");
        else
            set_timer(l);
    } else if (events & ~(uint32_t)EPOLLOUT) {
        listen_to(l);
    }
    if (settle(l))
        l->answered(l);
}

static void due(struct timer *t)
{
    struct filter_link *l = LIST_ENTRY(t, struct filter_link, timer);
    struct error why;
    l->may_begin_anew = false;
    error_set(&why, "%s within %lld seconds",
              l->is_connecting ? "did not take the connection" : "has not answered",
              (long long)(l->filter->timeout / 1000));
    fail(l, why.text);
    if (settle(l))
        l->answered(l);
}
