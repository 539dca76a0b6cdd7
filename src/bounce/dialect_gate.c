#include "bounce/dialect_gate.h"

void dialect_look(struct gate *g, const struct reading *r)
{
    const struct signs *signs = &r->signs;
    bool is_daemon =
        signs->is_daemon || signs->is_null_sender || folded_has_any(&r->from, FROM_DAEMON);
    *g =
        (struct gate){.is_daemon = is_daemon,
                      .has_subject = signs->claim == NOTICE_FAILURE || signs->claim == NOTICE_DELAY,
                      .has_words = folded_has_any(&r->words, TEXT_NOTICE),
                      .names_failed = survey_has_field(r->survey, "X-Failed-Recipients")};
    bool claims_success = signs->claim == NOTICE_SUCCESS;
    g->is_success = claims_success && !g->has_words;
    g->has_subject |= claims_success && signs->is_daemon;
    g->is_delay = folded_has_any(&r->words, TEXT_DELAYED) && !folded_has_any(&r->words, TEXT_OVER);
}

bool dialect_is_notice(const struct gate *g)
{
    return (g->names_failed && g->has_words) ||
           (g->is_daemon && (g->has_words || g->has_subject)) || (g->has_subject && g->has_words);
}
