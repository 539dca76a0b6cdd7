#include "bounce/triage_inside.h"

#include "base/memory.h"

#include <stdlib.h>

enum { LONGEST_ADDRESS = 320, DAY_MS = 86400000 };

/* ---- days */

static int64_t day_of(int64_t time_ms, int offset_minutes)
{
    int64_t local = time_ms + (int64_t)offset_minutes * 60000;
    return local / DAY_MS - (local % DAY_MS < 0);
}

/* Mail comes more or less in its order, so the place is most often at the end. */
static void count(struct triage_days *d, int64_t day)
{
    size_t at = d->count;
    while (at && d->days[at - 1].day > day)
        at--;
    if (at && d->days[at - 1].day == day) {
        d->days[at - 1].notices++;
        return;
    }
    if (d->count == KEPT_DAYS) {
        d->further++;
        return;
    }
    memmove(&d->days[at + 1], &d->days[at], (d->count - at) * sizeof *d->days);
    d->days[at] = (struct triage_day){day, 1};
    d->count++;
}

void triage_count_day(struct triage_days *d, int64_t time_ms, int offset_minutes)
{
    if (!time_ms) {
        d->further++;
        return;
    }
    if (!d->first_ms || time_ms < d->first_ms)
        d->first_ms = time_ms;
    if (time_ms > d->last_ms)
        d->last_ms = time_ms;
    count(d, day_of(time_ms, offset_minutes));
}

/* ---- recipients */

static struct span key_of(struct span address, char *room)
{
    for (size_t i = 0; i < address.len; i++)
        room[i] = ascii_lower(address.at[i]);
    return span_make(room, address.len);
}

void triage_count_recipient(struct triage_recipients *r, struct span address, struct arena *a)
{
    char small[LONGEST_ADDRESS];
    address = span_first(address, LONGEST_ADDRESS);
    struct triage_recipient *one = map_get_text(&r->by_key, key_of(address, small));
    if (one) {
        one->notices++;
        return;
    }
    if (r->count == KEPT_RECIPIENTS) {
        r->further++;
        return;
    }
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 8;
        r->list = memory_resize(r->list, r->room * sizeof *r->list);
    }
    one = arena_new(a, sizeof *one);
    *one = (struct triage_recipient){arena_copy(a, address),
                                     arena_copy(a, span_make(small, address.len)), 1};
    r->list[r->count++] = one;
    map_set_text(&r->by_key, one->key, one);
}

static int by_notices(const void *a, const void *b)
{
    const struct triage_recipient *one = *(struct triage_recipient *const *)a,
                                  *two = *(struct triage_recipient *const *)b;
    if (one->notices != two->notices)
        return one->notices > two->notices ? -1 : 1;
    return span_compare(one->key, two->key);
}

void triage_sort_recipients(struct triage_recipients *r)
{
    if (r->count)
        qsort(r->list, r->count, sizeof *r->list, by_notices);
}

void triage_free_recipients(struct triage_recipients *r)
{
    map_free(&r->by_key);
    free(r->list);
}
