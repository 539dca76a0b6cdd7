#include "config/options_change.h"

#include "base/map.h"
#include "base/memory.h"
#include "config/line_values.h"

#include <stdlib.h>
#include <string.h>

/* ---- references */

const struct options *options_ref(const struct options *o)
{
    atomic_fetch_add(&((struct options *)(uintptr_t)o)->references, 1);
    return o;
}

void options_unref(const struct options **options)
{
    struct options *o = (struct options *)(uintptr_t)*options;
    *options = NULL;
    if (!o || atomic_fetch_sub(&o->references, 1) != 1)
        return;
    options_free(o);
    free(o);
}

/* ---- comparing */

struct comparing {
    const struct option *option;
    void (*each)(void *arg, const struct option_change *c);
    void *arg;
};

static void tell(const struct comparing *x, struct span was, struct span is)
{
    const struct option_change c = {x->option->name, was, is, x->option->needs_restart};
    x->each(x->arg, &c);
}

/* The values as text, one behind the other; `ends` has where each ends. */
struct texts {
    struct buffer all;
    size_t *ends, count;
};

static void print_all(struct texts *t, const struct options *o, const struct option *option)
{
    const char *at = (const char *)o + option->offset;
    t->count = 1;
    if (option->count_offset) {
        memcpy(&t->count, (const char *)o + option->count_offset, sizeof t->count);
        memcpy(&at, (const void *)at, sizeof at);
    }
    t->ends = memory_new((t->count + 1) * sizeof *t->ends);
    for (size_t i = 0; i < t->count; i++) {
        line_value_print(&t->all, option, at + i * line_value_size(option));
        t->ends[i] = t->all.len;
    }
}

static struct span text_at(const struct texts *t, size_t i)
{
    size_t begin = i ? t->ends[i - 1] : 0;
    return span_make(t->all.at + begin, t->ends[i] - begin);
}

static void texts_free(struct texts *t)
{
    buffer_free(&t->all);
    free(t->ends);
}

/* Each of `some` that is not among the others; `tells_new`: those are the ones from before. */
static void compare_lists(const struct comparing *x, const struct texts *some,
                          const struct texts *others, bool tells_new)
{
    struct map known = MAP_EMPTY;
    for (size_t i = 0; i < others->count; i++)
        map_set_text(&known, text_at(others, i), &others->ends[i]);
    for (size_t i = 0; i < some->count; i++) {
        struct span text = text_at(some, i);
        if (!map_get_text(&known, text))
            tell(x, tells_new ? SPAN_NONE : text, tells_new ? text : SPAN_NONE);
    }
    map_free(&known);
}

static void compare_one(const struct comparing *x, const struct options *was,
                        const struct options *is)
{
    struct texts before = {.all = BUFFER_EMPTY}, after = {.all = BUFFER_EMPTY};
    print_all(&before, was, x->option);
    print_all(&after, is, x->option);
    if (x->option->count_offset) {
        compare_lists(x, &before, &after, false);
        compare_lists(x, &after, &before, true);
    } else if (!span_equal(buffer_span(&before.all), buffer_span(&after.all))) {
        tell(x, buffer_span(&before.all), buffer_span(&after.all));
    }
    texts_free(&before);
    texts_free(&after);
}

void options_compare(const struct options *was, const struct options *is,
                     void (*each)(void *arg, const struct option_change *c), void *arg)
{
    for (size_t i = 0; i < options_count(); i++) {
        const struct comparing x = {option_at(i), each, arg};
        compare_one(&x, was, is);
    }
}

/* ---- what stays */

static bool is_text(enum option_type t)
{
    return t == OPTION_PATH || t == OPTION_HOST || t == OPTION_WORD;
}

bool options_keep(struct options *fresh, const struct options *was, struct error *e)
{
    for (size_t i = 0; i < options_count(); i++) {
        const struct option *option = option_at(i);
        char *to = (char *)fresh + option->offset;
        const char *from = (const char *)was + option->offset;
        if (!option->needs_restart)
            continue;
        if (is_text(option->type))
            *(struct span *)(void *)to =
                arena_copy(&fresh->arena, *(const struct span *)(const void *)from);
        else
            memcpy(to, from, line_value_size(option));
    }
    return options_fit(fresh, e);
}
