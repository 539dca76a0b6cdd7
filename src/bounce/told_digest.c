/* What a digest says, in the order of the questions that its reader has: how many, since when, why
 * and what to do, cause by cause; was it I; how to see the rest; some of it in the servers' own
 * words. */
#include "bounce/told_inside.h"

#include "mail/encode.h"

#include <string.h>

enum {
    MOST_CAUSES = 5,
    MOST_SAMPLES = 3,
    LONGEST_SUBJECT = 200,
    LONGEST_HOST = 200,
    MOST_WORDS = 500
};

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

/* ---- how many */

struct span told_digest_title(struct told *t, const struct notice_digest *d)
{
    const struct language *l = t->language;
    size_t n = d->messages ? d->messages : d->waiting;
    const struct span with[] = {told_number(t, n)};
    const char *form = d->is_for_postmaster
                           ? words_plural(l, "%1 failure could not be reported to its sender",
                                          "%1 failures could not be reported to their senders", n)
                       : d->messages ? words_plural(l, "%1 of your messages did not arrive",
                                                    "%1 of your messages did not arrive", n)
                                     : words_plural(l, "%1 of your messages has not arrived yet",
                                                    "%1 of your messages have not arrived yet", n);
    return told_fill(t, form, with, 1);
}

static void tell_when(struct told *t, const struct notice_digest *d)
{
    struct span first = told_time(t, d->first_ms, d->offset_minutes);
    struct span last = told_time(t, d->last_ms, d->offset_minutes);
    if (span_equal(first, last))
        told_add(t, TOLD_PARAGRAPH, SAY(t, "That was noted on %1.", first));
    else /* TRANSLATORS: %1 and %2 are times, between which messages failed. */
        told_add(t, TOLD_PARAGRAPH,
                 SAY(t, "The first was noted on %1, the last on %2.", first, last));
}

static void tell_of_number(struct told *t, const char *form, size_t number)
{
    const struct span with[] = {told_number(t, number)};
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, with, 1));
}

/* Why nobody else is told. */
static void tell_why_postmaster(struct told *t, const struct notice_digest *d)
{
    const struct language *l = t->language;
    size_t forged = d->messages - d->lost;
    if (d->lost)
        tell_of_number(t,
                       words_plural(l, "%1 notice to a sender could not be delivered.",
                                    "%1 notices to senders could not be delivered.", d->lost),
                       d->lost);
    if (forged)
        tell_of_number(
            t,
            words_plural(l,
                         "The return path of %1 message is probably forged (SPF), so nothing was "
                         "sent there.",
                         "The return paths of %1 messages are probably forged (SPF), so nothing "
                         "was sent there.",
                         forged),
            forged);
}

static void tell_how_many(struct told *t, const struct notice_digest *d)
{
    const struct language *l = t->language;
    if (d->is_for_postmaster)
        tell_why_postmaster(t, d);
    else if (d->failed > d->messages)
        tell_of_number(t,
                       words_plural(l, "%1 recipient did not get them.",
                                    "%1 recipients did not get them.", d->failed),
                       d->failed);
    if (d->messages && d->waiting)
        tell_of_number(t,
                       words_plural(l, "%1 more has not arrived yet.",
                                    "%1 more have not arrived yet.", d->waiting),
                       d->waiting);
    if (d->waiting)
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "The mail server goes on trying; you need not do anything."));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "There were so many that this notice tells of all that were not told one "
                          "by one."));
}

/* ---- why */

static struct span group_title(struct told *t, const struct digest_group *g)
{
    struct span headline = span_of(say(t, g->text->headline));
    if (g->kind == OUTCOME_DELAYED)
        headline = SAY(t, "%1: %2", span_of(say(t, "Delayed")), headline);
    return SAY(t, "%1 (%2)", headline, told_number(t, g->count));
}

static void tell_group(struct told *t, const struct notice_digest *d, const struct digest_group *g)
{
    told_add(t, TOLD_GROUP, SPAN_NONE);
    told_add(t, TOLD_HEADING, group_title(t, g));
    told_add_words(t, TOLD_PARAGRAPH, say(t, g->text->sentence));
    if (g->kind == OUTCOME_FAILED && !d->is_for_postmaster)
        told_add_row(t, say(t, "What to do"), span_of(say(t, g->text->steps[0])));
    struct span first = told_time(t, g->first_ms, d->offset_minutes);
    struct span last = told_time(t, g->last_ms, d->offset_minutes);
    bool is_one_time = span_equal(first, last);
    told_add_row(t, say(t, is_one_time ? WORDS("Date") : WORDS("First")), first);
    told_add_row(t, say(t, "Last"), is_one_time ? SPAN_NONE : last);
    told_add(t, TOLD_PARAGRAPH,
             SAY(t, "For example: %1", told_shown(t, g->sample.recipient, LONGEST_HOST)));
}

static bool goes_before(const struct digest_group *a, const struct digest_group *b)
{
    if (a->kind != b->kind)
        return a->kind == OUTCOME_FAILED;
    return a->count > b->count;
}

