/* The cards stand in the page itself and not in frames: a frame does not grow with what is in it,
 * and a page that is searched or printed is to have all of it. Names for machines are English in
 * every language, and say so to a screen reader. No script; nothing is fetched, and a
 * Content-Security-Policy forbids both. */
#include "bounce/gallery.h"

#include "bounce/page_escape.h"
#include "bounce/told.h"

#include <stdio.h>

static const struct gallery_kind {
    const char *name;
    enum notice_kind kind;
    enum fake_twist twist;
    enum outcome_kind worst;
    bool is_of_every_cause;
} kinds[] = {
    {"failure", NOTICE_FAILURE, FAKE_PLAIN, OUTCOME_FAILED, true},
    {"delay", NOTICE_DELAY, FAKE_PLAIN, OUTCOME_DELAYED, true},
    {"success", NOTICE_SUCCESS, FAKE_PLAIN, OUTCOME_RELAYED, false},
    {"recovered", NOTICE_SUCCESS, FAKE_RECOVERED, OUTCOME_RELAYED, false},
    {"double-bounce", NOTICE_FAILURE, FAKE_DOUBLE_BOUNCE, OUTCOME_FAILED, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

#define DIGEST "digest"
static const struct gallery_digest {
    const char *name;
    enum digest_of what;
} digests[] = {{"forged", DIGEST_OF_FLOOD}, {"misused", DIGEST_OF_MISUSE}};
enum { DIGESTS = sizeof digests / sizeof *digests };

struct gallery {
    struct fake_wishes wishes;
    const struct gallery_kind *kind;
    struct buffer contents, cards;
    struct error error;
};

/* ---- one notice */

static void open_card(struct gallery *g, struct span cause)
{
    const char *kind = g->kind->name;
    buffer_printf(&g->cards, "<section id=\"%s/%.*s\">\n<h3><bdi lang=\"en\">", kind,
                  SPAN_F(cause));
    if (cause.len)
        buffer_printf(&g->cards, "--cause %.*s ", SPAN_F(cause));
    buffer_printf(&g->cards, "--kind %s</bdi></h3>\n", kind);
}

static void add_content(struct gallery *g, struct span cause)
{
    const struct fake_wishes *w = &g->wishes;
    const char *kind = g->kind->name;
    buffer_printf(&g->contents, "<li><a href=\"#%s/%.*s\"><bdi lang=\"en\">", kind, SPAN_F(cause));
    buffer_add_span(&g->contents, cause.len ? cause : span_of(kind));
    buffer_add_text(&g->contents, "</bdi></a> ");
    if (cause.len)
        page_escape(&g->contents, span_of(words(w->language, cause_text(w->cause)->headline)));
    buffer_add_text(&g->contents, "</li>\n");
}

/* `cause`: its name; empty: of success, or of the first one. What fake_show() does not write is
 * left out. */
static bool add_notice(struct gallery *g, struct span cause)
{
    struct buffer card = BUFFER_EMPTY;
    bool is_written = fake_show(&card, &g->wishes, FAKE_CARD_INSIDE, &g->error);
    if (is_written) {
        add_content(g, cause);
        open_card(g, cause);
        buffer_add_span(&g->cards, buffer_span(&card));
        buffer_add_text(&g->cards, "</section>\n");
    }
    buffer_free(&card);
    return is_written;
}

/* ---- all of a kind */

static bool add_causes(struct gallery *g)
{
    bool any = false;
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT; i++) {
        struct buffer name = BUFFER_EMPTY;
        g->wishes.cause = (struct cause_found){(enum cause)(i / VARIANT_COUNT),
                                               (enum variant)(i % VARIANT_COUNT)};
        if (!fake_lists(FAKE_PLAINPOST, g->wishes.cause))
            continue;
        fake_cause_add(&name, g->wishes.cause);
        any |= add_notice(g, buffer_span(&name));
        buffer_free(&name);
    }
    return any;
}

static void open_kind(struct gallery *g, const char *name)
{
    buffer_printf(&g->contents, "<p><a href=\"#%s\"><bdi lang=\"en\">%s</bdi></a></p>\n<ul>\n",
                  name, name);
    buffer_printf(&g->cards, "<section id=\"%s\">\n<h2><bdi lang=\"en\">%s</bdi></h2>\n", name,
                  name);
}

static void close_kind(struct gallery *g)
{
    buffer_add_text(&g->contents, "</ul>\n");
    buffer_add_text(&g->cards, "</section>\n");
}

static bool add_kind(struct gallery *g, const struct gallery_kind *kind)
{
    g->kind = kind;
    g->wishes.kind = kind->kind;
    g->wishes.twist = kind->twist;
    g->wishes.cause = (struct cause_found){0};
    open_kind(g, kind->name);
    bool any = kind->is_of_every_cause ? add_causes(g) : add_notice(g, SPAN_NONE);
    close_kind(g);
    return any;
}

/* Of notices that were kept out of a mailbox. */
static void add_digests(struct gallery *g)
{
    open_kind(g, DIGEST);
    for (size_t i = 0; i < DIGESTS; i++) {
        const char *name = digests[i].name;
        buffer_printf(&g->contents,
                      "<li><a href=\"#" DIGEST "/%s\"><bdi lang=\"en\">%s</bdi></a></li>\n", name,
                      name);
        buffer_printf(&g->cards,
                      "<section id=\"" DIGEST "/%s\">\n<h3><bdi lang=\"en\">%s</bdi></h3>\n", name,
                      name);
        fake_digest_show(&g->cards, digests[i].what, &g->wishes);
        buffer_add_text(&g->cards, "</section>\n");
    }
    close_kind(g);
}

/* ---- the page */

/* Contrast of at least 7:1, by day and in the dark. */
static void add_style(struct buffer *out)
{
    buffer_add_text(out, "<style>\n:root{color-scheme:light dark}\n"
                         "body{margin:0;background:#eeeef0;color:#1b1b1d;overflow-wrap:anywhere;"
                         "font:16px/1.5 system-ui,sans-serif}\n"
                         "h1,h2,h3,nav{max-width:600px;margin-inline:auto;padding-inline:12px}\n"
                         "h1{font-size:24px}h2{font-size:22px;margin-top:48px}"
                         "h3{font-size:16px;margin-bottom:8px}\n"
                         "li{margin:4px 0}a{color:#0a4480}\n"
                         "@media (prefers-color-scheme:dark){\n"
                         "body{background:#121212;color:#ececec}a{color:#add4ff}}\n");
    for (size_t i = 0; i < KINDS; i++) {
        char within[32];
        snprintf(within, sizeof within, "#%s ", kinds[i].name);
        told_card_rules(out, within, kinds[i].worst);
    }
    told_card_rules(out, "#" DIGEST " ", OUTCOME_DELAYED);
    buffer_add_text(out, "</style>\n");
}

static void add_head(struct buffer *out, const struct language *l)
{
    const char *tag = language_tag(l);
    buffer_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<title>plainpost bounce-text gallery --lang %s</title>\n",
        tag, language_is_right_to_left(l) ? "rtl" : "ltr", tag);
    add_style(out);
    buffer_printf(out,
                  "</head>\n<body>\n<h1><bdi lang=\"en\">plainpost bounce-text gallery "
                  "--lang %s</bdi></h1>\n",
                  tag);
}

static void add_page(struct buffer *out, const struct gallery *g)
{
    const struct language *l = g->wishes.language;
    add_head(out, l ? l : language_at(0));
    buffer_add_text(out, "<nav>\n");
    buffer_add_span(out, buffer_span(&g->contents));
    buffer_add_text(out, "</nav>\n<main>\n");
    buffer_add_span(out, buffer_span(&g->cards));
    buffer_add_text(out, "</main>\n</body>\n</html>\n");
}

bool gallery_write(struct buffer *out, const struct fake_wishes *w, struct error *e)
{
    struct gallery g = {.wishes = *w, .contents = BUFFER_EMPTY, .cards = BUFFER_EMPTY};
    bool is_whole = true;
    for (size_t i = 0; i < KINDS; i++)
        is_whole = is_whole && add_kind(&g, &kinds[i]);
    if (is_whole) {
        add_digests(&g);
        add_page(out, &g);
    } else {
        *e = g.error;
    }
    buffer_free(&g.contents);
    buffer_free(&g.cards);
    return is_whole;
}
