/* What is done with an account: by the guard, and by people. In memory and in the queue it holds at
 * once, so that nothing leaves meanwhile; whoever asked for it hears when it is on the disk. */
#include "account/inside.h"

#include "base/memory.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <stdlib.h>

enum { HOUR = 3600 * 1000, DAY = 24 * HOUR, REMOVED_FOR = 7 * DAY };
#define KEPT_FOR (30 * (int64_t)DAY) /* the word of what was discarded, for who wakes late */

void account_tell(struct accounts *a, const struct account *account, struct account_news n)
{
    n.account = account->name;
    a->settings.tell(a->settings.arg, &n);
}

void account_hold(struct accounts *a, struct account *account, struct span words)
{
    a->held += !account->hold.len;
    account->hold_since_ms = clock_now_ms();
    buffer_clear(&account->hold);
    buffer_add_span(&account->hold, words);
    queue_hold_account(a->settings.queue, account->name, words, account->hold_since_ms);
}

/* Not held any more; what waits for its time because it was slowed goes, too. */
void account_let_go(struct accounts *a, struct account *account)
{
    const message_id *slowed = (const message_id *)(const void *)account->slowed.at;
    size_t count = account->slowed.len / sizeof *slowed;
    a->held -= account->hold.len != 0;
    buffer_clear(&account->hold);
    account->hold_since_ms = 0;
    account->samples = 0;
    for (size_t i = 0; i < count; i++)
        queue_retry(a->settings.queue, slowed[i]);
    buffer_clear(&account->slowed);
}

/* ---- what was removed */

static void keep_removal(struct accounts *a, const struct account_removal *r)
{
    struct kept_removal *k = memory_new(sizeof *k);
    k->what = *r;
    k->what.account = arena_copy(&k->arena, r->account);
    k->what.why = arena_copy(&k->arena, r->why);
    list_append(&a->removals, &k->link);
}

static void drop_removal(struct kept_removal *k)
{
    struct arena arena = k->arena;
    list_remove(&k->link);
    arena_clear(&arena);
    free(k);
}

static void take_removal(void *arg, const struct account_removal *r)
{
    struct accounts *a = arg;
    queue_remove_account(a->settings.queue, r->account, r->why, r->until_ms);
    if (r->is_discarded)
        queue_discard_account(a->settings.queue, r->account, r->until_ms);
    keep_removal(a, r);
}

bool removals_load(struct accounts *a, struct error *e)
{
    return account_book_removals(a->settings.book, take_removal, a, e);
}

void removals_free(struct accounts *a)
{
    while (!list_is_empty(&a->removals))
        drop_removal(LIST_ENTRY(a->removals.next, struct kept_removal, link));
}

struct discard_step {
    struct account_step step;
    int64_t until_ms;
};

static struct kept_removal *find_removal(struct accounts *a, struct span account, int64_t until_ms)
{
    struct kept_removal *latest = NULL;
    for (struct list *at = a->removals.next; at != &a->removals; at = at->next) {
        struct kept_removal *k = LIST_ENTRY(at, struct kept_removal, link);
        bool is_meant = until_ms ? k->what.until_ms == until_ms : !k->what.is_discarded;
        if (is_meant && span_equal(k->what.account, account))
            latest = k;
    }
    return latest;
}

static void run_discard(struct accounts *a, struct account *account, struct account_step *step)
{
    struct discard_step *s = LIST_ENTRY(step, struct discard_step, step);
    struct kept_removal *k = find_removal(a, account->name, s->until_ms);
    if (k && k->what.is_discarded) {
        struct account_change c = {.removal = &k->what, .ends_removal = true};
        account_decide(a, account, &c, NULL);
        drop_removal(k);
    } else if (k && queue_discard_account(a->settings.queue, account->name, s->until_ms)) {
        const struct account_line line = {.time_ms = clock_now_ms(),
                                          .what = span_of(account_deed_word(ACCOUNT_DISCARDED)),
                                          .by = SPAN("guard"),
                                          .why = SPAN("nobody wanted it back in time")};
        k->what.is_discarded = true;
        struct account_change c = {.line = &line, .removal = &k->what};
        account_decide(a, account, &c, NULL);
        account_tell(
            a, account,
            (struct account_news){.deed = ACCOUNT_DISCARDED, .by = line.by, .why = line.why});
    }
    free(s);
}

static void drop_discard(struct account_step *step)
{
    free(LIST_ENTRY(step, struct discard_step, step));
}

void removals_look(struct accounts *a)
{
    int64_t now = clock_now_ms();
    for (struct list *at = a->removals.next, *next; at != &a->removals; at = next) {
        struct kept_removal *k = LIST_ENTRY(at, struct kept_removal, link);
        next = at->next;
        if (now < k->what.ends_ms || (k->what.is_discarded && now < k->what.ends_ms + KEPT_FOR))
            continue;
        struct discard_step *s = memory_new(sizeof *s);
        *s = (struct discard_step){{.run = run_discard, .drop = drop_discard}, k->what.until_ms};
        account_with(a, k->what.account, &s->step);
    }
}

/* ---- who was told */

struct told_step {
    struct account_step step;
    struct buffer to;
    uint64_t until; /* of what was owed; 0: nothing was */
};

static void drop_told(struct account_step *step)
{
    struct told_step *s = LIST_ENTRY(step, struct told_step, step);
    buffer_free(&s->to);
    free(s);
}

static void run_told(struct accounts *a, struct account *account, struct account_step *step)
{
    struct told_step *s = LIST_ENTRY(step, struct told_step, step);
    const struct account_line line = {.time_ms = clock_now_ms(),
                                      .what = s->until ? SPAN("warned") : SPAN("told"),
                                      .by = SPAN("guard"),
                                      .why = buffer_span(&s->to)};
    const struct account_letter_sent letter = {line.why, s->until, line.time_ms};
    struct account_change c = {.line = &line, .letter = s->until ? &letter : NULL};
    account_decide(a, account, &c, NULL);
    drop_told(step);
}

