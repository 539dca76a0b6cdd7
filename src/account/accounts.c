#include "account/inside.h"

#include "base/memory.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <stdlib.h>

const char *account_deed_word(enum account_deed d)
{
    static const char *const words[] = {
        [ACCOUNT_SLOWED] = "slowed",     [ACCOUNT_HELD] = "held",
        [ACCOUNT_RELEASED] = "released", [ACCOUNT_REVOKED] = "revoked",
        [ACCOUNT_RESTORED] = "restored", [ACCOUNT_DISCARDED] = "discarded",
        [ACCOUNT_PROFILED] = "profile",  [ACCOUNT_CHANGED] = "changed",
        [ACCOUNT_PASSWORD] = "password",
    };
    return words[d];
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
    *f = (struct accounts_figures){
        .in_memory = a->map.count, .held = a->held, .slowed = a->slowed, .noted = a->noted};
    for (const struct list *at = a->recent.next; at != &a->recent; at = at->next) {
        const struct account *account = LIST_ENTRY(at, struct account, recent);
        f->yellow += account->guard && account->guard->yellow_since_ms && !account->hold.len;
        if (account->hold.len)
            f->held_messages += queue_count_held(a->settings.queue, account->name);
    }
}
