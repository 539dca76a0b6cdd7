#include "bounce/told_inside.h"

#include "base/visible.h"

#include <string.h>

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;
enum { LONGEST_ADDRESS = 320, FIRST_ROOM = 32 };

/* Room doubles; what was there before stays in the arena until all is over. */
static struct told_block *next_block(struct told *t)
{
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : FIRST_ROOM;
        struct told_block *more = arena_new(t->arena, room * sizeof *more);
        if (t->count)
            memcpy(more, t->blocks, t->count * sizeof *more);
        t->blocks = more;
        t->room = room;
    }
    return &t->blocks[t->count++];
}

void told_add(struct told *t, enum told_kind kind, struct span text)
{
    *next_block(t) = (struct told_block){.kind = kind, .text = text};
}

void told_add_words(struct told *t, enum told_kind kind, const char *text)
{
    told_add(t, kind, span_of(text));
}

void told_add_row(struct told *t, const char *label, struct span value)
{
    if (value.len)
        *next_block(t) =
            (struct told_block){.kind = TOLD_ROW, .label = span_of(label), .text = value};
}

void told_add_address(struct told *t, enum told_kind kind, struct span address)
{
    told_add(t, kind, told_shown(t, address, LONGEST_ADDRESS));
}

struct span told_shown(struct told *t, struct span text, size_t most)
{
    buffer_clear(&t->scratch);
    visible_add_field(&t->scratch, text, most);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

struct span told_time(struct told *t, int64_t time_ms, int offset_minutes)
{
    buffer_clear(&t->scratch);
    words_add_time(&t->scratch, t->language, time_ms, offset_minutes);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

struct span told_day(struct told *t, int64_t time_ms, int offset_minutes)
{
    int64_t local_ms = time_ms + (int64_t)offset_minutes * 60000;
    buffer_clear(&t->scratch);
    words_add_day(&t->scratch, t->language, local_ms / DAY_MS);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

struct span told_number(struct told *t, size_t number)
{
    return arena_printf(t->arena, "%zu", number);
}

struct span told_fill(struct told *t, const char *text, const struct span *with, size_t count)
{
    buffer_clear(&t->scratch);
    words_fill(&t->scratch, t->language, text, with, count);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}
