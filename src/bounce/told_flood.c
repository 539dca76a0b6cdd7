/* What the digest of a flood says, in the order of the questions that its reader has: what is this,
 * how many, must I do something, is my account safe; what helps; and was one of them real? */
#include "bounce/told_inside.h"

#include "mail/address.h"
#include "mail/encode.h"

#include <string.h>

enum { LONGEST_SERVER = 200, LONGEST_SUBJECT = 200, MOST_SAMPLES = 3 };

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

static void tell_how_many(struct told *t, const struct flood_digest *d)
{
    uint64_t all = d->before + d->count;
    const struct span with[] = {told_number(t, all), told_time(t, d->since_ms, d->offset_minutes)};
    const char *form =
        words_plural(t->language, /* TRANSLATORS: %1 is a number, %2 a time. */
                     "Since %2 there was %1 of them. It was kept out of your inbox.",
                     "Since %2 there were %1 of them. They were kept out of your inbox.", all);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, with, 2));
    if (!d->before)
        return;
    const struct span new[] = {told_number(t, d->count)};
    form = words_plural(t->language, "%1 of them is new since the last summary.",
                        "%1 of them are new since the last summary.", d->count);
    told_add(t, TOLD_PARAGRAPH, told_fill(t, form, new, 1));
}

static void tell_what_it_is(struct told *t, const struct flood_digest *d)
{
    tell_title(t, d);
    told_add_address(t, TOLD_ADDRESS, d->mailbox);
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "Somebody sends mail with your address on it as the sender, and the "
                          "notices about it come to you."));
    tell_how_many(t, d);
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

static struct span domain_of(struct told *t, struct span address)
{
    return told_shown(t, address_domain(address), LONGEST_SERVER);
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

static struct span queue_id(struct told *t, message_id id)
{
    buffer_clear(&t->scratch);
    message_id_add(&t->scratch, id);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

static void tell_if_one_was_real(struct told *t, const struct flood_digest *d)
{
    struct span id = queue_id(t, d->id);
    told_add_words(t, TOLD_HEADING, say(t, "If you miss one of them"));
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "As far as this server knows, none of them is about mail that was sent "
                          "from here. They were not kept."));
    if (d->line_count < d->count)
        told_add(t, TOLD_PARAGRAPH, /* TRANSLATORS: %1 is a number, 1000. */
                 SAY(t, "The attached table has a line for each of the first %1 that are new.",
                     told_number(t, d->line_count)));
    else
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "The attached table has a line for each one that is new."));
    told_add(t, TOLD_PARAGRAPH, /* TRANSLATORS: %1 is a server; a command follows. */
             SAY(t, "Whoever runs the mail server %1 can see what is known of them:",
                 told_shown(t, d->hostname, LONGEST_SERVER)));
    told_add(t, TOLD_VERBATIM, arena_printf(t->arena, "plainpost trace --in %.*s", SPAN_F(id)));
    told_help(t, id, false);
}

static void tell_samples(struct told *t, const struct flood_digest *d)
{
    told_add_words(t, TOLD_DETAILS, say(t, "Details"));
    told_add_row(t, say(t, "Reporting server"), told_shown(t, d->hostname, LONGEST_SERVER));
    for (size_t i = 0; i < d->line_count && i < MOST_SAMPLES; i++) {
        const struct flood_line *l = &d->lines[i];
        struct buffer subject = BUFFER_EMPTY;
        encoded_words_decode(&subject, l->subject);
        told_add(t, TOLD_SUBHEADING, told_shown(t, l->server, LONGEST_SERVER));
        told_add_row(t, say(t, "Subject"), told_shown(t, buffer_span(&subject), LONGEST_SUBJECT));
        told_add_row(t, say(t, "Date"), told_time(t, l->time_ms, d->offset_minutes));
        buffer_free(&subject);
    }
}

static void tell_in_english(struct told *t, const struct flood_digest *d)
{
    const struct language *own = t->language;
    t->language = language_english(own);
    told_add_words(t, TOLD_ECHO, "In English");
    tell_what_it_is(t, d);
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "You need not do anything: after some days it passes by itself."));
    told_help(t, queue_id(t, d->id), false);
    t->language = own;
}

void flood_digest_tell(struct told *t, const struct flood_digest *d)
{
    *t = (struct told){.language = d->language, .worst = OUTCOME_DELAYED, .arena = d->arena};
    tell_what_it_is(t, d);
    tell_what_to_do(t);
    tell_what_helps(t, d);
    tell_if_one_was_real(t, d);
    tell_samples(t, d);
    if (strcmp(language_tag(t->language), "en") != 0)
        tell_in_english(t, d);
    buffer_free(&t->scratch);
}
