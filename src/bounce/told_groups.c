/* Recipients of whom the same is to be said stand together: trouble before what is well. */
#include "bounce/told_inside.h"

#include <assert.h>
#include <string.h>

enum {
    MOST_GROUPS = 255
}; /* there are fewer: 5 outcomes of few kinds, and causes of two of them */

/* From the worst to the best. */
static const enum outcome_kind order[] = {OUTCOME_FAILED, OUTCOME_DELAYED, OUTCOME_EXPANDED,
                                          OUTCOME_RELAYED, OUTCOME_DELIVERED};
enum { KINDS = sizeof order / sizeof *order };

/* What is discarded is never told of. */
static size_t rank_of(enum outcome_kind kind)
{
    size_t rank = 0;
    while (rank < KINDS && order[rank] != kind)
        rank++;
    assert(rank < KINDS);
    return rank;
}

/* What was tried until the time was over has another text than what is tried still: "it takes time"
 * is no longer true. */
const struct cause_text *told_text_of(const struct outcome *o)
{
    if (o->kind != OUTCOME_FAILED && o->kind != OUTCOME_DELAYED)
        return NULL;
    const struct cause_text *own = cause_text(o->cause);
    bool just_takes_time = own->actor == ACTOR_NOBODY || o->cause.cause == CAUSE_COULD_NOT_REACH;
    return o->kind == OUTCOME_FAILED && o->is_expired && just_takes_time
               ? cause_text((struct cause_found){CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED})
               : own;
}

static bool is_same(const struct told_group *g, const struct outcome *o,
                    const struct cause_text *text)
{
    const struct outcome *first = g->first->outcome;
    return first->kind == o->kind && g->text == text &&
           outcome_has_recovered(first) == outcome_has_recovered(o) &&
           first->is_passed_on == o->is_passed_on && first->keeps_deadline == o->keeps_deadline;
}

static size_t find(const struct told_groups *g, size_t guess, const struct outcome *o,
                   const struct cause_text *text)
{
    if (guess < g->count && is_same(&g->groups[guess], o, text))
        return guess; /* most often as the one before */
    size_t k = 0;
    while (k < g->count && !is_same(&g->groups[k], o, text))
        k++;
    return k;
}

static void sort_in(struct told_groups *g, const struct report *r)
{
    for (size_t i = 0, k = 0; i < r->recipient_count; i++) {
        const struct outcome *o = r->recipients[i].outcome;
        const struct cause_text *text = told_text_of(o);
        k = find(g, k, o, text);
        assert(k < MOST_GROUPS);
        if (k == g->count)
            g->groups[g->count++] = (struct told_group){.first = &r->recipients[i], .text = text};
        g->groups[k].count++;
        g->of[i] = (unsigned char)k;
    }
}

static void put_in_order(struct told_groups *g, const struct report *r, struct arena *a)
{
    struct told_group *sorted = arena_new(a, g->count * sizeof *sorted);
    unsigned char place[MOST_GROUPS];
    size_t count = 0;
    for (size_t rank = 0; rank < KINDS; rank++)
        for (size_t i = 0; i < g->count; i++)
            if (rank_of(g->groups[i].first->outcome->kind) == rank) {
                place[i] = (unsigned char)count;
                sorted[count++] = g->groups[i];
            }
    g->groups = sorted;
    for (size_t i = 0; i < r->recipient_count; i++)
        g->of[i] = place[g->of[i]];
}

struct told_groups told_group(const struct report *r, struct arena *a)
{
    size_t most = r->recipient_count < MOST_GROUPS ? r->recipient_count : MOST_GROUPS;
    struct told_groups g = {.groups = arena_new(a, most * sizeof *g.groups),
                            .of = arena_new(a, r->recipient_count)};
    sort_in(&g, r);
    if (g.count > 1)
        put_in_order(&g, r, a);
    return g;
}

size_t told_count(const struct report *r, enum outcome_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < r->recipient_count; i++)
        count += r->recipients[i].outcome->kind == kind;
    return count;
}

enum outcome_kind told_worst(const struct report *r)
{
    size_t worst = KINDS - 1;
    for (size_t i = 0; i < r->recipient_count; i++) {
        size_t rank = rank_of(r->recipients[i].outcome->kind);
        worst = rank < worst ? rank : worst;
    }
    return order[worst];
}

struct span told_recipient(const struct report *r, size_t i)
{
    return r->original->recipients[r->recipients[i].recipient].address;
}

void told_cause(struct told *t, const struct told_group *g)
{
    const struct outcome *o = g->first->outcome;
    const struct cause_text *last = cause_text(o->cause);
    told_add_words(t, TOLD_HEADING, words(t->language, g->text->headline));
    told_add_words(t, TOLD_PARAGRAPH, words(t->language, g->text->sentence));
    if (last != g->text) /* the time is over, and this was the reason at the end */
        told_add(t, TOLD_PARAGRAPH,
                 SAY(t, "%1. %2", span_of(words(t->language, last->headline)),
                     span_of(words(t->language, last->sentence))));
}

void told_further(struct told *t, size_t count)
{
    const struct span with[] = {told_number(t, count)};
    if (count)
        told_add(t, TOLD_PARAGRAPH,
                 told_fill(t,
                           words_plural(t->language, "%1 further recipient",
                                        "%1 further recipients", count),
                           with, 1));
}
