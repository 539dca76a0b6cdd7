#include "provenance/lately_kept.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct lately_word {
    struct lately_word *next;
    uint64_t id; /* the latest message that had it */
    struct lately_sent what;
};

void lately_kept_free(struct lately_kept *k)
{
    free(k->messages);
    map_free(&k->subjects);
    map_free(&k->recipients);
    arena_clear(&k->arena);
    *k = (struct lately_kept){0};
}

size_t lately_kept_bytes(const struct lately_kept *k)
{
    return k->arena.total + k->cap * sizeof *k->messages +
           (k->subjects.cap + k->recipients.cap) * sizeof(struct map_slot);
}

/* Where it is, or would be: the first that is not older. */
static size_t place_of(const struct lately_kept *k, uint64_t id)
{
    size_t low = 0, high = k->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (k->messages[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t lately_kept_rows(const struct lately_kept *k, uint64_t id)
{
    size_t at = place_of(k, id);
    return at < k->count && k->messages[at].id == id ? k->messages[at].rows : 0;
}

void lately_kept_add(struct lately_kept *k, uint64_t id, size_t rows)
{
    size_t at = place_of(k, id);
    if (at < k->count && k->messages[at].id == id)
        return;
    if (k->count == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 16;
        k->messages = memory_resize(k->messages, k->cap * sizeof *k->messages);
    }
    memmove(k->messages + at + 1, k->messages + at, (k->count - at) * sizeof *k->messages);
    k->messages[at] = (struct lately_message){id, rows};
    k->count++;
}

static void note_word(struct lately_kept *k, struct map *of, uint64_t id, struct span text,
                      bool is_subject)
{
    struct lately_word *w = map_get_text(of, text);
    if (!text.len)
        return;
    if (!w) {
        struct span copy = arena_copy(&k->arena, text);
        w = arena_new(&k->arena, sizeof *w);
        w->what =
            is_subject ? (struct lately_sent){.subject = copy} : (struct lately_sent){.to = copy};
        w->next = k->words;
        k->words = w;
        map_set_text(of, copy, w);
    }
    w->id = id > w->id ? id : w->id;
}

void lately_kept_note(struct lately_kept *k, uint64_t id, const struct lately_sent *s)
{
    note_word(k, &k->subjects, id, s->subject, true);
    note_word(k, &k->recipients, id, s->to, false);
    if (s->is_plain && id > k->plain_id)
        k->plain_id = id;
}

bool lately_kept_see(const struct lately_kept *k, uint64_t since_id, lately_fn *see, void *of)
{
    bool goes_on =
        !k->plain_id || k->plain_id < since_id || see(of, &(struct lately_sent){.is_plain = true});
    for (const struct lately_word *w = k->words; w && goes_on; w = w->next)
        goes_on = w->id < since_id || see(of, &w->what);
    return goes_on;
}
