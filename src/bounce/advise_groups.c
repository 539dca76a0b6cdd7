/* Recipients of whom the same is to be said stand together, those first of whom there are most. */
#include "bounce/advise_inside.h"

#include <stdlib.h>
#include <string.h>

size_t advise_count(const struct advising *g, bool is_good)
{
    size_t count = 0;
    for (size_t i = 0; i < g->advice->group_count; i++)
        if (action_is_good(g->advice->groups[i].action) == is_good)
            count += g->advice->groups[i].count;
    return count;
}

static bool is_same(const struct advice_group *g, const struct notice_recipient *r)
{
    return g->action == r->action &&
           (action_is_good(g->action) ||
            (g->cause.cause == r->cause.cause && cause_text(g->cause) == cause_text(r->cause)));
}

/* Trouble before what is well; then by number. */
static int by_weight(const void *a, const void *b)
{
    const struct advice_group *one = *(struct advice_group *const *)a,
                              *two = *(struct advice_group *const *)b;
    bool one_good = action_is_good(one->action), two_good = action_is_good(two->action);
    if (one_good != two_good)
        return one_good ? 1 : -1;
    if (one->count != two->count)
        return one->count > two->count ? -1 : 1;
    return one < two ? -1 : one > two;
}

/* There are fewer kinds than MOST_GROUPS: 5 actions of which 2 have causes. What is beyond, should
 * it ever be, is told with the last. */
static size_t sort_in(struct advice_group *groups, size_t count, unsigned char *of,
                      const struct notice *n)
{
    for (size_t i = 0; i < n->recipient_count; i++) {
        const struct notice_recipient *r = &n->recipients[i];
        size_t k = i ? of[i - 1] : 0; /* most often as the one before */
        if (k >= count || !is_same(&groups[k], r))
            for (k = 0; k < count && !is_same(&groups[k], r);)
                k++;
        if (k == count && count < MOST_GROUPS)
            groups[count++] = (struct advice_group){.action = r->action, .cause = r->cause};
        of[i] = (unsigned char)(k < count ? k : count - 1);
        groups[of[i]].count++;
    }
    return count;
}

static void put_in_order(struct advising *g, struct advice_group *groups, size_t count)
{
    struct advice *a = g->advice;
    const struct advice_group *order[MOST_GROUPS];
    unsigned char place[MOST_GROUPS];
    for (size_t i = 0; i < count; i++)
        order[i] = &groups[i];
    qsort(order, count, sizeof *order, by_weight);
    a->groups = arena_new(g->arena, count * sizeof *a->groups);
    a->group_count = count;
    for (size_t i = 0; i < count; i++) {
        a->groups[i] = *order[i];
        place[order[i] - groups] = (unsigned char)i;
    }
    for (size_t i = 0; i < g->notice->recipient_count; i++)
        a->group_of[i] = place[a->group_of[i]];
}

static const struct notice_recipient *first_of(const struct advising *g, size_t group)
{
    size_t i = 0;
    while (i + 1 < g->notice->recipient_count && g->advice->group_of[i] != group)
        i++;
    return &g->notice->recipients[i];
}

static const struct provider *provider_of(const struct notice_recipient *r)
{
    const struct provider *p = provider_of_address(r->address);
    return p ? p : provider_of_host(r->remote);
}

/* The page of the recipient's provider that helps with this cause. */
static void add_place(struct advising *g, struct advice_group *group,
                      const struct notice_recipient *r)
{
    enum cause c = group->cause.cause;
    if (c == CAUSE_INBOX_FULL)
        advise_place(g, &group->steps[0], provider_of(r), PLACE_STORAGE);
    if (group->check_count && (c == CAUSE_BLOCKED_REPUTATION || c == CAUSE_BLOCKED_POLICY ||
                               c == CAUSE_SENDER_AUTH_FAILED))
        advise_place(g, &group->checks[0], provider_of(r), PLACE_SENDERS);
}

static void add_words(struct advising *g, struct advice_group *group,
                      const struct notice_recipient *r)
{
    const struct cause_text *t = cause_text(group->cause);
    if (action_is_good(group->action)) {
        group->actor = ACTOR_NOBODY;
        return;
    }
    group->headline = advise_word(g, t->headline);
    group->sentence = advise_word(g, t->sentence);
    group->actor = t->actor;
    group->who = advise_word(g, actor_words(t->actor));
    for (; group->step_count < MOST_STEPS && t->steps[group->step_count][0]; group->step_count++)
        group->steps[group->step_count].text = advise_word(g, t->steps[group->step_count]);
    if (g->wishes->audience == AUDIENCE_OPERATOR)
        advise_checks(g, group);
    add_place(g, group, r);
}

void advise_groups(struct advising *g)
{
    const struct notice *n = g->notice;
    if (!n->recipient_count)
        return;
    struct advice_group groups[MOST_GROUPS];
    g->advice->group_of = arena_new(g->arena, n->recipient_count);
    size_t count = sort_in(groups, 0, g->advice->group_of, n);
    put_in_order(g, groups, count);
    for (size_t i = 0; i < count; i++)
        add_words(g, &g->advice->groups[i], first_of(g, i));
}
