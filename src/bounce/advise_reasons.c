/* The facts that a verdict names, in words. */
#include "bounce/advise_inside.h"

#include <string.h>

enum { DETAIL_SHOWN = 200 };

static const struct {
    const char *name, *text;
} facts[] = {
    /* what a true notice does not do */
    {"asks-to-sign-in", WORDS("It asks to sign in.")},
    {"asks-to-verify", WORDS("It asks to verify or confirm an account.")},
    {"asks-to-release", WORDS("It offers to release or recover messages.")},
    {"asks-to-pay", WORDS("It asks for money.")},
    {"asks-for-password", WORDS("It asks for a password.")},
    {"has-form", WORDS("It has fields to type something in.")},
    {"has-script", WORDS("It would run a program when it is opened.")},
    {"link-names-you", WORDS("A link carries your own address, as traps do.")},
    {"link-differs", WORDS("A link leads elsewhere than its text says.")},
    {"unknown-link", WORDS("A link leads to a place that has nothing to do with the message.")},
    {"link-to-anybodys-page", WORDS("A link leads to a place where anybody can put up a page.")},
    {"look-alike-host", WORDS("A link leads to a name that only looks like a known one.")},
    {"look-alike-sender", WORDS("The sender's name or address pretends to be somebody else.")},
    {"active-attachment", WORDS("It has an attachment that can do something when it is opened.")},
    {"shows-no-words", WORDS("Where a notice has its words, it has only pictures or files.")},
    {"speaks-of-something-else",
     WORDS("Its own words are about something else than the delivery of a message.")},
    {"urges", WORDS("It threatens, or sets a time, so that one acts without thinking.")},
    /* what a true notice has */
    {"report-structure", WORDS("It is built as mail systems build their reports.")},
    {"known-system", WORDS("It is worded as a known mail system words its notices.")},
    {"names-recipient", WORDS("It names a recipient and the reason.")},
    {"returns-message", WORDS("It returns the message, or the head of it.")},
    {"returns-nothing", WORDS("It returns nothing of the message, so nothing can be compared.")},
    {"auto-submitted", WORDS("It says of itself that a machine has written it.")},
    {"daemon-sender", WORDS("It comes from an address as mail systems use it.")},
    {"no-notice", WORDS("Nothing in it tells of a message that was or was not delivered.")},
    {"report-of-day", WORDS("It counts the mail of a day, and tells of no single message.")},
    /* whether the message is theirs */
    {"from-me", WORDS("The returned message has your address as its sender.")},
    {"not-from-me", WORDS("The returned message does not have your address as its sender.")},
    {"passed-here", WORDS("The returned message has passed through a mail server of your domain.")},
    {"sent", WORDS("The message is among those that you have sent.")},
    {"not-sent", WORDS("The message is not among those that you have sent.")},
    {"not-to-recipient", WORDS("The message that left from here did not go to this recipient.")},
    {"long-ago", WORDS("The message left long before this notice was written.")},
    {"wrote-to-recipient", WORDS("You have written to this recipient before.")},
    {"never-wrote-to-recipient", WORDS("Nothing that you have sent went to this recipient.")},
    {"own-signature", WORDS("The returned message bears a valid signature of your domain.")},
    {"own-signature-broken",
     WORDS("The returned message bears a signature of your domain that was made for another "
           "message.")},
    {"own-tag", WORDS("It came to a return path that only your server gives out.")},
    {"no-own-tag", WORDS("It did not come to a return path as your server gives out.")},
    {"account-suspect", WORDS("Your account sends as accounts do that have been broken into.")},
    {"returned-bulk", WORDS("The returned message is mass mail.")},
    {"returned-active", WORDS("The returned message has dangerous content.")},
};

static struct span in_words(struct advising *g, const char *name)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(facts[i].name, name) == 0)
            return advise_word(g, facts[i].text);
    return span_of(name);
}

void advise_reasons(struct advising *g)
{
    struct advice *a = g->advice;
    for (size_t i = 0; i < g->verdict->fact_count; i++) {
        const struct verdict_fact *f = &g->verdict->facts[i];
        a->reasons[a->reason_count++] =
            (struct advice_reason){.text = in_words(g, f->name),
                                   .detail = advise_shown(g, f->detail, DETAIL_SHOWN),
                                   .is_against = f->is_against};
    }
}
