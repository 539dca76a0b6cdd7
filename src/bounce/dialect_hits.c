#include "bounce/dialect_phrases.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PLACES = 20000 }; /* of one phrase */

static void add_hit(struct phrases *p, struct phrase_hit hit, struct arena *a)
{
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

static void add_near(struct phrases *p, const struct dialect_phrase *phrase, bool is_own,
                     struct arena *a)
{
    if (p->near_count == p->near_room) {
        size_t room = p->near_room ? p->near_room * 2 : 32;
        struct phrase_near *more = arena_new(a, room * sizeof *more);
        if (p->near_count)
            memcpy(more, p->near, p->near_count * sizeof *more);
        p->near = more;
        p->near_room = room;
    }
    unsigned char last = (unsigned char)phrase->text.at[phrase->text.len - 1];
    p->near[p->near_count] = (struct phrase_near){phrase, is_own, p->first[last]};
    p->first[last] = (int)p->near_count++;
}

static void add_all(struct phrases *p, const struct dialect_phrase *phrases, size_t count,
                    bool is_own, struct arena *a)
{
    const struct spotted *s = p->text;
    for (size_t i = 0; i < count && phrases[i].text.len; i++) {
        size_t at = 0, len = phrases[i].text.len;
        enum phrase_role role = phrases[i].role;
        if (!threes_may_have(&s->threes, phrases[i].text))
            continue;
        if (is_near_only(role) || role == PHRASE_BELOW)
            add_near(p, &phrases[i], is_own, a);
        for (int n = 0; n < MOST_PLACES && !is_near_only(role); n++, at += len) {
            at = spotted_find(s, phrases[i].text, at);
            if (at == SPAN_NOT_FOUND)
                break;
            add_hit(p, (struct phrase_hit){at, at + len, role, is_own}, a);
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
    enum { MOST_OWN = sizeof dialect_systems[0].phrases / sizeof dialect_systems[0].phrases[0] };
    *p = (struct phrases){.text = s};
    for (size_t i = 0; i < sizeof p->first / sizeof *p->first; i++)
        p->first[i] = -1;
    add_all(p, dialect_phrases, dialect_phrase_count, false, a);
    for (size_t i = 0; i < dialect_system_count; i++) {
        const struct dialect_system *system = &dialect_systems[i];
        bool is_there = system->place == SIGN_IN_TEXT
                            ? spotted_find(s, system->sign, 0) != SPAN_NOT_FOUND
                            : is_seen(context, system);
        if (is_there)
            add_all(p, system->phrases, MOST_OWN, true, a);
    }
    if (p->count)
        qsort(p->hits, p->count, sizeof *p->hits, compare);
}

const struct dialect_phrase *phrases_at(const struct phrases *p, size_t end)
{
    const struct phrase_near *best = NULL;
    struct span text = p->text->text;
    if (!end || end > text.len)
        return NULL;
    for (int i = p->first[(unsigned char)text.at[end - 1]]; i >= 0; i = p->near[i].next) {
        const struct phrase_near *n = &p->near[i];
        struct span phrase = n->phrase->text;
        if (phrase.len > end || memcmp(text.at + end - phrase.len, phrase.at, phrase.len) != 0 ||
            !spotted_is_whole(p->text, end - phrase.len, end))
            continue;
        if (!best || n->is_own > best->is_own ||
            (n->is_own == best->is_own && phrase.len > best->phrase->text.len))
            best = n;
    }
    return best ? best->phrase : NULL;
}