/* What failed first, then by number. */
static const struct digest_group **in_order(const struct notice_digest *d)
{
    const struct digest_group **sorted = arena_new(d->arena, d->group_count * sizeof *sorted);
    for (size_t i = 0; i < d->group_count; i++) {
        size_t at = i;
        for (; at && goes_before(&d->groups[i], sorted[at - 1]); at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &d->groups[i];
    }
    return sorted;
}

static void tell_groups(struct told *t, const struct notice_digest *d,
                        const struct digest_group **sorted)
{
    size_t others = 0;
    for (size_t i = 0; i < d->group_count; i++) {
        if (i < MOST_CAUSES)
            tell_group(t, d, sorted[i]);
        else
            others += sorted[i]->count;
    }
    if (!others)
        return;
    told_add(t, TOLD_GROUP, SPAN_NONE);
    told_add(t, TOLD_HEADING,
             SAY(t, "%1 (%2)", span_of(say(t, "Other reasons")), told_number(t, others)));
}

/* ---- and the rest */

static void tell_if_not_yours(struct told *t)
{
    told_add(t, TOLD_GROUP, SPAN_NONE);
    told_add_words(t, TOLD_HEADING, say(t, "If you did not send these messages"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Then somebody uses your address as the sender, or has got into your "
                          "account: change its password, to be sure."));
}

static void tell_what_postmaster_does(struct told *t)
{
    told_add(t, TOLD_GROUP, SPAN_NONE);
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    told_add_words(t, TOLD_STEP,
                   say(t, "If some of the addresses belong to your users, tell them by another "
                          "way, and see to it that they get mail again."));
    told_add_words(t, TOLD_STEP,
                   say(t, "The others were probably forged: for those there is nothing to do."));
    told_add_words(t, TOLD_STEP,
                   say(t, "If this happens often, let the server refuse mail for unknown "
                          "recipients while it comes in; then no notice is needed."));
}

static struct span queue_id(struct told *t, const struct notice_digest *d)
{
    buffer_clear(&t->scratch);
    message_id_add(&t->scratch, d->id);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

static void tell_where(struct told *t, const struct notice_digest *d)
{
    const struct language *l = t->language;
    struct span command =
        arena_printf(t->arena, "plainpost trace --in %.*s", SPAN_F(queue_id(t, d)));
    told_add_words(t, TOLD_HEADING, say(t, "All of them"));
    if (d->line_count < d->failed + d->delayed)
        tell_of_number(t,
                       words_plural(l, "The attached table has the first %1 of them.",
                                    "The attached table has the first %1 of them.", d->line_count),
                       d->line_count);
    else
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "The attached table has a line for each recipient."));
    told_add(t, TOLD_PARAGRAPH,
             SAY(t, "Whoever runs the mail server %1 can see what became of each of them:",
                 told_shown(t, d->hostname, LONGEST_HOST)));
    told_add(t, TOLD_VERBATIM, command);
}

static void tell_sample(struct told *t, const struct notice_digest *d, const struct digest_line *l)
{
    struct buffer subject = BUFFER_EMPTY;
    encoded_words_decode(&subject, l->subject);
    told_add_address(t, TOLD_SUBHEADING, l->recipient);
    told_add_row(t, say(t, "Subject"), told_shown(t, buffer_span(&subject), LONGEST_SUBJECT));
    told_attempt(t, d->hostname, d->offset_minutes, &l->outcome, MOST_WORDS);
    buffer_free(&subject);
}

/* One of each cause; where there are few causes, more of them. */
static void tell_samples(struct told *t, const struct notice_digest *d,
                         const struct digest_group **sorted)
{
    size_t told = 0;
    told_add_words(t, TOLD_DETAILS, say(t, "Details"));
    for (size_t i = 0; i < d->group_count && told < MOST_SAMPLES; i++, told++)
        tell_sample(t, d, &sorted[i]->sample);
    for (size_t i = 0; i < d->line_count && told < MOST_SAMPLES; i++) {
        bool is_told = false;
        for (size_t g = 0; g < d->group_count; g++)
            is_told |= d->groups[g].sample.id == d->lines[i].id;
        if (!is_told) {
            tell_sample(t, d, &d->lines[i]);
            told++;
        }
    }
    told_add_row(t, say(t, "Reporting server"), told_shown(t, d->hostname, LONGEST_HOST));
}

static void tell_in_english(struct told *t, const struct notice_digest *d,
                            const struct digest_group **sorted)
{
    const struct language *own = t->language;
    t->language = language_english(own);
    told_add_words(t, TOLD_ECHO, "In English");
    told_add(t, TOLD_TITLE, told_digest_title(t, d));
    tell_when(t, d);
    for (size_t i = 0; i < d->group_count && i < MOST_CAUSES; i++)
        told_add(t, TOLD_NAME, group_title(t, sorted[i]));
    told_help(t, queue_id(t, d), false);
    t->language = own;
}

void notice_digest_tell(struct told *t, const struct notice_digest *d)
{
    const struct digest_group **sorted = in_order(d);
    *t = (struct told){.language = d->language,
                       .worst = d->messages ? OUTCOME_FAILED : OUTCOME_DELAYED,
                       .arena = d->arena};
    told_add(t, TOLD_TITLE, told_digest_title(t, d));
    tell_when(t, d);
    tell_how_many(t, d);
    tell_groups(t, d, sorted);
    if (d->is_for_postmaster)
        tell_what_postmaster_does(t);
    else
        tell_if_not_yours(t);
    tell_where(t, d);
    told_help(t, queue_id(t, d), false);
    tell_samples(t, d, sorted);
    if (strcmp(language_tag(t->language), "en") != 0)
        tell_in_english(t, d, sorted);
    buffer_free(&t->scratch);
}
