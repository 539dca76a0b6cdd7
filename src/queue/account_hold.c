/* Mail of an account that is held is suspended like mail to a place: whoever is due meets the
 * suspension on the way out, gets an outcome that says so (once), and his message sleeps in the
 * suspension's lanes. After a restart they are due at once, and meet it again: who holds accounts
 * says so before the queue runs. */
#include "queue/suspension.h"

#include "base/memory.h"

#include <stdlib.h>

enum { LONGEST_NAME = 512 };

static struct span fold(struct span s, char room[LONGEST_NAME])
{
    s = span_first(s, LONGEST_NAME);
    for (size_t i = 0; i < s.len; i++)
        room[i] = ascii_lower(s.at[i]);
    return span_make(room, s.len);
}

static struct suspension *find_held(const struct queue *q, struct span account)
{
    char room[LONGEST_NAME];
    return q->held_accounts.count ? map_get_text(&q->held_accounts, fold(account, room)) : NULL;
}

/* There are as many as accounts were broken into in the last days. */
static struct suspension *find_removal(const struct queue *q, struct span account, int64_t came_ms)
{
    for (struct list *at = q->removals.next; at != &q->removals; at = at->next) {
        struct suspension *s = LIST_ENTRY(at, struct suspension, link);
        if (came_ms <= s->until_ms && span_equal_nocase(s->name, account))
            return s;
    }
    return NULL;
}

struct suspension *suspension_of_account(const struct queue *q, const struct envelope *e)
{
    if (!q->held_accounts.count && list_is_empty(&q->removals))
        return NULL;
    struct span account = envelope_account(e);
    if (!account.len)
        return NULL;
    struct suspension *removal = find_removal(q, account, e->accepted_ms);
    return removal ? removal : find_held(q, account);
}

bool account_is_revoked(const struct queue *q, const struct envelope *e)
{
    struct span account = list_is_empty(&q->removals) ? SPAN_NONE : envelope_account(e);
    return account.len && find_removal(q, account, e->accepted_ms);
}

struct outcome suspension_discards(int64_t now_ms)
{
    return (struct outcome){.kind = OUTCOME_DISCARDED,
                            .time_ms = now_ms,
                            .status = STATUS(2, 0, 0),
                            .words = SPAN("its account was used by somebody else; what was sent "
                                          "then was removed, and not wanted back in time")};
}

static struct suspension *of_account(struct span account, struct span why, int64_t since_ms)
{
    char room[LONGEST_NAME];
    struct suspension *s = suspension_new(fold(account, room), why, since_ms);
    s->is_of_account = true;
    return s;
}

void queue_hold_account(struct queue *q, struct span account, struct span why, int64_t since_ms)
{
    struct suspension *s = of_account(account, why, since_ms);
    struct suspension *before = map_remove_text(&q->held_accounts, s->name);
    if (before)
        suspension_is_over(q, before); /* they meet this one */
    map_set_text(&q->held_accounts, s->name, s);
}

bool queue_release_account(struct queue *q, struct span account)
{
    struct suspension *s = find_held(q, account);
    if (!s)
        return false;
    map_remove_text(&q->held_accounts, s->name);
    s->releases = true;
    suspension_is_over(q, s);
    return true;
}

size_t queue_count_held(const struct queue *q, struct span account)
{
    const struct suspension *s = find_held(q, account);
    return s ? s->waiting.count : 0;
}

void queue_remove_account(struct queue *q, struct span account, struct span why, int64_t until_ms)
{
    struct suspension *s = of_account(account, why, until_ms), *held = find_held(q, account);
    s->until_ms = until_ms;
    list_prepend(&q->removals, &s->link);
    if (held) {
        map_remove_text(&q->held_accounts, held->name);
        suspension_is_over(q, held); /* they meet the removal */
    }
}

static struct suspension *find_named(const struct queue *q, struct span account, int64_t until_ms)
{
    for (struct list *at = q->removals.next; at != &q->removals; at = at->next) {
        struct suspension *s = LIST_ENTRY(at, struct suspension, link);
        if (s->until_ms == until_ms && span_equal_nocase(s->name, account))
            return s;
    }
    return NULL;
}

bool queue_restore_account(struct queue *q, struct span account, int64_t until_ms)
{
    struct suspension *s = find_named(q, account, until_ms);
    if (!s)
        return false;
    list_remove(&s->link);
    s->releases = true;
    suspension_is_over(q, s);
    return true;
}

/* It stays, for those that wake late; those that waited for it are called by another. */
bool queue_discard_account(struct queue *q, struct span account, int64_t until_ms)
{
    struct suspension *s = find_named(q, account, until_ms);
    if (!s || s->discards)
        return false;
    struct suspension *calls = of_account(s->name, s->why, s->since_ms);
    calls->waiting = s->waiting;
    s->waiting = (struct lanes){0};
    s->discards = true;
    suspension_is_over(q, calls);
    return true;
}

void account_holds_free(struct queue *q)
{
    size_t i = 0;
    for (struct suspension *s; (s = map_next(&q->held_accounts, &i));)
        suspension_free(s);
    map_free(&q->held_accounts);
    for (struct list *node; (node = list_take(&q->removals));)
        suspension_free(LIST_ENTRY(node, struct suspension, link));
}
