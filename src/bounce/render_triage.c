/* How many, whose, and what to do stand on the first screen; then each pile with its causes, those
 * first that wait for somebody. */
#include "bounce/render_triage.h"

#include "bounce/render_triage_pile.h"

#include <stdio.h>

/* TRANSLATORS: these stand behind the number of notices that are so. */
static const char *const labels[PILE_COUNT] = {
    [PILE_ABUSED] = WORDS("left through your account, but we think not by you"),
    [PILE_YOURS] = WORDS("about mail of yours: there is proof that you sent it"),
    [PILE_UNPROVEN] = WORDS("true notices, but without proof that the mail was yours"),
    [PILE_CHALLENGES] = WORDS("questions of mail filters that want an answer"),
    [PILE_COMPLAINTS] = WORDS("complaints: somebody marked a message as spam"),
    [PILE_UNKNOWN] = WORDS("of which it can't be told what they are about"),
    [PILE_TRICKS] = WORDS("tricks that only look like notices: do not click on anything in them"),
    [PILE_FORGED] =
        WORDS("about mail that you did not send: somebody forges your address; your account is "
              "fine"),
    [PILE_SPAM] = WORDS("returned spam that somebody sent with your address on it; your account "
                        "is fine"),
    [PILE_REPLIES] = WORDS("automatic replies: the mail has probably arrived"),
    [PILE_OTHER] = WORDS("other messages, which are no notices")};

/* ---- the first screen */

static void add_range(struct buffer *out, const struct page *p, int64_t first, int64_t last)
{
    struct buffer from = BUFFER_EMPTY, to = BUFFER_EMPTY;
    words_add_day(&from, p->w->language, first);
    words_add_day(&to, p->w->language, last);
    if (first == last)
        buffer_add_span(out, buffer_span(&from));
    else
        /* TRANSLATORS: the first and the last day of some. */
        FILL(out, p->w->language, "%1 – %2", buffer_span(&from), buffer_span(&to));
    buffer_free(&from);
    buffer_free(&to);
}

static void headline(const struct page *p, const struct triage *t)
{
    const struct triage_days *d = &t->days;
    const struct language *l = p->w->language;
    struct buffer line = BUFFER_EMPTY, since = BUFFER_EMPTY;
    struct page_number n;
    const char *text = words_plural(l, "%1 notice", "%1 notices", t->notices);
    if (d->count) {
        words_add_day(&since, l, d->days[0].day);
        text = words_plural(l, "%1 notice since %2", "%1 notices since %2", t->notices);
    }
    const struct span with[] = {page_number(&n, t->notices), buffer_span(&since)};
    if (t->notices)
        words_fill(&line, l, text, with, 2);
    else
        buffer_add_text(&line, page_say(p, "There is no notice here."));
    page_paint(p, t->piles[PILE_ABUSED].notices ? "1;31" : "1");
    page_text(p, "", "", &line);
    page_paint(p, "0");
    buffer_free(&since);
}

static void counts(const struct page *p, const struct triage *t)
{
    static const char *const colours[PILE_COUNT] = {
        [PILE_ABUSED] = "1;31", [PILE_YOURS] = "1;33", [PILE_TRICKS] = "31",
        [PILE_FORGED] = "32",   [PILE_REPLIES] = "32", [PILE_SPAM] = "32"};
    for (size_t i = 0; i < PILE_COUNT; i++) {
        char first[32];
        if (!t->piles[i].notices)
            continue;
        snprintf(first, sizeof first, "%7zu  ", t->piles[i].notices);
        page_paint(p, colours[i] ? colours[i] : "0");
        page_paragraph(p, first, "         ", span_of(page_say(p, labels[i])));
        page_paint(p, "0");
    }
}

/* ---- a storm */

static void sign(const struct page *p, const char *one, const char *many, size_t count)
{
    struct buffer line = BUFFER_EMPTY;
    struct page_number n;
    const struct span with = page_number(&n, count);
    words_fill(&line, p->w->language, words_plural(p->w->language, one, many, count), &with, 1);
    page_text(p, "  + ", "    ", &line);
}

