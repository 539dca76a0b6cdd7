/* What was changed about an account, as its owner reads it: first to where his mail goes on, which
 * is what an intruder does. */
#include "bounce/told_inside.h"

enum { LONGEST_TARGET = 320 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

static bool has(const struct account_letter *l, enum account_letter_part part)
{
    for (size_t i = 0; i < l->change_count; i++)
        if (l->changes[i].part == part)
            return true;
    return false;
}

const char *told_changed_title(const struct told *t, const struct account_letter *l)
{
    if (has(l, ACCOUNT_LETTER_FORWARDING))
        return say(t, "Your mail is now sent on elsewhere");
    if (has(l, ACCOUNT_LETTER_PASSWORD))
        return say(t, "The password of your account was changed");
    return say(t, "The filters of your mail were changed");
}

static bool is_place(const struct account_letter_change *c)
{
    return c->part == ACCOUNT_LETTER_FORWARDING && c->target.len;
}

static struct span place(struct told *t, struct span target)
{
    if (target.at[0] != '|')
        return told_shown(t, target, LONGEST_TARGET);
    /* TRANSLATORS: a program to which mail is handed; %1 is its command line. */
    return SAY(t, "the command %1", told_shown(t, span_trim(span_skip(target, 1)), LONGEST_TARGET));
}

/* Below one heading, though the first of them may have been there for longer than the others. */
static void tell_places(struct told *t, const struct account_letter *l)
{
    bool is_first = true;
    for (size_t i = 0; i < l->change_count; i++) {
        const struct account_letter_change *c = &l->changes[i];
        if (!is_place(c))
            continue;
        if (is_first) /* TRANSLATORS: %1 is a time; addresses follow. */
            told_add(t, TOLD_PARAGRAPH,
                     SAY(t, "Since %1 mail that comes for you is sent on to:",
                         told_time(t, c->since_ms, l->offset_minutes)));
        is_first = false;
        told_add(t, TOLD_NAME, place(t, c->target));
    }
}

static struct span say_what(struct told *t, enum account_letter_part part, struct span time)
{
    switch (part) {
    case ACCOUNT_LETTER_FORWARDING: /* TRANSLATORS: %1 is a time. */
        return SAY(t,
                   "Since %1 your mail has another forwarding. Where it leads is not known here.",
                   time);
    case ACCOUNT_LETTER_FILTERS: /* TRANSLATORS: %1 is a time. */
        return SAY(t, "Since %1 your mail has other filters. Filters can send mail on, or hide it.",
                   time);
    case ACCOUNT_LETTER_PASSWORD:
        break;
    } /* TRANSLATORS: %1 is a time. */
    return SAY(t, "Since %1 your account has another password.", time);
}

void told_changes(struct told *t, const struct account_letter *l)
{
    tell_places(t, l);
    for (size_t i = 0; i < l->change_count; i++) {
        const struct account_letter_change *c = &l->changes[i];
        if (!is_place(c))
            told_add(t, TOLD_PARAGRAPH,
                     say_what(t, c->part, told_time(t, c->since_ms, l->offset_minutes)));
    }
}
