#include "bounce/dialect_phrases.h"

#include <stdlib.h>

enum { MOST_HITS = 200000 };

static void add_hit(struct phrases *p, struct phrase_hit hit, struct arena *a)
{
    if (p->count == MOST_HITS)
        return;
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 16;
        struct phrase_hit *more = arena_new(a, room * sizeof *more);
        if (p->count)
            memcpy(more, p->hits, p->count * sizeof *more);
        p->hits = more;
        p->room = room;
    }
    p->hits[p->count++] = hit;
}

/* What opens and closes is looked for everywhere; the others only beside an address. */
static bool is_near_only(enum phrase_role role)
{
    return role == PHRASE_BEHIND || role == PHRASE_INSIDE || role == PHRASE_TOLD ||
           role == PHRASE_RCPT || role == PHRASE_ALIAS || role == PHRASE_NOBODY;
}

/* ---- the whole text */

/* The common phrases; `is_there` is told of which systems the sign is seen. */
static void add_common(struct phrases *p, bool *is_there, struct arena *a)
{
    struct phrase_scan scan = phrase_scan_start(&phrase_set_dialect, p->text->text);
    const struct phrase *phrase;
    for (size_t at; phrase_next(&scan, &phrase, &at);) {
        size_t end = at + phrase->length;
        if (!spotted_is_whole(p->text, at, end))
            continue;
        if (phrase->list == PHRASE_SIGN)
            is_there[phrase->order] = true;
        else
            add_hit(p, (struct phrase_hit){at, end, (enum phrase_role)phrase->list, false}, a);
    }
}

static void add_own(struct phrases *p, const struct dialect_system *system, struct arena *a)
{
    for (size_t i = 0; i < system->count; i++) {
        const struct dialect_phrase *own = &system->phrases[i];
        size_t at = 0, len = own->text.len;
        while (!is_near_only(own->role) &&
               (at = spotted_find(p->text, own->text, at)) != SPAN_NOT_FOUND) {
            add_hit(p, (struct phrase_hit){at, at + len, own->role, true}, a);
            at += len;
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

void phrases_take(struct phrases *p, const struct spotted *s, phrase_sign_seen *is_seen,
                  void *context, struct arena *a)
{
    bool *is_there = arena_new(a, dialect_system_count * sizeof *is_there);
    *p = (struct phrases){.text = s};
    p->systems = arena_new(a, dialect_system_count * sizeof(struct dialect_system *));
    add_common(p, is_there, a);
    for (size_t i = 0; i < dialect_system_count; i++) {
        const struct dialect_system *system = &dialect_systems[i];
        if (!(system->place == SIGN_IN_TEXT ? is_there[i] : is_seen(context, system)))
            continue;
        p->systems[p->system_count++] = system;
        add_own(p, system, a);
    }
    if (p->count)
        qsort(p->hits, p->count, sizeof *p->hits, compare);
}

/* ---- beside an address */

static bool ends_with(const struct spotted *s, size_t end, struct span phrase)
{
    return phrase.len <= end && memcmp(s->text.at + end - phrase.len, phrase.at, phrase.len) == 0 &&
           spotted_is_whole(s, end - phrase.len, end);
}

static const struct dialect_phrase *own_at(const struct phrases *p, size_t end)
{
    const struct dialect_phrase *best = NULL;
    for (size_t n = 0; n < p->system_count; n++) {
        const struct dialect_system *system = p->systems[n];
        for (size_t i = 0; i < system->count; i++) {
            const struct dialect_phrase *own = &system->phrases[i];
            if ((is_near_only(own->role) || own->role == PHRASE_BELOW) &&
                ends_with(p->text, end, own->text) && (!best || own->text.len >= best->text.len))
                best = own;
        }
    }
    return best;
}

/* Which one comes first, read from the end? */
static int compare_backwards(struct span text, struct span phrase)
{
    for (size_t i = 1; i <= phrase.len; i++) {
        if (i > text.len)
            return -1;
        unsigned char x = (unsigned char)text.at[text.len - i],
                      y = (unsigned char)phrase.at[phrase.len - i];
        if (x != y)
            return x < y ? -1 : 1;
    }
    return 1; /* the text goes on */
}

/* Among the phrases before which the text would not stand, the last one and those with which it
 * ends are all that the text may end with. */
static const struct dialect_phrase *common_at(const struct phrases *p, size_t end)
{
    struct span text = span_first(p->text->text, end);
    size_t from = 0, to = near_phrase_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare_backwards(text, near_phrases[middle].phrase.text) < 0)
            to = middle;
        else
            from = middle + 1;
    }
    for (int i = (int)from - 1; i >= 0; i = near_phrases[i].shorter)
        if (ends_with(p->text, end, near_phrases[i].phrase.text))
            return &near_phrases[i].phrase;
    return NULL;
}

const struct dialect_phrase *phrases_at(const struct phrases *p, size_t end)
{
    if (!end || end > p->text->text.len)
        return NULL;
    const struct dialect_phrase *own = own_at(p, end);
    return own ? own : common_at(p, end);
}
