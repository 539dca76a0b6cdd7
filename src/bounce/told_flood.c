/* What the digest of a flood says, in the order of the questions that its reader has: what is this,
 * how many, must I do something, is my account safe; what helps; and was one of them real? */
#include "bounce/told_inside.h"

#include "mail/address.h"

enum { LONGEST_DOMAIN = 200 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

static void tell_title(struct told *t, const struct flood_digest *d)
{
    uint64_t all = d->before + d->count;
    const struct span with[] = {told_number(t, all)};
    const char *form = words_plural(t->language, "%1 notice about mail that you did not send",
                                    "%1 notices about mail that you did not send", all);
    told_add(t, TOLD_TITLE, told_fill(t, form, with, 1));
}

static struct span domain_of(struct told *t, struct span address)
{
    return told_shown(t, address_domain(address), LONGEST_DOMAIN);
}

static void tell_made_up(struct told *t, const struct flood_digest *d)
{
    const struct span with[] = {told_number(t, d->made_up), domain_of(t, d->mailbox)};
    const char *form = words_plural(
        t->language, /* TRANSLATORS: %1 is a number, %2 a domain. */
        "%1 of them came to a made-up address at %2: no mail ever left here from it.",
        "%1 of them came to made-up addresses at %2: no mail ever left here from them.",
        d->made_up);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, with, 2));
}

static void tell_what_it_is(struct told *t, const struct flood_digest *d)
{
    tell_title(t, d);
    told_add_address(t, TOLD_ADDRESS, d->mailbox);
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Somebody sends mail with your address on it as the sender, and the "
                          "notices about it come to you."));
    told_how_many(t, d);
    if (d->made_up)
        tell_made_up(t, d);
}

static void tell_what_to_do(struct told *t)
{
    told_add_words(t, TOLD_HEADING, say(t, "Who must act?"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Nobody. Your account is fine, and there is nothing to repair in it."));
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    told_add_words(t, TOLD_STEP,
                   say(t, "You need not do anything: after some days it passes by itself."));
    told_add_words(t, TOLD_STEP,
                   say(t, "Notices about mail that you did send still come to you, each by "
                          "itself."));
    told_add_words(t, TOLD_STEP,
                   say(t, "If somebody complains to you about such mail, say that it was forged, "
                          "and was not sent from your account."));
}

static void tell_what_helps(struct told *t, const struct flood_digest *d)
{
    struct span domain = domain_of(t, d->mailbox);
    told_add_words(t, TOLD_HEADING, say(t, "What helps against it"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "If the domain is yours, have SPF, DKIM and DMARC set up for it, and "
                          "signed return paths: then others can tell the forgeries, and these "
                          "notices can be refused."));
    told_add(t, TOLD_PARAGRAPH, /* TRANSLATORS: %1 is a domain; a command follows. */
             SAY(t, "This shows what is missing for %1:", domain));
    told_add(t, TOLD_VERBATIM, arena_printf(t->arena, "plainpost doctor %.*s", SPAN_F(domain)));
}

static void tell_if_one_was_real(struct told *t, const struct flood_digest *d)
{
    told_add_words(t, TOLD_HEADING, say(t, "If you miss one of them"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "As far as this server knows, none of them is about mail that was sent "
                          "from here. They were not kept."));
}

void flood_tell_short(struct told *t, const struct flood_digest *d)
{
    tell_what_it_is(t, d);
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "You need not do anything: after some days it passes by itself."));
}

void flood_tell(struct told *t, const struct flood_digest *d)
{
    tell_what_it_is(t, d);
    tell_what_to_do(t);
    tell_what_helps(t, d);
    tell_if_one_was_real(t, d);
}
