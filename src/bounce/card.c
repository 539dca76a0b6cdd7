/* The same as a page that mail programs show: one card, a band with the outcome above, what to do
 * below, the details in small print.
 *
 * Mail programs drop what they don't know, some of them all but style attributes: so each element
 * bears its own, and the style sheet only changes colours in the dark and margins on a telephone.
 * Tables carry the frame, since Outlook knows no other (role=presentation: they are none to a
 * screen reader). Whatever comes from outside is escaped in one place, page_escape(). */
#include "bounce/told.h"

#include "bounce/page_escape.h"

struct card {
    struct buffer *out;
    const struct told *told;
    const char *title, *heading; /* elements */
    bool is_in_band, is_in_list, is_in_details;
};

/* Colours of the band and of its title, by day and in the dark: contrast of at least 7:1. */
struct colours {
    const char *band, *title, *dark_band, *dark_title;
};

static const struct colours *colours_of(enum outcome_kind worst)
{
    static const struct colours trouble = {"#fdeceb", "#8c1710", "#3b1a18", "#ffb9b0"};
    static const struct colours wait = {"#e7f0fa", "#0a4480", "#14293e", "#add4ff"};
    static const struct colours calm = {"#e6f4ea", "#125427", "#14301d", "#a3e6b5"};
    switch (worst) {
    case OUTCOME_FAILED:
    case OUTCOME_DISCARDED:
        return &trouble;
    case OUTCOME_DELAYED:
        return &wait;
    case OUTCOME_DELIVERED:
    case OUTCOME_RELAYED:
    case OUTCOME_EXPANDED:
        break;
    }
    return &calm;
}

static const char *direction_of(const struct language *l)
{
    return language_is_right_to_left(l) ? "rtl" : "ltr";
}

/* `open` and `close` are literals. */
static void element(struct card *c, const char *open, struct span text, const char *close)
{
    buffer_add_text(c->out, open);
    page_escape(c->out, text);
    buffer_add_text(c->out, close);
}

/* ---- the frame */

/* In pieces, since printf takes its time for long ones. */
static void add_all(struct buffer *out, const char *const *pieces)
{
    for (size_t i = 0; pieces[i]; i++)
        buffer_add_text(out, pieces[i]);
}

void told_card_rules(struct buffer *out, const char *within, enum outcome_kind worst)
{
    const struct colours *k = colours_of(worst);
    const char *const rules[] = {"@media (prefers-color-scheme:dark){\n",
                                 within,
                                 ".page{background:#121212!important}\n",
                                 within,
                                 ".card{background:#1e1e20!important;color:#ececec!important}\n",
                                 within,
                                 ".soft{color:#b8b8bc!important}\n",
                                 within,
                                 ".line{border-color:#48484c!important}\n",
                                 within,
                                 ".words{background:#2a2a2d!important}\n",
                                 within,
                                 ".band{background:",
                                 k->dark_band,
                                 "!important;color:",
                                 k->dark_title,
                                 "!important}}\n"
                                 "@media (max-width:480px){\n",
                                 within,
                                 ".page{padding:0!important}\n",
                                 within,
                                 ".band,",
                                 within,
                                 ".card{padding:20px 16px!important;"
                                 "border-radius:0!important}}\n",
                                 NULL};
    add_all(out, rules);
}

static void add_head(struct card *c)
{
    const struct language *l = c->told->language;
    const char *const start[] = {
        "<!DOCTYPE html>\n<html lang=\"",
        language_tag(l),
        "\" dir=\"",
        direction_of(l),
        "\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n",
        NULL};
    add_all(c->out, start);
    element(c, "<title>", c->told->blocks[0].text, "</title>\n");
    buffer_add_text(c->out, "<style>\n:root{color-scheme:light dark}\n");
    told_card_rules(c->out, "", c->told->worst);
    buffer_add_text(c->out, "</style>\n</head>\n"
                            "<body class=\"page\" style=\"margin:0;padding:0;"
                            "background:#eeeef0\">\n");
}

#define TABLE                                                                                      \
    "<table role=\"presentation\" width=\"100%\" cellspacing=\"0\" cellpadding=\"0\" border=\"0\""

/* Programs that put the card into a page of their own drop <html> and <body>: so the language
 * stands inside, too. */
static void open_band(struct card *c)
{
    const struct colours *k = colours_of(c->told->worst);
    const struct language *l = c->told->language;
    const char *const pieces[] = {
        "<div role=\"article\" lang=\"",
        language_tag(l),
        "\" dir=\"",
        direction_of(l),
        "\">\n" TABLE "><tr>\n"
        "<td class=\"page\" align=\"center\" style=\"padding:24px 12px;background:#eeeef0\">\n",
        TABLE "\n style=\"max-width:600px;table-layout:fixed;font:16px/1.5 "
              "system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
              "text-align:start;overflow-wrap:anywhere;word-wrap:break-word\"><tr>\n"
              "<td class=\"band\" style=\"padding:24px 32px;background:",
        k->band,
        ";color:",
        k->title,
        ";border-radius:12px 12px 0 0\">\n",
        NULL};
    add_all(c->out, pieces);
    c->is_in_band = true;
}

static void close_band(struct card *c)
{
    buffer_add_text(c->out, "</td></tr><tr>\n<td class=\"card\" style=\"padding:16px 32px 28px;"
                            "background:#ffffff;color:#1b1b1d;border-radius:0 0 12px 12px\">\n");
    c->is_in_band = false;
}

