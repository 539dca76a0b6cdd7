#include "bounce/dialect_phrases.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PLACES = 20000 }; /* of one phrase */

static void add(struct phrase_hits *h, struct phrase_hit hit, struct arena *a)
{
    if (h->count == h->room) {
        size_t room = h->room ? h->room * 2 : 32;
        struct phrase_hit *more = arena_new(a, room * sizeof *more);
        if (h->count)
            memcpy(more, h->all, h->count * sizeof *more);
        h->all = more;
        h->room = room;
    }
    h->all[h->count++] = hit;
}

static void add_all(struct phrase_hits *h, const struct spotted *s,
                    const struct dialect_phrase *phrases, size_t count, bool is_own,
                    struct arena *a)
{
    for (size_t i = 0; i < count && phrases[i].text.len; i++) {
        size_t at = 0, len = phrases[i].text.len;
        for (int n = 0; n < MOST_PLACES; n++, at += len) {
            at = spotted_find(s, phrases[i].text, at);
            if (at == SPAN_NOT_FOUND)
                break;
            add(h, (struct phrase_hit){at, at + len, phrases[i].role, is_own}, a);
        }
    }
}

static int compare(const void *a, const void *b)
{
    const struct phrase_hit *x = a, *y = b;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    if (x->is_own != y->is_own)
        return x->is_own ? 1 : -1;
    return x->at == y->at ? 0 : x->at > y->at ? -1 : 1;
}

void phrase_hits_take(struct phrase_hits *h, const struct spotted *s, phrase_sign_seen *is_seen,
                      void *context, struct arena *a)
{
    add_all(h, s, dialect_phrases, dialect_phrase_count, false, a);
    for (size_t i = 0; i < dialect_system_count; i++) {
        const struct dialect_system *system = &dialect_systems[i];
        bool is_there = system->place == SIGN_IN_TEXT
                            ? spotted_find(s, system->sign, 0) != SPAN_NOT_FOUND
                            : is_seen(context, system);
        if (is_there)
            add_all(h, s, system->phrases, sizeof system->phrases / sizeof *system->phrases, true,
                    a);
    }
    if (h->count)
        qsort(h->all, h->count, sizeof *h->all, compare);
}

const struct phrase_hit *phrase_hits_before(const struct phrase_hits *h, size_t end)
{
    size_t low = 0, high = h->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->all[middle].end <= end)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &h->all[low - 1] : NULL;
}