static const char *conclusion(enum storm s)
{
    switch (s) {
    case STORM_FORGED:
        return WORDS("Somebody sends mail with your address on it as the sender. That needs no "
                     "access to your account, and there is nothing to repair in it. The notices "
                     "end by themselves, most often after some days.");
    case STORM_LIKELY:
        return WORDS("Likely somebody sends mail with your address on it as the sender; that needs "
                     "no access to your account. There is no proof yet.");
    case STORM_OPEN:
    case STORM_NONE:
        break;
    }
    return WORDS("It does not show whose mail that was. A message of yours to many people would "
                 "bring such notices; so would somebody who uses your address as the sender, or "
                 "who sends through your account.");
}

static void storm(const struct page *p, const struct triage *t)
{
    const struct triage_storm *s = &t->storm;
    if (s->storm == STORM_NONE)
        return;
    const struct language *l = p->w->language;
    struct buffer line = BUFFER_EMPTY, when = BUFFER_EMPTY;
    struct page_number notices;
    page_title(p, page_say(p, "Many at once"));
    page_paragraph(p, "  ", "  ", span_of(page_say(p, conclusion(s->storm))));
    add_range(&when, p, s->first_day, s->last_day);
    /* TRANSLATORS: a reason for what is said above it. %1 is a large number, %2 a day or
       several. */
    FILL(&line, l, "%1 notices came within a short time (%2).", page_number(&notices, s->notices),
         buffer_span(&when));
    page_text(p, "  + ", "    ", &line);
    buffer_free(&when);
    sign(p, "The mail was for %1 recipient.", "The mail was for %1 different recipients.",
         s->recipients);
    if (!t->piles[PILE_YOURS].notices)
        page_paragraph(
            p, "  + ", "    ",
            span_of(page_say(p, "Of none of them is there proof that the mail was yours.")));
    if (s->disproven)
        sign(p, "Of %1 notice it is known that the mail was not yours.",
             "Of %1 notices it is known that the mail was not yours.", s->disproven);
    if (s->systems > 1)
        sign(p, "The returned messages were made by %1 mail system.",
             "The returned messages were made by %1 different mail systems.", s->systems);
    if (s->other_senders)
        sign(p, "%1 returned message names a sender other than you.",
             "%1 returned messages name a sender other than you.", s->other_senders);
}

/* ---- what would settle it */

static void settle(const struct page *p, const struct triage *t, struct span sent)
{
    struct buffer line = BUFFER_EMPTY;
    if (!t->piles[PILE_UNPROVEN].notices && !t->piles[PILE_UNKNOWN].notices)
        return;
    page_title(p, page_say(p, "To be sure"));
    if (t->wishes->knows_sent)
        buffer_add_text(&line,
                        page_say(p, "Some notices return too little of the message to find it "
                                    "among what you sent. Compare recipient and time."));
    else if (sent.len)
        /* TRANSLATORS: %1 is the name of a folder; --sent is an option of this program. */
        FILL(&line, p->w->language,
             "Name the folder with all that you sent: --sent %1. What is in it is yours, and what "
             "is not in it you did not send.",
             sent);
    else
        buffer_add_text(&line, page_say(p, "Name the folder with all that you sent: --sent FOLDER. "
                                           "What is in it is yours, and what is not in it you did "
                                           "not send."));
    page_text(p, "  ", "  ", &line);
    if (!t->wishes->me_count)
        page_paragraph(p, "  ", "  ",
                       span_of(page_say(p, "Name your addresses: --me ADDRESS. What names another "
                                           "sender is not yours.")));
}

static void say_move(const struct page *p, const struct triage *t)
{
    static const enum pile moved[] = {PILE_YOURS, PILE_FORGED, PILE_SPAM, PILE_TRICKS,
                                      PILE_REPLIES};
    size_t count = 0;
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++)
        count += t->piles[moved[i]].notices;
    if (!count)
        return;
    buffer_add_char(p->out, '\n');
    page_paragraph(p, "", "",
                   span_of(page_say(p, "To have them sorted into folders, add --move; --undo puts "
                                       "them back.")));
}

void render_triage(struct buffer *out, const struct triage *t, const struct render_wishes *w,
                   const struct triage_hints *h)
{
    const struct page p = page_start(out, w);
    headline(&p, t);
    counts(&p, t);
    storm(&p, t);
    settle(&p, t, h->sent);
    for (size_t i = 0; i < PILE_COUNT; i++)
        render_triage_pile(&p, t, (enum pile)i);
    if (h->can_move)
        say_move(&p, t);
}
