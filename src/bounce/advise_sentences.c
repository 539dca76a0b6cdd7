/* What happened, in one sentence, and whether they sent it. Each is written out in full for what is
 * known: no sentence is glued together from pieces. */
#include "bounce/advise_inside.h"

enum { SUBJECT_SHOWN = 150, ADDRESS_SHOWN = 120 };

enum happening { NOT_DELIVERED, DELAYED, DELIVERED, PASSED_ON };

static const struct {
    const char *subject_and_one, *one, *subject_and_some, *some, *nobody_named;
} summaries[] = {
    [NOT_DELIVERED] = {WORDS("The message “%1” to %2 was not delivered."),
                       WORDS("The message to %1 was not delivered."),
                       WORDS("The message “%1” was not delivered to several recipients."),
                       WORDS("The message was not delivered to several recipients."),
                       WORDS("A message was not delivered.")},
    [DELAYED] = {WORDS("The message “%1” to %2 is delayed."),
                 WORDS("The message to %1 is delayed."),
                 WORDS("The message “%1” to several recipients is delayed."),
                 WORDS("The message to several recipients is delayed."),
                 WORDS("A message is delayed.")},
    [DELIVERED] = {WORDS("The message “%1” to %2 was delivered."),
                   WORDS("The message to %1 was delivered."),
                   WORDS("The message “%1” was delivered to several recipients."),
                   WORDS("The message was delivered to several recipients."),
                   WORDS("A message was delivered.")},
    [PASSED_ON] = {WORDS("The message “%1” to %2 was passed on."),
                   WORDS("The message to %1 was passed on."),
                   WORDS("The message “%1” to several recipients was passed on."),
                   WORDS("The message to several recipients was passed on."),
                   WORDS("A message was passed on.")},
};

struct span recipient_as_sent(const struct notice_recipient *r)
{
    return r->original.len ? r->original : r->address;
}

static enum happening happening_of(const struct advising *g)
{
    enum notice_action a = g->advice->group_count ? g->advice->groups[0].action : ACTION_UNKNOWN;
    if (g->notice->kind == NOTICE_DELAY)
        return DELAYED;
    if (g->notice->kind == NOTICE_SUCCESS)
        return a == ACTION_RELAYED || a == ACTION_EXPANDED ? PASSED_ON : DELIVERED;
    return NOT_DELIVERED;
}

/* The recipient of whom there is most to say: the first of the first group. */
static struct span main_recipient(struct advising *g)
{
    for (size_t i = 0; i < g->notice->recipient_count; i++)
        if (g->advice->group_of[i] == 0)
            return advise_shown(g, recipient_as_sent(&g->notice->recipients[i]), ADDRESS_SHOWN);
    return SPAN_NONE;
}

static struct span subject_of(struct advising *g)
{
    return advise_shown(g, span_trim(g->notice->original.subject), SUBJECT_SHOWN);
}

static struct span about_meeting(struct advising *g, struct span to)
{
    struct span name = advise_shown(g, g->notice->original.meeting, SUBJECT_SHOWN);
    if (!g->notice->original.meeting_ms)
        return SAY(g, "The invitation “%1” was not delivered to %2.", name, to);
    return SAY(g, "The invitation “%1” for %2 was not delivered to %3.", name,
               advise_time(g, g->notice->original.meeting_ms), to);
}

struct span advise_headline(struct advising *g)
{
    const struct advice_group *first = &g->advice->groups[0];
    if (first->count > 1)
        return first->headline;
    /* TRANSLATORS: %1 is a heading such as "Inbox full", %2 the address of the recipient. */
    return SAY(g, "%1: %2", first->headline, main_recipient(g));
}

struct span advise_summary(struct advising *g)
{
    enum happening h = happening_of(g);
    size_t count = advise_count(g, h == DELIVERED || h == PASSED_ON);
    struct span subject = subject_of(g), to = main_recipient(g);
    if (count == 1 && g->notice->original.meeting.len && h == NOT_DELIVERED)
        return about_meeting(g, to);
    if (count == 1)
        return subject.len ? SAY(g, summaries[h].subject_and_one, subject, to)
                           : SAY(g, summaries[h].one, to);
    if (count)
        return subject.len ? SAY(g, summaries[h].subject_and_some, subject)
                           : advise_word(g, summaries[h].some);
    return advise_word(g, summaries[h].nobody_named);
}

/* ---- did you send it? */

/* To whom they wrote, as far as it shows. Whoever answers got the message. */
static struct span addressee(struct advising *g)
{
    const struct notice *n = g->notice;
    if (n->recipient_count)
        return main_recipient(g);
    if (n->kind == NOTICE_AUTO_REPLY || n->kind == NOTICE_CHALLENGE)
        return advise_shown(g, span_trim(n->from), ADDRESS_SHOWN);
    return advise_shown(g, n->original.to, ADDRESS_SHOWN);
}

static struct span it_is_yours_if(struct advising *g)
{
    const struct notice_original *o = &g->notice->original;
    struct span subject = subject_of(g), to = addressee(g);
    if (!to.len && !subject.len)
        return advise_word(g, "Likely. It is about your message if you have sent one lately that "
                              "fits.");
    if (!to.len)
        return SAY(g, "Likely. It is about your message if you wrote about “%1”.", subject);
    if (!o->date_ms)
        return subject.len
                   ? SAY(g, "Likely. It is about your message if you wrote to %1 about “%2”.", to,
                         subject)
                   : SAY(g, "Likely. It is about your message if you wrote to %1.", to);
    struct span when = advise_time(g, o->date_ms);
    return subject.len
               ? SAY(g, "Likely. It is about your message if you wrote to %1 about “%2” on %3.", to,
                     subject, when)
               : SAY(g, "Likely. It is about your message if you wrote to %1 on %2.", to, when);
}

static struct span did_you_write(struct advising *g)
{
    struct span subject = subject_of(g), to = main_recipient(g);
    if (to.len && subject.len)
        return SAY(g, "That is the question: did you write to %1 about “%2”?", to, subject);
    if (to.len)
        return SAY(g, "That is the question: did you write to %1?", to);
    if (subject.len)
        return SAY(g, "That is the question: did you write about “%1”?", subject);
    return advise_word(g, "That is the question: did you write the message that it speaks of?");
}

struct span advise_whether_sent(struct advising *g)
{
    if (g->verdict->provenance == PROVENANCE_PROVEN)
        return advise_word(g, "Yes. There is proof that this message is yours.");
    bool is_answer = g->notice->kind == NOTICE_FEEDBACK_REPORT ||
                     g->notice->kind == NOTICE_CHALLENGE || g->notice->kind == NOTICE_AUTO_REPLY;
    if (g->verdict->class == VERDICT_UNKNOWN && !is_answer)
        return did_you_write(g);
    if (is_answer || g->verdict->class == VERDICT_AUTO_REPLY)
        return it_is_yours_if(g);
    return advise_join(g, it_is_yours_if(g),
                       advise_word(g, "If you did not, somebody used your address as the sender; "
                                      "nothing is wrong with your account."));
}
