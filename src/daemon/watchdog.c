/* A round asks everybody at once and is over when all have answered; the next one begins at the
 * next tick. Who has not answered by then is stuck. */
#include "daemon/watchdog.h"

#include "base/list.h"
#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

enum { MOST_THREADS = 300 };

struct watched {
    struct task task; /* there and back */
    struct watchdog *by;
    const char *name;
    void (*ask)(void *of, struct loop *loop, struct task *t);
    void *of;
    struct loop *back;
    bool is_asked, is_stuck;
};

struct watchdog {
    struct watchdog_settings settings;
    struct timer tick;
    size_t count, missing, stuck;
    struct watched threads[MOST_THREADS];
};

static void answered(struct task *t)
{
    struct watched *x = LIST_ENTRY(t, struct watched, task);
    struct watchdog *w = x->by;
    x->is_asked = false;
    if (x->is_stuck) {
        x->is_stuck = false;
        w->stuck--;
        w->settings.tell(w->settings.arg, x->name, false);
    }
    if (--w->missing == 0)
        w->settings.all_alive(w->settings.arg);
}

static void asked(struct task *t) /* in the loop that is watched */
{
    struct watched *x = LIST_ENTRY(t, struct watched, task);
    t->run = answered;
    loop_post(x->back, t);
}

void watchdog_ask_loop(void *loop, struct loop *back, struct task *t)
{
    LIST_ENTRY(t, struct watched, task)->back = back;
    t->run = asked;
    loop_post(loop, t);
}

static void ask_all(struct watchdog *w)
{
    w->missing = w->count;
    for (size_t i = 0; i < w->count; i++) {
        struct watched *x = &w->threads[i];
        x->is_asked = true;
        x->task.run = answered;
        x->ask(x->of, w->settings.loop, &x->task);
    }
}

static void name_the_missing(struct watchdog *w)
{
    for (size_t i = 0; i < w->count; i++) {
        struct watched *x = &w->threads[i];
        if (!x->is_asked || x->is_stuck)
            continue;
        x->is_stuck = true;
        w->stuck++;
        w->settings.tell(w->settings.arg, x->name, true);
    }
}

static void tick(struct timer *t)
{
    struct watchdog *w = LIST_ENTRY(t, struct watchdog, tick);
    timer_set(w->settings.loop, t, loop_now(w->settings.loop) + w->settings.every);
    if (w->missing)
        name_the_missing(w);
    else
        ask_all(w);
}

struct watchdog *watchdog_new(const struct watchdog_settings *s)
{
    struct watchdog *w = memory_new(sizeof *w);
    w->settings = *s;
    w->tick.due = tick;
    return w;
}

void watchdog_add(struct watchdog *w, const char *name,
                  void (*ask)(void *of, struct loop *loop, struct task *t), void *of)
{
    assert(w->count < MOST_THREADS);
    w->threads[w->count++] = (struct watched){.by = w, .name = name, .ask = ask, .of = of};
}

void watchdog_start(struct watchdog *w)
{
    ask_all(w);
    timer_set(w->settings.loop, &w->tick, loop_now(w->settings.loop) + w->settings.every);
}

bool watchdog_is_well(const struct watchdog *w)
{
    return w->stuck == 0;
}

void watchdog_free(struct watchdog **w)
{
    if (!*w)
        return;
    timer_stop((*w)->settings.loop, &(*w)->tick);
    free(*w);
    *w = NULL;
}
