/* A pile: what it is, and what to do; its causes and recipients; its days. */
#include "bounce/render_triage_pile.h"

#include "bounce/render_wrap.h"

#include <stdio.h>

enum { SHOWN_RECIPIENTS = 6, SHOWN_DAYS = 14, LONGEST_BAR = 30, LEAST_FOR_DAYS = 10 };

/* TRANSLATORS: headings of kinds of notices. */
static const char *const titles[PILE_COUNT] = {
    [PILE_ABUSED] = WORDS("Through your account, but not by you"),
    [PILE_YOURS] = WORDS("Yours"),
    [PILE_UNPROVEN] = WORDS("Without proof"),
    [PILE_CHALLENGES] = WORDS("Questions of mail filters"),
    [PILE_COMPLAINTS] = WORDS("Complaints"),
    [PILE_UNKNOWN] = WORDS("It can't be told"),
    [PILE_TRICKS] = WORDS("Tricks"),
    [PILE_FORGED] = WORDS("Not yours"),
    [PILE_SPAM] = WORDS("Spam that came back"),
    [PILE_REPLIES] = WORDS("Automatic replies"),
    [PILE_OTHER] = WORDS("Other messages")};

/* "Inbox full (12)" */
static void add_counted(struct buffer *out, const struct page *p, struct span what, size_t count)
{
    struct page_number n;
    /* TRANSLATORS: %1 is a heading or an address, %2 how often. */
    FILL(out, p->w->language, "%1 (%2)", what, page_number(&n, count));
}

static void recipients(const struct page *p, const struct triage_recipients *r, const char *indent)
{
    size_t shown = r->count > SHOWN_RECIPIENTS + 1 ? SHOWN_RECIPIENTS : r->count;
    struct buffer line = BUFFER_EMPTY, name = BUFFER_EMPTY;
    struct page_number n;
    for (size_t i = 0; i < shown; i++) {
        buffer_clear(&name);
        say_shown(&name, r->list[i]->address);
        buffer_add_text(&line, i ? ", " : "");
        if (r->list[i]->notices > 1)
            add_counted(&line, p, buffer_span(&name), r->list[i]->notices);
        else
            buffer_add_span(&line, buffer_span(&name));
    }
    if (r->further || shown < r->count) {
        const struct span with = page_number(&n, r->count - shown);
        buffer_add_text(&line, ", ");
        /* TRANSLATORS: behind a list of addresses. */
        words_fill(&line, p->w->language,
                   r->further ? page_say(p, "and more than %1 others")
                              : words_plural(p->w->language, "and %1 other", "and %1 others",
                                             r->count - shown),
                   &with, 1);
    }
    if (line.len)
        page_paragraph(p, indent, indent, buffer_span(&line));
    buffer_free(&line);
    buffer_free(&name);
}

static void list(const struct page *p, const char *first, const char *indent,
                 const struct span *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        page_paragraph(p, first, indent, texts[i]);
}

/* Where the words of the server are that the steps speak of. */
static void example(const struct page *p, const struct triage_group *g)
{
    struct buffer line = BUFFER_EMPTY, name = BUFFER_EMPTY;
    say_shown(&name, g->example);
    /* TRANSLATORS: %1 is the name of a file. */
    FILL(&line, p->w->language, "For example: %1", buffer_span(&name));
    page_paint(p, "2");
    page_text(p, "    ", "      ", &line);
    page_paint(p, "0");
    buffer_free(&name);
}

static void group(const struct page *p, const struct triage_group *g)
{
    struct buffer line = BUFFER_EMPTY;
    add_counted(&line, p, g->headline, g->notices);
    page_paint(p, "1");
    page_text(p, "  ", "  ", &line);
    page_paint(p, "0");
    recipients(p, &g->recipients, "    ");
    if (g->sentence.len)
        page_paragraph(p, "    ", "    ", g->sentence);
    if (g->who.len)
        page_paragraph(p, "    ", "    ", g->who);
    list(p, "    - ", "      ", g->steps, g->step_count);
    if (g->check_count)
        page_paragraph(p, "    ", "    ", span_of(page_say(p, "To check on the server")));
    list(p, "    - ", "      ", g->checks, g->check_count);
    example(p, g);
}

static void steps(const struct page *p, const struct triage_pile *pile)
{
    for (size_t i = 0; i < pile->step_count; i++) {
        const struct advice_step *s = &pile->steps[i];
        struct buffer link = BUFFER_EMPTY;
        page_paragraph(p, "  - ", "    ", s->text);
        if (!s->link.len)
            continue;
        FILL(&link, p->w->language, "%1: %2", s->where, s->link);
        page_text(p, "    ", "    ", &link);
    }
}

/* What is to be done does not go with the cause: to whom it went, and what became of it. */
static void causes(const struct page *p, const struct triage_pile *pile)
{
    for (size_t i = 0; i < pile->group_count; i++) {
        const struct triage_group *g = pile->groups[i];
        struct buffer line = BUFFER_EMPTY;
        add_counted(&line, p, g->headline, g->notices);
        page_text(p, "  ", "  ", &line);
        recipients(p, &g->recipients, "    ");
    }
}

static void days(const struct page *p, const struct triage_days *d)
{
    size_t most = 1, from = d->count > SHOWN_DAYS ? d->count - SHOWN_DAYS : 0, widest = 0;
    if (d->count < 2)
        return;
    struct buffer line = BUFFER_EMPTY;
    for (size_t i = from; i < d->count; i++) {
        most = d->days[i].notices > most ? d->days[i].notices : most;
        buffer_clear(&line);
        words_add_day(&line, p->w->language, d->days[i].day);
        size_t width = width_of_text(buffer_span(&line));
        widest = width > widest ? width : widest;
    }
    size_t longest = p->width > widest + 12 + LONGEST_BAR ? LONGEST_BAR : 8;
    if (from)
        buffer_add_text(p->out, "  …\n");
    for (size_t i = from; i < d->count; i++) {
        size_t bar = (d->days[i].notices * longest + most - 1) / most;
        buffer_clear(&line);
        words_add_day(&line, p->w->language, d->days[i].day);
        for (size_t k = width_of_text(buffer_span(&line)); k < widest + 2; k++)
            buffer_add_char(&line, ' ');
        buffer_printf(p->out, "  %s", buffer_text(&line));
        for (size_t k = 0; k < bar; k++)
            buffer_add_text(p->out, "▪");
        buffer_printf(p->out, " %zu\n", d->days[i].notices);
    }
    buffer_free(&line);
}

void render_triage_pile(const struct page *p, const struct triage *t, enum pile which)
{
    const struct triage_pile *pile = &t->piles[which];
    struct buffer title = BUFFER_EMPTY;
    if (!pile->notices || which == PILE_OTHER)
        return;
    add_counted(&title, p, span_of(page_say(p, titles[which])), pile->notices);
    page_title(p, buffer_text(&title));
    buffer_free(&title);
    if (pile->summary.len)
        page_paragraph(p, "  ", "  ", pile->summary);
    if (pile->who.len)
        page_paragraph(p, "  ", "  ", pile->who);
    steps(p, pile);
    if (which == PILE_YOURS || which == PILE_UNPROVEN)
        for (size_t i = 0; i < pile->group_count; i++)
            group(p, pile->groups[i]);
    else
        causes(p, pile);
    if (pile->notices >= LEAST_FOR_DAYS)
        days(p, &pile->days);
}
