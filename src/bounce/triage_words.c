/* The words are those of the advice on one notice, taken once for all that are like it. */
#include "bounce/advise_inside.h"
#include "bounce/triage_inside.h"

static struct span keep(struct triage *t, struct span text)
{
    return arena_copy(&t->arena, text);
}

static struct span keep_filled(struct triage *t, const char *text, struct span with)
{
    struct buffer b = BUFFER_EMPTY;
    words_fill(&b, t->wishes->advise.language, text, &with, 1);
    struct span kept = arena_copy(&t->arena, buffer_span(&b));
    buffer_free(&b);
    return kept;
}

/* Of an answer that is a sentence of its own. */
static struct span who_answers(struct triage *t, struct span who)
{
    const struct language *l = t->wishes->advise.language;
    if (!who.len)
        return SPAN_NONE;
    return arena_printf(&t->arena, "%s%s%.*s", words(l, "Who must act?"),
                        language_is_written_tight(l) ? "" : " ", SPAN_F(who));
}

void triage_say_pile(struct triage *t, struct triage_pile *p, const struct advice *a)
{
    p->summary = keep(t, a->summary);
    p->who = who_answers(t, a->who);
    p->actor = a->actor;
    p->step_count = a->step_count;
    for (size_t i = 0; i < a->step_count; i++)
        p->steps[i] = (struct advice_step){.text = keep(t, a->steps[i].text),
                                           .link = keep(t, a->steps[i].link),
                                           .where = keep(t, a->steps[i].where)};
}

/* The pages that steps of a cause point to belong to the first recipient's provider, and the others
 * may have another. */
static size_t keep_steps(struct triage *t, struct span *to, const struct advice_step *from,
                         size_t count, size_t most)
{
    size_t i;
    for (i = 0; i < count && i < most; i++)
        to[i] = keep(t, from[i].text);
    return i;
}

void triage_say_group(struct triage *t, struct triage_group *g, const struct advice *a,
                      const struct advice_group *group)
{
    bool is_failure = group && g->action == ACTION_FAILED;
    g->headline = keep(t, is_failure ? group->headline : a->headline);
    g->sentence = keep(t, is_failure ? group->sentence : SPAN_NONE);
    if (is_failure) {
        g->actor = group->actor;
        g->who = keep_filled(t, words(t->wishes->advise.language, "Who must act: %1."), group->who);
        g->step_count = keep_steps(t, g->steps, group->steps, group->step_count, MOST_STEPS);
    } else {
        g->actor = a->actor;
        g->who = who_answers(t, a->who);
        g->step_count = keep_steps(t, g->steps, a->steps, a->step_count, MOST_STEPS);
    }
    if (is_failure)
        g->check_count = keep_steps(t, g->checks, group->checks, group->check_count, MOST_CHECKS);
}
