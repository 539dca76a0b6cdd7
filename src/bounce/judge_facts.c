/* What the judge notes. */
#include "bounce/judge_inside.h"

#include <string.h>

bool judge_has_fact(const struct judging *j, const char *name)
{
    for (size_t i = 0; i < j->verdict->fact_count; i++)
        if (strcmp(j->verdict->facts[i].name, name) == 0)
            return true;
    return false;
}

void judge_fact(struct judging *j, const char *name, enum leaning leaning, struct span detail)
{
    struct verdict *v = j->verdict;
    if (v->fact_count == MOST_FACTS || judge_has_fact(j, name))
        return;
    j->leanings[v->fact_count] = leaning;
    v->facts[v->fact_count++] = (struct verdict_fact){.name = name, .detail = detail};
}

void judge_place(struct judging *j, const char *name, struct span detail)
{
    j->places += !judge_has_fact(j, name);
    judge_fact(j, name, LEANS_TRICK, detail);
}

void judge_words(struct judging *j, const char *name, bool is_demand, struct span detail)
{
    j->demands |= is_demand;
    j->words += !judge_has_fact(j, name);
    judge_fact(j, name, LEANS_TRICK, detail);
}
