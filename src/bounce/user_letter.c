#include "bounce/user_letter.h"

#include "bounce/told_inside.h"
#include "bounce/write_inside.h"
#include "mail/encode.h"

#include <string.h>

enum { LONGEST_SUBJECT = 200, LONGEST_HOST = 200, LONGEST_LINK = 300 };

static const char *say(const struct told *t, const char *english)
{
    return words(t->language, english);
}

/* ---- what is said */

static struct span title(struct told *t, const struct user_letter *l)
{
    struct span number = told_number(t, l->addresses);
    if (l->kind == LETTER_HELD_LINK)
        return span_of(say(t, "Your message waits: a link in it may be harmful"));
    return told_fill(t,
                     words_plural(t->language, "Your message showed %1 address to all who got it",
                                  "Your message showed %1 addresses to all who got it",
                                  l->addresses),
                     &number, 1);
}

static void tell_shown(struct told *t)
{
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "It was sent, and you need not send it again. But everybody who got it "
                          "can now see the addresses of all the others, and pass them on."));
    told_add_words(t, TOLD_HEADING, say(t, "Next time"));
    /* TRANSLATORS: “Bcc” and “To” as mail programs call these fields in your language. */
    told_add_words(t, TOLD_STEP,
                   say(t,
                       "When you write to many people, put their addresses into the field “Bcc”, "
                       "and your own into “To”: then nobody sees the others."));
    told_add_words(
        t, TOLD_STEP,
        say(t,
            "If you often write to the same people, ask for a mailing list: reply to this mail."));
}

static struct span why_held(struct told *t, const struct user_letter *l)
{
    struct span other = told_shown(t, l->other, LONGEST_HOST);
    switch (l->why) {
    case LETTER_LINK_KNOWN:
        break;
    case LETTER_LINK_LISTED:
        /* TRANSLATORS: where a link leads; %1 is the name of a list. */
        return SAY(t, "The place that it leads to is on a list of harmful ones, %1.", other);
    case LETTER_LINK_ALIKE:
        /* TRANSLATORS: where a link leads; %1 is a host, such as www.example.org. */
        return SAY(t, "The place that it leads to looks like %1, and is another.", other);
    case LETTER_LINK_OTHER:
        /* TRANSLATORS: the text of a link; %1 is a host, such as www.example.org. */
        return SAY(t, "Its text names %1, but it leads somewhere else.", other);
    }
    return span_of(say(t, "It is known here as harmful."));
}

static void tell_held(struct told *t, const struct user_letter *l)
{
    told_add_words(t, TOLD_PARAGRAPH,
                   say(t, "It was not sent yet, and it is not lost. Whoever runs this mail server "
                          "decides whether it goes."));
    /* TRANSLATORS: a label; a link follows, changed so that nobody can click on it. */
    told_add_row(t, say(t, "Link"), told_shown(t, l->link, LONGEST_LINK));
    told_add(t, TOLD_PARAGRAPH, why_held(t, l));
    told_add_words(t, TOLD_HEADING, say(t, "What to do"));
    told_add_words(
        t, TOLD_STEP,
        say(t, "If you wrote it, and the link is harmless, reply to this mail and say so."));
    told_add_words(t, TOLD_STEP,
                   say(t, "If you did not write it, somebody else may know your password: change "
                          "it now, and reply to this mail."));
}

static void tell_of_message(struct told *t, const struct user_letter *l)
{
    struct buffer subject = BUFFER_EMPTY;
    encoded_words_decode(&subject, l->subject);
    told_add_row(t, say(t, "Subject"), told_shown(t, buffer_span(&subject), LONGEST_SUBJECT));
    buffer_clear(&subject);
    message_id_add(&subject, l->about);
    told_add_row(t, say(t, "Queue id"), told_shown(t, buffer_span(&subject), LONGEST_SUBJECT));
    buffer_free(&subject);
}

void user_letter_tell(struct told *t, const struct user_letter *l, struct arena *a)
{
    *t = (struct told){.language = l->language, .worst = OUTCOME_DELAYED, .arena = a};
    told_add(t, TOLD_TITLE, title(t, l));
    tell_of_message(t, l);
    if (l->kind == LETTER_HELD_LINK)
        tell_held(t, l);
    else
        tell_shown(t);
    buffer_free(&t->scratch);
}

/* ---- the message */

static void add_header(struct buffer *out, const struct user_letter *l, struct span subject,
                       struct span boundary)
{
    buffer_printf(out, "From: <%.*s>\r\nTo: <%.*s>\r\nSubject: ", SPAN_F(l->from), SPAN_F(l->to));
    encoded_words_add(out, subject, sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    header_add_names(out, l->hostname, l->id, l->now_ms, l->offset_minutes);
    buffer_printf(out,
                  "Auto-Submitted: auto-generated\r\nContent-Language: %s\r\nMIME-Version: 1.0\r\n"
                  "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n\r\n"
                  "This is a message in MIME format.\r\n",
                  language_tag(l->language), SPAN_F(boundary));
}

void user_letter_write(struct buffer *out, const struct user_letter *l)
{
    struct buffer text = BUFFER_EMPTY, card = BUFFER_EMPTY, boundary = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct told told;
    user_letter_tell(&told, l, &a);
    told_as_text(&text, &told);
    told_as_card(&card, &told);
    const struct span inside[] = {buffer_span(&text), buffer_span(&card)};
    boundary_choose(&boundary, "letter", l->id, inside, 2);
    add_header(out, l, told.blocks[0].text, buffer_span(&boundary));
    part_add_both_forms(out, l->id, buffer_span(&boundary), buffer_span(&text), buffer_span(&card));
    part_end_all(out, buffer_span(&boundary));
    buffer_free(&text);
    buffer_free(&card);
    buffer_free(&boundary);
    arena_clear(&a);
}
