#include "base/answers.h"

#include "base/dns.h"

enum { LONGEST_KEY = 2 + 255 };

struct known {
    struct dns_answer answer;
    int64_t until_ms;
};

static void generation_free(struct answers_generation *g)
{
    map_free(&g->map);
    arena_clear(&g->arena);
}

void answers_free(struct answers *a)
{
    generation_free(&a->younger);
    generation_free(&a->older);
}

/* False: no name is so long. */
static bool make_key(char key[LONGEST_KEY], struct span *text, struct span name, enum dns_type type)
{
    if (name.len > LONGEST_KEY - 2)
        return false;
    key[0] = (char)(type & 0xFF);
    key[1] = (char)(type >> 8);
    for (size_t i = 0; i < name.len; i++)
        key[2 + i] = ascii_lower(name.at[i]);
    *text = span_make(key, 2 + name.len);
    return true;
}

static struct answers_generation *room_in(struct answers *a)
{
    struct answers_generation *g = &a->younger;
    if (g->map.count < ANSWERS_MOST && g->arena.total < ANSWERS_MOST_BYTES)
        return g;
    generation_free(&a->older);
    a->older = *g;
    *g = (struct answers_generation){.map = MAP_EMPTY};
    return g;
}

void answers_put(struct answers *a, struct span name, enum dns_type type,
                 const struct dns_answer *answer, int64_t now_ms)
{
    char key[LONGEST_KEY];
    struct span text;
    if (answer->result == DNS_FAILED || !answer->ttl || !make_key(key, &text, name, type))
        return;
    struct answers_generation *g = room_in(a);
    struct known *k = arena_new(&g->arena, sizeof *k);
    int64_t seconds = answer->ttl < ANSWERS_LONGEST ? answer->ttl : ANSWERS_LONGEST;
    dns_answer_copy(&k->answer, answer, &g->arena);
    k->until_ms = now_ms + seconds * 1000;
    map_set_text(&g->map, arena_copy(&g->arena, text), k);
}

const struct dns_answer *answers_get(const struct answers *a, struct span name, enum dns_type type,
                                     int64_t now_ms)
{
    char key[LONGEST_KEY];
    struct span text;
    if (!make_key(key, &text, name, type))
        return NULL;
    const struct known *k = map_get_text(&a->younger.map, text);
    if (!k)
        k = map_get_text(&a->older.map, text);
    return k && now_ms < k->until_ms ? &k->answer : NULL;
}
