#include "guard/forwarding.h"

#include "base/codec.h"
#include "guard/print.h"

#include <stdlib.h>

enum { PIECE = 256 /* print_name looks at no more than twice that; a command can be longer */ };

static uint64_t mark_of(uint64_t key, struct span target)
{
    uint64_t mark = key;
    do {
        mark = print_name(mark, 'f', span_first(target, PIECE));
        target = span_skip(target, PIECE);
    } while (target.len);
    return mark;
}

static int by_number(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

static bool has(const struct forwarding *f, uint64_t mark)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->marks[i] == mark)
            return true;
    return false;
}

void forwarding_of(struct forwarding *f, uint64_t key, const struct span *targets, size_t count)
{
    f->count = 0;
    for (size_t i = 0; i < count && f->count <= FORWARDING_MOST; i++) {
        uint64_t mark = mark_of(key, targets[i]);
        if (has(f, mark))
            continue;
        if (f->count < FORWARDING_MOST)
            f->marks[f->count] = mark;
        f->count++;
        if (f->count > FORWARDING_MOST)
            return;
    }
    qsort(f->marks, f->count, sizeof *f->marks, by_number);
}

struct forwarding_news forwarding_compare(const struct forwarding *before, uint64_t key,
                                          const struct span *targets, size_t count)
{
    struct forwarding_news news = {0};
    for (size_t i = count; before->count <= FORWARDING_MOST && i--;) {
        if (has(before, mark_of(key, targets[i])))
            continue;
        news.count++;
        news.first = i;
    }
    return news;
}

void forwarding_write(struct buffer *out, const struct forwarding *f)
{
    codec_add_number(out, f->count);
    for (size_t i = 0; f->count <= FORWARDING_MOST && i < f->count; i++)
        codec_add_number(out, f->marks[i]);
}

bool forwarding_read(struct forwarding *f, struct span kept)
{
    struct codec_reading r = {kept, true};
    f->count = (size_t)codec_number(&r, FORWARDING_MOST + 1);
    for (size_t i = 0; r.ok && f->count <= FORWARDING_MOST && i < f->count; i++) {
        f->marks[i] = codec_number(&r, UINT64_MAX);
        r.ok = r.ok && (!i || f->marks[i] > f->marks[i - 1]);
    }
    return r.ok && !r.rest.len;
}
