/* Tasks come through a lock-free stack that the loop takes whole and turns round. A poster wakes
 * the loop only when it sleeps: the loop says so before it looks at the stack for the last time, so
 * either the loop sees the task or the poster sees the sleeper, and may wake it a moment later. */
#include "sys/loop.h"

#include "base/memory.h"
#include "sys/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_A_ROUND = 256, MOST_HELD = 16 };

struct loop {
    int epoll;
    struct watch wake;
    struct heap timers;
    int64_t now;
    _Atomic(struct task *) posted;
    atomic_bool sleeps, stops;
    struct epoll_event events[EVENTS_A_ROUND];
    int event_count, event_at;
    void (*before_sleep)(void *arg);
    void *before_sleep_arg;
};

/* Loops to wake later. */
static _Thread_local struct {
    bool are_held;
    size_t count;
    struct loop *loops[MOST_HELD];
} wakes;

/* What it was woken for stands in the stack. Nobody reads the count: it is told of when it changes.
 */
static void woken(struct watch *w, uint32_t events) {}

struct loop *loop_new(struct error *e)
{
    struct loop *l = memory_new(sizeof *l);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll < 0 || l->wake.fd < 0) {
        error_system(e, errno, "cannot make an event loop");
        loop_free(&l);
        return NULL;
    }
    l->wake.ready = woken;
    watch_start(l, &l->wake, EPOLLIN | EPOLLET);
    l->now = clock_monotonic_ms();
    return l;
}

void loop_free(struct loop **l)
{
    if (!*l)
        return;
    if ((*l)->wake.fd >= 0)
        close((*l)->wake.fd);
    if ((*l)->epoll >= 0)
        close((*l)->epoll);
    heap_free(&(*l)->timers);
    free(*l);
    *l = NULL;
}

int64_t loop_now(const struct loop *l)
{
    return l->now;
}

void loop_before_sleep(struct loop *l, void (*call)(void *arg), void *arg)
{
    l->before_sleep = call;
    l->before_sleep_arg = arg;
}

static void control(struct loop *l, int operation, struct watch *w, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = w};
    int failed = epoll_ctl(l->epoll, operation, w->fd, &event);
    assert(!failed);
    w->events = events;
}

void watch_start(struct loop *l, struct watch *w, uint32_t events)
{
    control(l, EPOLL_CTL_ADD, w, events);
}

void watch_change(struct loop *l, struct watch *w, uint32_t events)
{
    if (events != w->events)
        control(l, EPOLL_CTL_MOD, w, events);
}

/* What this round has seen of it and not told yet. */
static void forget_events(struct loop *l, const struct watch *w)
{
    for (int i = l->event_at; i < l->event_count; i++)
        if (l->events[i].data.ptr == w)
            l->events[i].data.ptr = NULL;
}

void watch_stop(struct loop *l, struct watch *w)
{
    control(l, EPOLL_CTL_DEL, w, 0);
    forget_events(l, w);
}

void watch_close(struct loop *l, struct watch *w)
{
    /* epoll would forget it by itself, but not as long as a child that is just being started has a
     * copy of it. It fails for one that is not watched now, as during a handshake. */
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    close(w->fd);
    forget_events(l, w);
}

void timer_set(struct loop *l, struct timer *t, int64_t due_ms)
{
    heap_put(&l->timers, &t->node, due_ms);
}

void timer_stop(struct loop *l, struct timer *t)
{
    heap_remove(&l->timers, &t->node);
}

static void wake(struct loop *l)
{
    uint64_t one = 1;
    while (write(l->wake.fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void wake_sleeper(struct loop *l)
{
    if (atomic_exchange(&l->sleeps, false))
        wake(l);
}

/* False: there are too many. */
static bool wake_later(struct loop *l)
{
    for (size_t i = 0; i < wakes.count; i++)
        if (wakes.loops[i] == l)
            return true;
    if (wakes.count == MOST_HELD)
        return false;
    wakes.loops[wakes.count++] = l;
    return true;
}

void loop_hold_wakes(void)
{
    wakes.are_held = true;
}

void loop_wake_held(void)
{
    wakes.are_held = false;
    while (wakes.count)
        wake_sleeper(wakes.loops[--wakes.count]);
}

void loop_post(struct loop *l, struct task *t)
{
    struct task *top = atomic_load(&l->posted);
    do
        t->next = top;
    while (!atomic_compare_exchange_weak(&l->posted, &top, t));
    if (!atomic_load(&l->sleeps)) /* it will see the task by itself */
        return;
    if (!wakes.are_held || !wake_later(l))
        wake_sleeper(l);
}

void loop_stop(struct loop *l)
{
    atomic_store(&l->stops, true);
    wake(l);
}

static bool run_tasks(struct loop *l)
{
    struct task *newest = atomic_exchange(&l->posted, NULL), *oldest = NULL;
    if (!newest)
        return false;
    while (newest) {
        struct task *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct task *next = oldest->next;
        oldest->run(oldest);
        oldest = next;
    }
    return true;
}

static void run_timers(struct loop *l)
{
    struct heap_node *n;
    while ((n = heap_top(&l->timers)) && n->due <= l->now) {
        struct timer *t = (struct timer *)(void *)((char *)n - offsetof(struct timer, node));
        heap_remove(&l->timers, n);
        t->due(t);
    }
}

static int time_to_sleep(const struct loop *l)
{
    struct heap_node *n = heap_top(&l->timers);
    if (!n)
        return -1;
    int64_t ms = n->due - clock_monotonic_ms();
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static void wait_for_events(struct loop *l)
{
    int timeout = time_to_sleep(l);
    atomic_store(&l->sleeps, true);
    if (atomic_load(&l->posted))
        timeout = 0;
    l->event_count = epoll_wait(l->epoll, l->events, EVENTS_A_ROUND, timeout);
    atomic_store(&l->sleeps, false);
    l->now = clock_monotonic_ms();
    loop_hold_wakes();
    for (l->event_at = 0; l->event_at < l->event_count;) {
        struct epoll_event *event = &l->events[l->event_at++];
        struct watch *w = event->data.ptr;
        if (w)
            w->ready(w, event->events);
    }
    l->event_count = 0;
    loop_wake_held();
}

void loop_run(struct loop *l)
{
    while (!atomic_load(&l->stops)) {
        loop_hold_wakes();
        run_tasks(l);
        run_timers(l);
        if (l->before_sleep)
            l->before_sleep(l->before_sleep_arg);
        loop_wake_held();
        wait_for_events(l);
    }
    atomic_store(&l->stops, false);
    while (run_tasks(l))
        ;
    if (l->before_sleep)
        l->before_sleep(l->before_sleep_arg);
}
