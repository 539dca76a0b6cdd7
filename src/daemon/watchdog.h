/* Are the threads alive without which no mail moves? Every few seconds each is asked to answer: the
 * session loops and the store's writer. The scheduler asks, and so shows that it lives too. */
#ifndef DAEMON_WATCHDOG_H
#define DAEMON_WATCHDOG_H

#include "sys/loop.h"

struct watchdog;

struct watchdog_settings {
    struct loop *loop; /* the scheduler's: all calls are in its thread */
    int64_t every;     /* ms from one round to the next */
    /* All have answered, and so has this thread. Not called while one of them hangs. */
    void (*all_alive)(void *arg);
    /* One that does not answer, or does again. */
    void (*tell)(void *arg, const char *thread, bool is_stuck);
    void *arg;
};

struct watchdog *watchdog_new(const struct watchdog_settings *s);

/* Before it starts. `ask` has the task posted back to `loop` by the thread, when that lives; `of`
 * is the thread, for it; `name` is for people, and stays. */
void watchdog_add(struct watchdog *w, const char *name,
                  void (*ask)(void *of, struct loop *loop, struct task *t), void *of);
void watchdog_start(struct watchdog *w);
bool watchdog_is_well(const struct watchdog *w); /* nobody is known to be stuck */
void watchdog_free(struct watchdog **w);         /* when the threads have ended */

/* `ask` for a thread with a loop. */
void watchdog_ask_loop(void *loop, struct loop *back, struct task *t);

#endif
