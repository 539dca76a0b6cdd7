#include "bounce/told_inside.h"

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

void told_help(struct told *t, struct span id, bool needs_rule)
{
    struct span rest = span_of(words_help(t->language));
    bool is_trouble = t->worst == OUTCOME_FAILED || t->worst == OUTCOME_DELAYED;
    if (!rest.len || !is_trouble)
        return;
    if (needs_rule)
        told_add(t, TOLD_GROUP, SPAN_NONE);
    /* TRANSLATORS: below this heading an operator says whom to call. */
    told_add_words(t, TOLD_HEADING, say(t, "Do you need help?"));
    while (rest.len) {
        struct span paragraph = span_trim(span_cut(&rest, '\n'));
        if (paragraph.len)
            told_add(t, TOLD_PARAGRAPH, told_fill(t, arena_text(t->arena, paragraph), &id, 1));
    }
}
