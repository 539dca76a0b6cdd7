/* For postmaster, in the place of a sender who can't be told. Either a notice of ours could not be
 * delivered: then both are named, who was to be told, and about mail to whom, so that postmaster
 * can tell them. Or whoever the return path names did not send the message. */
#include "bounce/told_inside.h"

#include "bounce/read.h"

enum { NAMED = 20, LONGEST_NAME = 200 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

static void tell_reasons(struct told *t, const struct report *r, const struct told_groups *g)
{
    for (size_t k = 0; k < g->count; k++) {
        if (k)
            told_add(t, TOLD_GROUP, SPAN_NONE);
        for (size_t i = 0; i < r->recipient_count; i++)
            if (g->of[i] == k)
                told_add_address(t, TOLD_ADDRESS, told_recipient(r, i));
        told_cause(t, &g->groups[k]);
    }
}

/* Of whose mail it told: those that the notice itself names. */
static void tell_about(struct told *t, const struct notice *lost)
{
    size_t named = lost->recipient_count < NAMED ? lost->recipient_count : NAMED;
    if (!named)
        return;
    /* TRANSLATORS: a heading; addresses follow. */
    told_add_words(t, TOLD_HEADING, say(t, "The notice told of mail to"));
    for (size_t i = 0; i < named; i++)
        told_add_address(t, TOLD_NAME, lost->recipients[i].address);
    told_further(t, lost->recipient_count + lost->further_count - named);
}

static void tell_of_lost_notice(struct told *t, const struct report *r, const struct notice *lost,
                                bool is_short)
{
    struct span to = told_shown(t, told_recipient(r, 0), LONGEST_NAME);
    /* TRANSLATORS: %1 is an address. */
    told_add(t, TOLD_PARAGRAPH,
             SAY(t,
                 "The notice would have told %1 what became of a message. Now nobody knows it but "
                 "you; the notice is attached.",
                 to));
    if (is_short)
        return;
    tell_about(t, lost);
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    /* TRANSLATORS: %1 is an address. */
    told_add(t, TOLD_STEP,
             SAY(t,
                 "If %1 belongs to one of your users, tell them by another way, and see to it "
                 "that they get mail again.",
                 to));
    told_add_words(t, TOLD_STEP,
                   say(t, "If not, the address was probably forged: then there is nothing to do."));
}

static void tell_of_forgery(struct told *t, const struct report *r, bool is_short)
{
    struct span from = told_shown(t, r->original->reverse_path, LONGEST_NAME);
    /* TRANSLATORS: a message; %1 is an address. */
    told_add(t, TOLD_PARAGRAPH,
             SAY(t,
                 "It says that it comes from %1, but the domain of that address says that the "
                 "server it came from may not send its mail (SPF). The address is probably forged, "
                 "so nothing was sent there.",
                 from));
    if (is_short)
        return;
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    told_add_words(t, TOLD_STEP,
                   say(t, "If the message is genuine, the operator of the domain has to add that "
                          "server to its SPF record."));
    told_add_words(t, TOLD_STEP, say(t, "If not, there is nothing to do."));
}

void told_to_postmaster(struct told *t, const struct report *r, const struct told_groups *g,
                        const struct notice *lost, bool is_short)
{
    told_add_words(t, TOLD_TITLE,
                   lost ? say(t, "A notice could not be delivered")
                        : say(t, "A message was not delivered, and its sender is not told"));
    tell_reasons(t, r, g);
    told_add_words(t, TOLD_HEADING, say(t, "Why you get this"));
    if (lost)
        tell_of_lost_notice(t, r, lost, is_short);
    else
        tell_of_forgery(t, r, is_short);
}