void accounts_warned(struct accounts *a, struct span account, struct span to, uint64_t until)
{
    if (a->is_ending)
        return;
    struct told_step *s = memory_new(sizeof *s);
    *s = (struct told_step){.step = {.run = run_told, .drop = drop_told}, .until = until};
    buffer_add_span(&s->to, to);
    account_with(a, account, &s->step);
}

void accounts_told(struct accounts *a, struct span account, struct span to)
{
    accounts_warned(a, account, to, 0);
}

/* ---- what people want */

struct order_step {
    struct account_step step;
    struct account_order *order;
};

static void refuse(struct account_order *o, const char *before, struct span name, const char *after)
{
    struct buffer words = BUFFER_EMPTY;
    buffer_printf(&words, "%s %.*s%s", before, SPAN_F(name), after);
    o->done(o, buffer_text(&words));
    buffer_free(&words);
}

static void finish(struct accounts *a, struct account *account, struct account_order *o,
                   enum account_deed deed, struct account_change *c)
{
    const struct account_line line = {.time_ms = clock_now_ms(),
                                      .what = span_of(account_deed_word(deed)),
                                      .by = o->by,
                                      .why = o->why};
    c->line = &line;
    account_decide(a, account, c, o);
    account_tell(a, account, (struct account_news){.deed = deed, .by = o->by, .why = o->why});
}

static void order_hold(struct accounts *a, struct account *account, struct account_order *o)
{
    struct buffer words = BUFFER_EMPTY;
    struct account_change c = {.row = NULL};
    words_held(&words, account->name, o->why);
    account_hold(a, account, buffer_span(&words));
    finish(a, account, o, ACCOUNT_HELD, &c);
    buffer_free(&words);
}

static void order_release(struct accounts *a, struct account *account, struct account_order *o)
{
    struct account_change c = {.forgets_samples = true};
    guard_release(account->guard, clock_now_ms());
    queue_release_account(a->settings.queue, account->name);
    account_let_go(a, account);
    finish(a, account, o, ACCOUNT_RELEASED, &c);
}

/* Since when it may have been somebody else: an hour before anything stood out, for what stood out
 * then had begun before. */
static int64_t account_since(const struct account *account, int64_t now_ms)
{
    const struct guard_account *g = account->guard;
    int64_t since = now_ms;
    if (g->yellow_since_ms)
        since = g->yellow_since_ms;
    else if (g->red_since_ms)
        since = g->red_since_ms;
    else if (account->hold.len)
        since = account->hold_since_ms;
    return since - HOUR;
}

static void order_revoke(struct accounts *a, struct account *account, struct account_order *o)
{
    int64_t now = clock_now_ms();
    struct buffer words = BUFFER_EMPTY;
    words_removed(&words, account->name, now + REMOVED_FOR);
    const struct account_removal removal = {.account = account->name,
                                            .from_ms = account_since(account, now),
                                            .until_ms = now,
                                            .ends_ms = now + REMOVED_FOR,
                                            .why = buffer_span(&words)};
    struct account_change c = {.forgets_samples = true, .removal = &removal};
    guard_forget(account->guard, &a->settings.limits, now);
    queue_remove_account(a->settings.queue, account->name, removal.why, now);
    keep_removal(a, &removal);
    account_let_go(a, account); /* what was slowed meets the removal */
    finish(a, account, o, ACCOUNT_REVOKED, &c);
    buffer_free(&words);
}

static void order_restore(struct accounts *a, struct account *account, struct account_order *o)
{
    struct kept_removal *k = find_removal(a, account->name, 0);
    if (!k) {
        refuse(o, "nothing of the account", account->name, " was removed within the last week");
        return;
    }
    struct account_change c = {.removal = &k->what, .ends_removal = true};
    queue_restore_account(a->settings.queue, account->name, k->what.until_ms);
    finish(a, account, o, ACCOUNT_RESTORED, &c);
    drop_removal(k);
}

static void order_profile(struct accounts *a, struct account *account, struct account_order *o)
{
    struct account_change c = {.row = NULL};
    account->guard->profile = o->profile;
    account->guard->declared = o->declared;
    finish(a, account, o, ACCOUNT_PROFILED, &c);
}

static void run_order(struct accounts *a, struct account *account, struct account_step *step)
{
    struct account_order *o = LIST_ENTRY(step, struct order_step, step)->order;
    free(step);
    bool needs_account = o->act == ACT_RELEASE || o->act == ACT_RESTORE || o->act == ACT_REVOKE;
    if (needs_account && !account->is_known) {
        refuse(o, "nothing is known of an account", account->name,
               "; \"plainpost account ls\" shows those that have sent");
        return;
    }
    switch (o->act) {
    case ACT_HOLD:
        order_hold(a, account, o);
        break;
    case ACT_RELEASE:
        order_release(a, account, o);
        break;
    case ACT_REVOKE:
        order_revoke(a, account, o);
        break;
    case ACT_RESTORE:
        order_restore(a, account, o);
        break;
    case ACT_PROFILE:
        order_profile(a, account, o);
        break;
    }
}

static void drop_order(struct account_step *step)
{
    free(LIST_ENTRY(step, struct order_step, step)); /* who asked is gone, too */
}

void accounts_order(struct accounts *a, struct account_order *o)
{
    struct order_step *s = memory_new(sizeof *s);
    *s = (struct order_step){{.run = run_order, .drop = drop_order}, o};
    account_with(a, o->account, &s->step);
}
