/* From verdicts to what the public header shows. */
#include "auth/library_inside.h"
#include "base/visible.h"

static const char replacement[] = "\xEF\xBF\xBD";

/* UTF-8 without NUL. */
static const char *text_of(struct span s, struct arena *a)
{
    struct buffer clean = BUFFER_EMPTY;
    uint32_t code;
    while (s.len) {
        size_t n = utf8_next(s, &code);
        if (!n)
            buffer_add_text(&clean, replacement);
        else if (code)
            buffer_add(&clean, s.at, n);
        s = span_skip(s, n ? n : 1);
    }
    const char *text = arena_text(a, buffer_span(&clean));
    buffer_free(&clean);
    return text;
}

static enum plainpost_outcome outcome_of_spf(enum spf_result r)
{
    switch (r) {
    case SPF_NONE:
        return PLAINPOST_NONE;
    case SPF_NEUTRAL:
        return PLAINPOST_NEUTRAL;
    case SPF_PASS:
        return PLAINPOST_PASS;
    case SPF_FAIL:
        return PLAINPOST_FAIL;
    case SPF_SOFTFAIL:
        return PLAINPOST_SOFTFAIL;
    case SPF_TEMPERROR:
        return PLAINPOST_TEMPERROR;
    case SPF_PERMERROR:
        return PLAINPOST_PERMERROR;
    }
    return PLAINPOST_NONE;
}

static enum plainpost_outcome outcome_of_dkim(enum dkim_verdict_result r)
{
    switch (r) {
    case DKIM_PASS:
        return PLAINPOST_PASS;
    case DKIM_FAIL:
        return PLAINPOST_FAIL;
    case DKIM_TEMPERROR:
        return PLAINPOST_TEMPERROR;
    case DKIM_PERMERROR:
        return PLAINPOST_PERMERROR;
    }
    return PLAINPOST_NONE;
}

static enum plainpost_outcome outcome_of_dmarc(enum dmarc_result r)
{
    switch (r) {
    case DMARC_NONE:
        return PLAINPOST_NONE;
    case DMARC_PASS:
        return PLAINPOST_PASS;
    case DMARC_FAIL:
        return PLAINPOST_FAIL;
    case DMARC_TEMPERROR:
        return PLAINPOST_TEMPERROR;
    case DMARC_PERMERROR:
        return PLAINPOST_PERMERROR;
    }
    return PLAINPOST_NONE;
}

static enum plainpost_outcome outcome_of_arc(enum arc_state s)
{
    switch (s) {
    case ARC_NONE:
        return PLAINPOST_NONE;
    case ARC_PASS:
        return PLAINPOST_PASS;
    case ARC_FAIL:
        return PLAINPOST_FAIL;
    }
    return PLAINPOST_NONE;
}

static enum plainpost_policy policy_of(enum dmarc_policy p)
{
    switch (p) {
    case DMARC_DO_NOTHING:
        return PLAINPOST_POLICY_NONE;
    case DMARC_QUARANTINE:
        return PLAINPOST_POLICY_QUARANTINE;
    case DMARC_REJECT:
        return PLAINPOST_POLICY_REJECT;
    }
    return PLAINPOST_POLICY_NONE;
}

static struct plainpost_spf show_spf(const struct spf_verdict *v, struct arena *a)
{
    return (struct plainpost_spf){.outcome = outcome_of_spf(v->result),
                                  .word = spf_result_word(v->result),
                                  .domain = text_of(v->domain, a),
                                  .is_helo = v->is_helo,
                                  .term = text_of(v->term, a),
                                  .said = text_of(v->said, a),
                                  .why = text_of(v->why, a),
                                  .remedy = text_of(v->remedy, a)};
}

static struct plainpost_dkim show_dkim(const struct dkim_verdict *v, struct arena *a)
{
    return (struct plainpost_dkim){.outcome = outcome_of_dkim(v->result),
                                   .word = dkim_verdict_word(v->result),
                                   .domain = text_of(v->domain, a),
                                   .selector = text_of(v->selector, a),
                                   .identity = text_of(v->identity, a),
                                   .why = text_of(v->why, a)};
}

static struct plainpost_dmarc show_dmarc(const struct dmarc_verdict *v, struct arena *a)
{
    return (struct plainpost_dmarc){.outcome = outcome_of_dmarc(v->result),
                                    .word = dmarc_result_word(v->result),
                                    .author = text_of(v->author, a),
                                    .place = text_of(v->place, a),
                                    .published = policy_of(v->published),
                                    .applied = policy_of(v->applied),
                                    .passed_by = text_of(v->passed_by, a),
                                    .passed_domain = text_of(v->passed_domain, a),
                                    .why = text_of(v->why, a),
                                    .remedy = text_of(v->remedy, a),
                                    .reports = text_of(v->record.reports, a)};
}

static struct plainpost_arc show_arc(const struct arc_verdict *v, struct arena *a)
{
    bool holds = v->state == ARC_PASS;
    const struct dkim_signature *newest = holds ? &v->chain.sets[v->chain.count - 1].seal : NULL;
    return (struct plainpost_arc){.outcome = outcome_of_arc(v->state),
                                  .word = arc_state_word(v->state),
                                  .sets = v->chain.count,
                                  .oldest_pass =
                                      holds && v->has_oldest_pass ? (int)v->oldest_pass : -1,
                                  .domain = text_of(holds ? newest->domain : SPAN(""), a),
                                  .selector = text_of(holds ? newest->selector : SPAN(""), a),
                                  .why = text_of(v->state == ARC_FAIL ? v->why : SPAN(""), a)};
}

void library_show(struct plainpost_check *c)
{
    struct library_shown *s = &c->shown;
    if (c->has_client)
        s->spf = show_spf(&c->verdict.spf, &c->settled);
    s->dkim_count = c->has_message ? c->verdict.dkim_count : 0;
    if (c->has_message)
        s->arc = show_arc(&c->verdict.arc, &c->settled);
    for (size_t i = 0; i < s->dkim_count; i++)
        s->dkim[i] = show_dkim(&c->verdict.dkim[i], &c->settled);
    if (library_has_dmarc(c))
        s->dmarc = show_dmarc(&c->verdict.dmarc, &c->settled);
}

bool library_has_dmarc(const struct plainpost_check *c)
{
    return c->has_message || c->author_count;
}
