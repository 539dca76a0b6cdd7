/* What is found out of a client is collected: what counts, and what could not be known. */
#include "entry/inside.h"

/* Each list, each fact once; and of a listing and of each name that is asked for, what failed. */
static size_t most_findings(const struct options *o)
{
    return o->entry.dns_list_count + ENTRY_FACTS;
}

enum { MOST_NAMES_ASKED = 16 };

static size_t most_unknowns(const struct options *o)
{
    return o->entry.dns_list_count + MOST_NAMES_ASKED;
}

struct entry_finding *scoring_add(struct scoring *s, enum entry_fact fact, int points,
                                  struct span about)
{
    struct entry_score *score = s->score;
    if (!points || score->count == most_findings(s->options))
        return NULL;
    size_t at = score->count++;
    for (; at && score->findings[at - 1].points < points; at--)
        score->findings[at] = score->findings[at - 1];
    score->findings[at] = (struct entry_finding){
        .fact = fact, .points = points, .about = arena_copy(s->arena, about), .said = SPAN_NONE};
    score->points += points;
    return &score->findings[at];
}

void scoring_note_unknown(struct scoring *s, struct span name, struct span why, bool is_of_list)
{
    struct entry_score *score = s->score;
    if (score->unknown_count == most_unknowns(s->options))
        return;
    score->unknowns[score->unknown_count++] =
        (struct entry_unknown){arena_copy(s->arena, name), arena_copy(s->arena, why), is_of_list};
}

const struct dns_answer *scoring_ask(struct scoring *s, struct span name, enum dns_type type,
                                     const struct dns_list *list)
{
    const struct dns_answer *answer = lookups_get(s->lookups, name, type);
    if (!answer) {
        s->is_open = true;
    } else if (answer->result == DNS_FAILED) {
        scoring_note_unknown(s, list ? list->name : name, answer->why, list != NULL);
        answer = NULL;
    }
    return answer;
}

void scoring_begin(struct scoring *s)
{
    struct entry_score *score = s->score;
    *score = (struct entry_score){
        .findings = arena_new(s->arena, most_findings(s->options) * sizeof *score->findings),
        .unknowns = arena_new(s->arena, most_unknowns(s->options) * sizeof *score->unknowns),
    };
}
