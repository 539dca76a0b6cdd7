/* One thread's event loop: descriptors (epoll, level-triggered), timers, and tasks posted by other
 * threads. Everything but loop_post and loop_stop belongs to the loop's own thread. A callback
 * never runs before the call that registered it has returned. */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include "base/error.h"
#include "base/heap.h"

#include <sys/epoll.h>

struct loop;

struct loop *loop_new(struct error *e);
void loop_free(struct loop **l);
/* Until loop_stop; tasks that were posted before it are still run. May be run again. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);         /* thread-safe */
int64_t loop_now(const struct loop *l); /* monotonic ms, read once a round */

/* Called before the loop goes to sleep and once when it ends: for what is better done once a round.
 */
void loop_before_sleep(struct loop *l, void (*call)(void *arg), void *arg);

/* A descriptor. The struct is the caller's and stays where it is while watched. */
struct watch {
    int fd;
    uint32_t events; /* EPOLLIN, EPOLLOUT; as last set */
    void (*ready)(struct watch *w, uint32_t events);
};

void watch_start(struct loop *l, struct watch *w, uint32_t events);
void watch_change(struct loop *l, struct watch *w, uint32_t events); /* no system call when equal */
/* The descriptor stays open. */
void watch_stop(struct loop *l, struct watch *w);
/* Stops, and closes the descriptor. */
void watch_close(struct loop *l, struct watch *w);

struct timer {
    struct heap_node node;
    void (*due)(struct timer *t);
};

void timer_set(struct loop *l, struct timer *t, int64_t due_ms); /* of loop_now's clock */
void timer_stop(struct loop *l, struct timer *t);

/* Work handed to the loop by any thread; run in the order of posting. The struct is the caller's
 * until run. */
struct task {
    struct task *next;
    void (*run)(struct task *t);
};

void loop_post(struct loop *l, struct task *t); /* thread-safe */

/* Between these two no loop is woken for what this thread posts, but once behind it: to wake one
 * costs more than most tasks. A loop does so in its rounds. */
void loop_hold_wakes(void);
void loop_wake_held(void);

#endif
