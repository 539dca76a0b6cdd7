/* A page for a browser. Whatever comes from the mail is escaped in one place, page_escape(), after
 * it was made harmless; there is no script, nothing is fetched, and a Content-Security-Policy
 * forbids both. The only links are those of data/providers. */
#include "bounce/page_escape.h"
#include "bounce/render_inside.h"
#include "bounce/tables.h"

/* `open` and `close` are literals. */
static void element(struct buffer *out, const char *open, struct span text, const char *close)
{
    if (!text.len)
        return;
    buffer_add_text(out, open);
    page_escape(out, text);
    buffer_add_text(out, close);
}

static void title(struct buffer *out, const struct language *l, const char *english)
{
    element(out, "<h2>", span_of(words(l, english)), "</h2>\n");
}

static void answer(struct buffer *out, const char *question, struct span text)
{
    if (!text.len)
        return;
    element(out, "<h2>", span_of(question), "</h2>\n");
    element(out, "<p>", text, "</p>\n");
}

static void list(struct buffer *out, const char *kind, const struct advice_step *steps,
                 size_t count)
{
    if (!count)
        return;
    buffer_printf(out, "<%s>\n", kind);
    for (size_t i = 0; i < count; i++) {
        element(out, "<li>", steps[i].text, "");
        if (steps[i].link.len) {
            element(out, "<br><a rel=\"noopener noreferrer\" href=\"", steps[i].link, "\">");
            element(out, "", steps[i].where, "</a>");
        }
        buffer_add_text(out, "</li>\n");
    }
    buffer_printf(out, "</%s>\n", kind);
}

/* ---- recipients with causes of their own */

static void addresses(struct buffer *out, const struct notice *n, const struct advice *a,
                      size_t group)
{
    enum { NAMED = 20 };
    size_t named = 0;
    struct buffer line = BUFFER_EMPTY;
    buffer_add_text(out, "<h3>");
    for (size_t i = 0; i < n->recipient_count && named < NAMED; i++)
        if (a->group_of[i] == group) {
            buffer_clear(&line);
            say_recipient(&line, &n->recipients[i]);
            buffer_add_text(out, named++ ? "<br>" : "");
            element(out, "<bdi>", buffer_span(&line), "</bdi>");
        }
    buffer_add_text(out, a->groups[group].count > named ? "<br>…</h3>\n" : "</h3>\n");
    buffer_free(&line);
}

static void groups(struct buffer *out, const struct notice *n, const struct advice *a,
                   const struct language *l)
{
    struct buffer line = BUFFER_EMPTY;
    title(out, l, "Each recipient");
    for (size_t i = 0; i < a->group_count; i++) {
        addresses(out, n, a, i);
        buffer_clear(&line);
        say_group(&line, l, &a->groups[i]);
        element(out, "<p>", buffer_span(&line), "</p>\n");
        buffer_clear(&line);
        if (a->groups[i].who.len)
            say_who(&line, l, &a->groups[i]);
        element(out, "<p>", buffer_span(&line), "</p>\n");
        list(out, "ul", a->groups[i].steps, a->groups[i].step_count);
    }
    buffer_free(&line);
}

static void checks(struct buffer *out, const struct advice *a, const struct language *l)
{
    bool any = false;
    for (size_t i = 0; i < a->group_count; i++) {
        if (a->groups[i].check_count && !any)
            title(out, l, "To check on the server");
        any |= a->groups[i].check_count > 0;
        list(out, "ul", a->groups[i].checks, a->groups[i].check_count);
    }
}

static void reasons(struct buffer *out, const struct verdict *v, const struct advice *a,
                    const struct language *l)
{
    if (!a->reason_count && !a->settle.len)
        return;
    struct buffer line = BUFFER_EMPTY;
    title(out, l, "Why we think so");
    say_verdict(&line, l, v);
    element(out, "<p>", buffer_span(&line), "</p>\n");
    if (a->reason_count)
        buffer_add_text(out, "<ul>\n");
    for (size_t i = 0; i < a->reason_count; i++) {
        buffer_clear(&line);
        say_reason(&line, l, &a->reasons[i]);
        element(out, a->reasons[i].is_against ? "<li>− " : "<li>+ ", buffer_span(&line), "</li>\n");
    }
    if (a->reason_count)
        buffer_add_text(out, "</ul>\n");
    element(out, "<p>", a->settle, "</p>\n");
    buffer_free(&line);
}

