/* An hour begins with the first notice to an address. When it brought too many, the next one begins
 * as a storm: so a flood that lasts does not let some through at the turn of each hour. */
#include "queue/storms.h"

#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600000 };

struct count {
    struct list link; /* the one asked for longest ago comes first */
    int64_t since_ms;
    uint64_t notices; /* since then */
    bool is_storm;    /* the hour before brought too many */
    size_t len;
    char address[];
};

struct storms {
    struct map by_address;
    struct list counts;
    size_t most;
    int64_t all_due_us;
};

struct storms *storms_new(size_t most_addresses)
{
    struct storms *s = memory_new(sizeof *s);
    list_init(&s->counts);
    s->most = most_addresses;
    return s;
}

static void drop_oldest(struct storms *s)
{
    struct count *c = LIST_ENTRY(list_take(&s->counts), struct count, link);
    map_remove_text(&s->by_address, span_make(c->address, c->len));
    free(c);
}

void storms_free(struct storms **s)
{
    if (!*s)
        return;
    while ((*s)->by_address.count)
        drop_oldest(*s);
    map_free(&(*s)->by_address);
    free(*s);
    *s = NULL;
}

static struct count *find(struct storms *s, struct span address, int64_t now_ms)
{
    struct count *c = map_get_text(&s->by_address, address);
    if (c) {
        list_remove(&c->link);
    } else {
        if (s->by_address.count == s->most)
            drop_oldest(s);
        c = memory_new(sizeof *c + address.len);
        c->since_ms = now_ms;
        c->len = address.len;
        memcpy(c->address, address.at, address.len);
        map_set_text(&s->by_address, span_make(c->address, c->len), c);
    }
    list_append(&s->counts, &c->link);
    return c;
}

/* A clock that was set back begins a new hour. */
static void begin_hour(struct count *c, uint64_t singly, int64_t now_ms)
{
    int64_t age = now_ms - c->since_ms;
    if (age >= 0 && age < HOUR)
        return;
    c->is_storm = age >= 0 && age < 2 * HOUR && c->notices > singly;
    c->since_ms = c->is_storm ? c->since_ms + HOUR : now_ms;
    c->notices = 0;
}

bool storms_let_through(struct storms *s, const struct storm_rules *r, struct span address,
                        int64_t now_ms)
{
    if (!r->singly)
        return true;
    struct count *c = find(s, address, now_ms);
    begin_hour(c, r->singly, now_ms);
    c->notices++;
    if (c->is_storm || c->notices > r->singly)
        return false;
    return !rate_take(&r->rate, &s->all_due_us, now_ms);
}

void storms_count(struct storms *s, const struct storm_rules *r, int64_t now_ms)
{
    rate_take(&r->rate, &s->all_due_us, now_ms);
}
