/* What all digests of kept-out notices say alike: where each is to be found, and some of them. What
 * they are about, and what to do, stands in told_flood.c and told_misuse.c.
 */
#include "bounce/told_inside.h"

#include "mail/encode.h"

#include <string.h>

enum { LONGEST_SERVER = 200, LONGEST_SUBJECT = 200, MOST_SAMPLES = 3 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

static struct span digest_id(struct told *t, message_id id)
{
    buffer_clear(&t->scratch);
    message_id_add(&t->scratch, id);
    return arena_copy(t->arena, buffer_span(&t->scratch));
}

static void tell_table(struct told *t, const struct flood_digest *d)
{
    if (d->what == DIGEST_OF_REFUSALS)
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "The attached table has a line for each server that sent them."));
    else if (d->line_count < d->count)
        told_add(t, TOLD_PARAGRAPH, /* TRANSLATORS: %1 is a number, 1000. */
                 SAY(t, "The attached table has a line for each of the first %1 that are new.",
                     told_number(t, d->line_count)));
    else
        told_add_words(t, TOLD_PARAGRAPH,
                       say(t, "The attached table has a line for each one that is new."));
}

static void tell_where(struct told *t, const struct flood_digest *d)
{
    struct span id = digest_id(t, d->id), mailbox = told_shown(t, d->mailbox, LONGEST_SERVER);
    tell_table(t, d);
    told_add(t, TOLD_PARAGRAPH, /* TRANSLATORS: %1 is a server; a command follows. */
             SAY(t, "Whoever runs the mail server %1 can see what is known of them:",
                 told_shown(t, d->hostname, LONGEST_SERVER)));
    told_add(t, TOLD_VERBATIM,
             d->what == DIGEST_OF_REFUSALS
                 ? arena_printf(t->arena, "plainpost trace %.*s", SPAN_F(mailbox))
                 : arena_printf(t->arena, "plainpost trace --in %.*s", SPAN_F(id)));
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
    for (size_t i = 0; i < d->server_count && i < MOST_SAMPLES; i++) {
        const struct flood_server *s = &d->servers[i];
        told_add(t, TOLD_SUBHEADING, told_shown(t, s->server, LONGEST_SERVER));
        told_add_row(t, say(t, "Notices"), told_number(t, s->count));
        told_add_row(t, say(t, "Date"), told_time(t, s->last_ms, d->offset_minutes));
    }
}

static void tell_in_english(struct told *t, const struct flood_digest *d)
{
    const struct language *own = t->language;
    t->language = language_english(own);
    told_add_words(t, TOLD_ECHO, "In English");
    (d->what == DIGEST_OF_MISUSE ? misuse_tell_short : flood_tell_short)(t, d);
    told_help(t, digest_id(t, d->id), false);
    t->language = own;
}

void flood_digest_tell(struct told *t, const struct flood_digest *d)
{
    *t = (struct told){.language = d->language, .worst = OUTCOME_DELAYED, .arena = d->arena};
    (d->what == DIGEST_OF_MISUSE ? misuse_tell : flood_tell)(t, d);
    tell_where(t, d);
    tell_samples(t, d);
    if (strcmp(language_tag(t->language), "en") != 0)
        tell_in_english(t, d);
    buffer_free(&t->scratch);
}
