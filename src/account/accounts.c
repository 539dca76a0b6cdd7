#include "account/inside.h"

#include "base/memory.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <stdlib.h>

enum { WRITE_EACH = 10000 /* ms */ };

static void is_time(struct timer *t)
{
    struct accounts *a = LIST_ENTRY(t, struct accounts, timer);
    memory_write(a);
    removals_look(a);
    timer_set(a->settings.loop, &a->timer, loop_now(a->settings.loop) + WRITE_EACH);
}

static void hold_again(void *arg, const struct account_row *row)
{
    struct accounts *a = arg;
    queue_hold_account(a->settings.queue, row->name, row->hold, row->hold_since_ms);
    a->held++;
}

struct accounts *accounts_new(const struct accounts_settings *s, struct error *e)
{
    struct accounts *a = memory_new(sizeof *a);
    a->settings = *s;
    a->started = (message_id)clock_now_us();
    list_init(&a->removals);
    a->timer.due = is_time;
    timer_set(s->loop, &a->timer, loop_now(s->loop) + WRITE_EACH);
    memory_begin(a);
    if (!account_book_held(s->book, hold_again, a, e) || !removals_load(a, e)) {
        accounts_end(a);
        accounts_free(&a);
        return NULL;
    }
    removals_look(a);
    return a;
}

void accounts_set(struct accounts *a, enum accounts_mode mode, const struct guard_limits *l,
                  const struct countries *c)
{
    a->settings.mode = mode;
    a->settings.limits = *l;
    a->settings.countries = c;
}

void accounts_end(struct accounts *a)
{
    if (!a || a->is_ending)
        return;
    a->is_ending = true;
    timer_stop(a->settings.loop, &a->timer);
    memory_end(a);
}

void accounts_free(struct accounts **accounts)
{
    struct accounts *a = *accounts;
    if (!a)
        return;
    memory_free(a);
    removals_free(a);
    free(a);
    *accounts = NULL;
}

void accounts_figures(const struct accounts *a, struct accounts_figures *f)
{
    *f = (struct accounts_figures){.in_memory = a->map.count,
                                   .held = a->held,
                                   .slowed = a->slowed,
                                   .noted = a->noted,
                                   .changes = a->changes};
    for (const struct list *at = a->recent.next; at != &a->recent; at = at->next) {
        const struct account *account = LIST_ENTRY(at, struct account, recent);
        f->yellow += account->guard && account->guard->yellow_since_ms && !account->hold.len;
        if (account->hold.len)
            f->held_messages += queue_count_held(a->settings.queue, account->name);
    }
}
