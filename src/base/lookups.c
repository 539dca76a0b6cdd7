#include "base/lookups.h"

#include <assert.h>

/* RFC 1035 2.3.4: 255 bytes on the wire, which are 253 as text. */
enum { LONGEST_NAME = 253, LONGEST_LABEL = 63 };

static bool can_be_asked(struct span name)
{
    size_t label = 0;
    for (size_t i = 0; i < name.len; i++) {
        if (!name.at[i] || (name.at[i] == '.' && !label))
            return false;
        label = name.at[i] == '.' ? 0 : label + 1;
        if (label > LONGEST_LABEL)
            return false;
    }
    return label && name.len <= LONGEST_NAME;
}

void lookups_free(struct lookups *l)
{
    arena_clear(&l->arena);
    *l = (struct lookups){0};
}

static struct lookups_question *find(const struct lookups *l, struct span name, enum dns_type type)
{
    for (struct lookups_question *one = l->first; one; one = one->next)
        if (one->type == type && span_equal_nocase(one->name, name))
            return one;
    return NULL;
}

static struct lookups_question *add(struct lookups *l, struct span name, enum dns_type type)
{
    struct lookups_question *one = arena_new(&l->arena, sizeof *one);
    one->name = arena_copy(&l->arena, name);
    one->type = type;
    if (l->last)
        l->last->next = one;
    else
        l->first = one;
    l->last = one;
    l->count++;
    return one;
}

const struct dns_answer *lookups_get(struct lookups *l, struct span name, enum dns_type type)
{
    static const struct dns_answer no_name = {.result = DNS_NO_NAME};
    static const struct dns_answer too_many = {
        .result = DNS_FAILED, .why = {"too many names would have to be looked up", 41}};
    if (name.len && name.at[name.len - 1] == '.')
        name.len--;
    if (!can_be_asked(name))
        return &no_name;
    struct lookups_question *one = find(l, name, type);
    if (!one && l->count == MOST_LOOKUPS)
        return &too_many;
    if (!one)
        one = add(l, name, type);
    return one->is_answered ? &one->answer : NULL;
}

struct lookups_question *lookups_take(struct lookups *l)
{
    for (struct lookups_question *one = l->first; one; one = one->next)
        if (!one->is_answered && !one->is_taken) {
            one->is_taken = true;
            return one;
        }
    return NULL;
}

void lookups_answer(struct lookups *l, struct lookups_question *one,
                    const struct dns_answer *answer)
{
    if (one->is_answered)
        return;
    assert(answer->result == DNS_FOUND || !answer->count);
    dns_answer_copy(&one->answer, answer, &l->arena);
    one->is_answered = true;
}

void lookups_give_up(struct lookups *l, struct span why)
{
    const struct dns_answer answer = {.result = DNS_FAILED, .why = why};
    for (struct lookups_question *one = l->first; one; one = one->next)
        lookups_answer(l, one, &answer);
}
