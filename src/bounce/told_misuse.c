/* What the digest says of notices about mail that somebody else sent through the account, when its
 * owner has it back: what these are, that nothing is to be done for each, and what is left to do.
 */
#include "bounce/told_inside.h"

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

static void tell_title(struct told *t, const struct flood_digest *d)
{
    uint64_t all = d->before + d->count;
    const struct span with[] = {told_number(t, all)};
    const char *form = words_plural(
        t->language, "%1 notice about mail that somebody else sent through your account",
        "%1 notices about mail that somebody else sent through your account", all);
    told_add(t, TOLD_TITLE, told_fill(t, form, with, 1));
}

static void tell_what_it_is(struct told *t, const struct flood_digest *d)
{
    tell_title(t, d);
    told_add_address(t, TOLD_ADDRESS, d->mailbox);
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Somebody else has used your account to send mail. Some of that mail did "
                          "not arrive, or is late, and other servers tell you so."));
    told_how_many(t, d);
}

void misuse_tell_short(struct told *t, const struct flood_digest *d)
{
    tell_what_it_is(t, d);
    told_add_words(t, TOLD_PARAGRAPH, say(t, "There is nothing to do for any of these notices."));
}

void misuse_tell(struct told *t, const struct flood_digest *d)
{
    tell_what_it_is(t, d);
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    told_add_words(t, TOLD_STEP, say(t, "There is nothing to do for any of these notices."));
    told_add_words(t, TOLD_STEP,
                   say(t, "If you have not chosen a new password yet, choose one now, and use it "
                          "nowhere else."));
    told_add_words(t, TOLD_STEP,
                   say(t, "If somebody asks you about such mail, say that it was not from you, and "
                          "that its links and attachments are best left closed."));
    told_add_words(t, TOLD_STEP,
                   say(t, "Notices about mail that you did send still come to you, each by "
                          "itself."));
    told_add_words(t, TOLD_HEADING, say(t, "If you miss one of them"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Each of them is about mail that left through your account while "
                          "somebody else used it. They were not kept."));
}
