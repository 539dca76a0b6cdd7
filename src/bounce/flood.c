/* What begins a flood is a rate, so that a busy hour does not; what ends it is a calm day, so that
 * a night's rest does not: the next wave would fill the mailbox anew. */
#include "bounce/flood.h"

#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

struct count {
    struct list link; /* the one asked for longest ago comes first */
    int64_t due_us;   /* of the rate, while there is no flood */
    bool is_flood;
    int64_t day_ms; /* of a flood: when the day began that decides whether it goes on, */
    uint64_t today; /* and how many came since then */
    size_t len;
    char mailbox[];
};

struct floods {
    struct map by_mailbox;
    struct list counts;
    size_t most;
};

bool judged_is_of_forgery(struct judged j)
{
    return j.is && (j.class == VERDICT_NOT_YOURS || j.class == VERDICT_SPAM_IN_BOUNCE) &&
           j.provenance == PROVENANCE_DISPROVEN && j.confidence >= CONFIDENCE_LIKELY;
}

bool judged_is_of_misuse(struct judged j)
{
    return j.is && j.class == VERDICT_ACCOUNT_ABUSED && j.provenance == PROVENANCE_PROVEN;
}

bool judged_is_unproven(struct judged j)
{
    return j.is && (j.class == VERDICT_GENUINE || j.class == VERDICT_UNKNOWN) &&
           j.provenance == PROVENANCE_UNKNOWN;
}

/* Some of those about forged mail return nothing that could be judged: where they come in numbers,
 * they tell of a flood, too. None of them is kept out. */
static bool tells_of_flood(struct judged j)
{
    return judged_is_of_forgery(j) || (j.is && j.class == VERDICT_UNKNOWN);
}

/* ---- the counts */

struct floods *floods_new(size_t most_mailboxes)
{
    struct floods *f = memory_new(sizeof *f);
    list_init(&f->counts);
    f->most = most_mailboxes;
    return f;
}

static void drop_oldest(struct floods *f)
{
    struct count *c = LIST_ENTRY(list_take(&f->counts), struct count, link);
    map_remove_text(&f->by_mailbox, span_make(c->mailbox, c->len));
    free(c);
}

void floods_free(struct floods **f)
{
    if (!*f)
        return;
    while ((*f)->by_mailbox.count)
        drop_oldest(*f);
    map_free(&(*f)->by_mailbox);
    free(*f);
    *f = NULL;
}

static struct count *find(struct floods *f, struct span mailbox)
{
    struct count *c = map_get_text(&f->by_mailbox, mailbox);
    if (c) {
        list_remove(&c->link);
    } else {
        if (f->by_mailbox.count == f->most)
            drop_oldest(f);
        c = memory_new(sizeof *c + mailbox.len);
        c->len = mailbox.len;
        memcpy(c->mailbox, mailbox.at, mailbox.len);
        map_set_text(&f->by_mailbox, span_make(c->mailbox, c->len), c);
    }
    list_append(&f->counts, &c->link);
    return c;
}

/* ---- the decision */

static void begin(struct count *c, uint64_t today, int64_t now_ms)
{
    c->is_flood = true;
    c->day_ms = now_ms;
    c->today = today;
}

/* A clock that was set back begins a new day. */
static void turn_day(struct count *c, const struct rate *singly, int64_t now_ms)
{
    int64_t age = now_ms - c->day_ms;
    if (!c->is_flood || (age >= 0 && age < DAY_MS))
        return;
    bool goes_on = age < 0 || (age < 2 * DAY_MS && c->today > singly->count);
    if (!goes_on)
        c->due_us = 0;
    c->is_flood = goes_on;
    c->day_ms = age < 0 ? now_ms : c->day_ms + DAY_MS;
    c->today = 0;
}

bool floods_keep_out(struct floods *f, const struct rate *singly, struct span mailbox,
                     struct judged j, int64_t now_ms)
{
    if (!singly->count || !tells_of_flood(j))
        return false;
    struct count *c = find(f, mailbox);
    turn_day(c, singly, now_ms);
    if (c->is_flood)
        c->today++;
    else if (rate_take(singly, &c->due_us, now_ms))
        begin(c, singly->count + 1, now_ms);
    return c->is_flood && judged_is_of_forgery(j);
}

void floods_recall(struct floods *f, const struct rate *singly, struct span mailbox, uint64_t count,
                   int64_t latest_ms)
{
    if (singly->count)
        begin(find(f, mailbox), count > singly->count ? count : singly->count + 1, latest_ms);
}

/* Whether the day at hand is calm is known at its end. */
static bool is_on(const struct count *c, int64_t now_ms)
{
    return c->is_flood && now_ms - c->day_ms < 2 * DAY_MS;
}

bool floods_has(const struct floods *f, struct span mailbox, int64_t now_ms)
{
    const struct count *c = map_get_text(&f->by_mailbox, mailbox);
    return c && is_on(c, now_ms);
}

size_t floods_count(const struct floods *f, int64_t now_ms)
{
    size_t count = 0;
    for (const struct list *n = f->counts.next; n != &f->counts; n = n->next)
        count += is_on(LIST_ENTRY(n, struct count, link), now_ms);
    return count;
}
