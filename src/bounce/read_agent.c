/* Which system wrote a notice: the first row of data/agents that fits. */
#include "bounce/read_inside.h"

#include "bounce/tables.h"

/* The last of its Received fields is the first that was written. */
static struct span first_hop(const struct reading *r)
{
    const struct survey *s = r->survey;
    for (size_t i = s->field_count; i; i--)
        if (span_equal_nocase(s->fields[i - 1].name, SPAN("Received")))
            return s->fields[i - 1].value;
    return SPAN_NONE;
}

static struct span report_fields(const struct survey *s)
{
    const struct survey_part *p = survey_part(s, PART_STATUS);
    return p ? p->text : SPAN_NONE;
}

/* The first row of data/agents of which `text` has the words, or `best` if that comes first. */
static size_t best_of(const struct folded *text, enum sign_words list, size_t best)
{
    const struct phrase *found = folded_has_any(text, list);
    return found && found->order < best ? found->order : best;
}

/* The same for what nobody has looked at before. */
static size_t best_of_others(struct reading *r, size_t best)
{
    enum { MOST = 2000 };
    struct span mailer = survey_field(r->survey, "X-Mailer", r->arena);
    if (!mailer.len)
        mailer = survey_field(r->survey, "User-Agent", r->arena);
    const struct {
        struct span text;
        const struct phrase_set *set;
        enum sign_words list;
    } others[] = {{r->notice->reporting, &phrase_set_reporting, REPORTING_AGENT},
                  {report_fields(r->survey), &phrase_set_fields, FIELDS_AGENT},
                  {mailer, &phrase_set_mailer, MAILER_AGENT},
                  {first_hop(r), &phrase_set_received, RECEIVED_AGENT},
                  {r->notice->message_id, &phrase_set_id, ID_AGENT}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct folded folded;
        folded_take(&folded, others[i].text, MOST, others[i].set, r->arena);
        best = best_of(&folded, others[i].list, best);
    }
    return best;
}

const char *read_agent(struct reading *r)
{
    size_t best = best_of(&r->words, TEXT_AGENT, agent_count);
    best = best_of(&r->subject, SUBJECT_AGENT, best);
    best = best_of(&r->from, FROM_AGENT, best);
    best = best_of_others(r, best);
    for (size_t i = 0; i < best; i++)
        if (agents[i].field && survey_has_field(r->survey, agents[i].field))
            return agents[i].name;
    return best < agent_count ? agents[best].name : "";
}