/* ---- details */

struct list_state {
    struct buffer *out;
    bool is_open; /* a <dl> */
};

static void open_list(struct list_state *s, bool open)
{
    if (s->is_open != open)
        buffer_add_text(s->out, open ? "<dl>\n" : "</dl>\n");
    s->is_open = open;
}

static void detail_heading(struct details *d, struct span text)
{
    struct list_state *s = d->to;
    open_list(s, false);
    element(s->out, "<h3><bdi>", text, "</bdi></h3>\n");
}

static void detail_row(struct details *d, const char *label, struct span value)
{
    struct list_state *s = d->to;
    open_list(s, true);
    element(s->out, "<dt>", span_of(label), "</dt>");
    element(s->out, "<dd><bdi>", value, "</bdi></dd>\n");
}

static void detail_verbatim(struct details *d, const char *label, struct span words)
{
    struct list_state *s = d->to;
    open_list(s, false);
    element(s->out, "<p class=\"words\">", span_of(label), "</p>\n");
    element(s->out, "<pre dir=\"auto\" lang=\"\">", words, "</pre>\n");
}

static void details(struct buffer *out, const struct notice *n, const struct verdict *v,
                    const struct render_wishes *w)
{
    struct list_state s = {out, false};
    struct details d = {.heading = detail_heading,
                        .row = detail_row,
                        .verbatim = detail_verbatim,
                        .wishes = w,
                        .to = &s};
    buffer_add_text(out, "<section class=\"details\">\n");
    title(out, w->language, "Details");
    details_give(&d, n, v);
    open_list(&s, false);
    buffer_add_text(out, "</section>\n");
}

/* ---- the page */

void render_html_head(struct buffer *out, const struct render_wishes *w)
{
    buffer_printf(
        out,
        "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src '%s'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"robots\" content=\"noindex\">\n",
        language_tag(w->language), language_is_right_to_left(w->language) ? "rtl" : "ltr",
        page_style_hash);
    element(out, "<title>", span_of(words(w->language, "What this notice means")), "</title>\n");
    buffer_printf(out, "<style>%s</style>\n</head>\n<body>\n<main>\n", page_style);
}

void render_html_foot(struct buffer *out)
{
    buffer_add_text(out, "</main>\n</body>\n</html>\n");
}

void render_html_notice(struct buffer *out, const struct notice *n, const struct verdict *v,
                        const struct advice *a, const struct render_wishes *w)
{
    static const char *const tones[] = {[TONE_CALM] = "calm",
                                        [TONE_WAIT] = "wait",
                                        [TONE_TROUBLE] = "trouble",
                                        [TONE_DANGER] = "danger"};
    const struct language *l = w->language;
    struct buffer name = BUFFER_EMPTY;
    say_shown(&name, w->file);
    buffer_printf(out, "<article class=\"%s\">\n", tones[a->tone]);
    element(out, "<p class=\"file\"><bdi>", buffer_span(&name), "</bdi></p>\n");
    element(out, "<h1>", a->headline, "</h1>\n");
    element(out, "<p class=\"summary\">", a->lead, "</p>\n");
    answer(out, words(l, "Did it arrive?"), a->arrived);
    answer(out, words(l, "Did you send it?"), a->sent);
    answer(out, words(l, "Who must act?"), a->who);
    if (a->step_count && !a->has_several_causes) {
        title(out, l, "What to do");
        list(out, "ol", a->steps, a->step_count);
    }
    if (a->has_several_causes)
        groups(out, n, a, l);
    checks(out, a, l);
    reasons(out, v, a, l);
    details(out, n, v, w);
    buffer_add_text(out, "</article>\n");
    buffer_free(&name);
}

void render_html(struct buffer *out, const struct notice *n, const struct verdict *v,
                 const struct advice *a, const struct render_wishes *w)
{
    render_html_head(out, w);
    render_html_notice(out, n, v, a, w);
    render_html_foot(out);
}