static void add_foot(struct card *c)
{
    if (c->is_in_details)
        buffer_add_text(c->out, "</div>\n");
    buffer_add_text(c->out, "</td></tr></table>\n</td></tr></table>\n</div>\n");
}

/* ---- blocks */

static void heading(struct card *c, const char *name, const char *style, struct span text)
{
    const char *const open[] = {"<", name, " style=\"", style, "\">", NULL};
    const char *const close[] = {"</", name, ">\n", NULL};
    add_all(c->out, open);
    page_escape(c->out, text);
    add_all(c->out, close);
}

static void add_title(struct card *c, struct span text)
{
    if (c->is_in_band)
        heading(c, c->title, "margin:0;font-size:24px;line-height:1.25", text);
    else
        element(c, "<p style=\"margin:8px 0\"><b>", text, "</b></p>\n");
}

static void add_address(struct card *c, struct span text)
{
    if (c->is_in_band)
        element(c, "<p style=\"margin:8px 0 0;font-size:18px\"><bdi>", text, "</bdi></p>\n");
    else
        element(c, "<p style=\"margin:8px 0\"><b><bdi>", text, "</bdi></b></p>\n");
}

static void add_heading(struct card *c, struct span text)
{
    heading(c, c->heading,
            c->is_in_details ? "margin:20px 0 4px;font-size:16px;line-height:1.3"
                             : "margin:20px 0 4px;font-size:18px;line-height:1.3",
            text);
}

static void add_row(struct card *c, const struct told_block *b)
{
    element(c, "<p style=\"margin:8px 0\"><span class=\"soft\" style=\"color:#5a5a5e\">", b->label,
            "</span><br>");
    element(c, "<bdi>", b->text, "</bdi></p>\n");
}

static void add_verbatim(struct card *c, struct span text)
{
    element(c,
            "<pre class=\"words\" dir=\"auto\" lang=\"\" style=\"margin:4px 0 12px;"
            "padding:8px 12px;white-space:pre-wrap;background:#f3f3f5;border-radius:6px;"
            "font:13px/1.45 ui-monospace,Consolas,monospace\">",
            text, "</pre>\n");
}

static void add_rule(struct card *c)
{
    buffer_add_text(c->out, "<hr class=\"line\" style=\"margin:24px 0 0;border:0;"
                            "border-top:1px solid #d5d5d9\">\n");
}

/* The small print, and the English, each in a box of its own. */
static void open_box(struct card *c, struct span heading, bool is_english)
{
    if (c->is_in_details)
        buffer_add_text(c->out, "</div>\n");
    add_rule(c);
    buffer_add_text(c->out, is_english ? "<div lang=\"en\" dir=\"ltr\" style=\"font-size:14px\">\n"
                                       : "<div style=\"font-size:14px\">\n");
    c->is_in_details = true;
    add_heading(c, heading);
}

static void list_opens(struct card *c, bool is_step)
{
    if (c->is_in_list != is_step)
        buffer_add_text(c->out, is_step ? "<ol style=\"margin:0\">\n" : "</ol>\n");
    c->is_in_list = is_step;
}

static void add_block(struct card *c, const struct told_block *b)
{
    switch (b->kind) {
    case TOLD_TITLE:
        add_title(c, b->text);
        break;
    case TOLD_ADDRESS:
        add_address(c, b->text);
        break;
    case TOLD_NAME:
        element(c, "<p style=\"margin:4px 0\"><bdi>", b->text, "</bdi></p>\n");
        break;
    case TOLD_HEADING:
        add_heading(c, b->text);
        break;
    case TOLD_PARAGRAPH:
        element(c, "<p style=\"margin:4px 0\">", b->text, "</p>\n");
        break;
    case TOLD_STEP:
        element(c, "<li style=\"margin:4px 0\">", b->text, "</li>\n");
        break;
    case TOLD_ROW:
        add_row(c, b);
        break;
    case TOLD_GROUP:
        add_rule(c);
        break;
    case TOLD_DETAILS:
    case TOLD_ECHO:
        open_box(c, b->text, b->kind == TOLD_ECHO);
        break;
    case TOLD_SUBHEADING:
        element(c, "<p style=\"margin:16px 0 4px\"><b><bdi>", b->text, "</bdi></b></p>\n");
        break;
    case TOLD_VERBATIM:
        add_verbatim(c, b->text);
        break;
    }
}

static void add_inside(struct card *c)
{
    const struct told *t = c->told;
    open_band(c);
    for (size_t i = 0; i < t->count; i++) {
        const struct told_block *b = &t->blocks[i];
        if (c->is_in_band && b->kind != TOLD_TITLE && b->kind != TOLD_ADDRESS)
            close_band(c);
        list_opens(c, b->kind == TOLD_STEP);
        add_block(c, b);
    }
    list_opens(c, false);
    add_foot(c);
}

void told_as_card_inside(struct buffer *out, const struct told *t)
{
    add_inside(&(struct card){.out = out, .told = t, .title = "h4", .heading = "h5"});
}

void told_as_card(struct buffer *out, const struct told *t)
{
    struct card c = {.out = out, .told = t, .title = "h1", .heading = "h2"};
    add_head(&c);
    add_inside(&c);
    buffer_add_text(out, "</body>\n</html>\n");
}
