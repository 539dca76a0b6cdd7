#include "tally.h"

#include "base/memory.h"
#include "wire.h"

#include <stdlib.h>
#include <string.h>

static const char field[] = "\nX-Flood: ";

void tally_start(struct tally *t, unsigned phase)
{
    tally_free(t);
    t->phase = phase;
    t->start = now_ns();
}

void tally_free(struct tally *t)
{
    free(t->messages);
    buffer_free(&t->first_failure);
    *t = (struct tally){0};
}

size_t tally_begin(struct tally *t)
{
    if (t->begun == t->room) {
        t->room = t->room ? t->room * 2 : 4096;
        t->messages = memory_resize(t->messages, t->room * sizeof *t->messages);
    }
    t->messages[t->begun] = (struct moments){0};
    return t->begun++;
}

void tally_sent(struct tally *t, size_t id)
{
    t->messages[id].sent = now_ns();
}

void tally_acknowledged(struct tally *t, size_t id)
{
    struct moments *m = &t->messages[id];
    m->acknowledged = t->last_acknowledged = now_ns();
    t->acknowledged++;
    t->both += m->arrived > 0;
}

void tally_failed(struct tally *t, struct span words)
{
    if (!t->failed++)
        buffer_add_span(&t->first_failure, words);
}

void tally_add_tag(struct buffer *out, const struct tally *t, size_t id)
{
    buffer_printf(out, "%s%u-%010zu\r\n", field + 1, t->phase, id);
}

/* False: no message of this phase. */
static bool read_tag(const struct tally *t, struct span text, size_t *id)
{
    uint64_t phase, number;
    size_t at = span_find(text, span_of(field));
    if (at == SPAN_NOT_FOUND)
        return false;
    text = span_skip(text, at + sizeof field - 1);
    struct span line = span_trim(span_cut(&text, '\n'));
    if (!span_to_u64(span_cut(&line, '-'), UINT32_MAX, &phase) ||
        !span_to_u64(line, SIZE_MAX, &number))
        return false;
    *id = (size_t)number;
    return phase == t->phase && number < t->begun;
}

void tally_arrived(struct tally *t, struct span text)
{
    size_t id;
    if (!read_tag(t, text, &id) || t->messages[id].arrived) {
        t->repeated++;
        return;
    }
    struct moments *m = &t->messages[id];
    m->arrived = t->last_arrived = now_ns();
    t->both += m->acknowledged > 0;
}

size_t tally_lost(const struct tally *t)
{
    return t->acknowledged - t->both;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The smallest that is not less than `percent` of them. */
static int64_t rank(const int64_t *sorted, size_t count, size_t percent)
{
    return sorted[(count * percent + 99) / 100 - 1];
}

struct quantiles tally_latency(const struct tally *t, size_t offset)
{
    int64_t *all = memory_new((t->begun + 1) * sizeof *all);
    struct quantiles q = {-1, -1};
    size_t count = 0;
    for (size_t i = 0; i < t->begun; i++) {
        int64_t then;
        memcpy(&then, (const char *)&t->messages[i] + offset, sizeof then);
        if (t->messages[i].sent && then)
            all[count++] = (then - t->messages[i].sent) / 1000;
    }
    qsort(all, count, sizeof *all, compare);
    if (count)
        q = (struct quantiles){rank(all, count, 50), rank(all, count, 99)};
    free(all);
    return q;
}
