#include "guard/look.h"

#include "guard/print.h"
#include "mail/content.h"
#include "mail/html.h"
#include "mail/links.h"
#include "mail/parts.h"

enum { MOST_PARTS = 50, MOST_OF_A_KIND = 2, LONGEST_LINK = 500 };

struct looking {
    struct look *look;
    struct arena *arena;
    size_t hosts, pages;
};

static struct span in_lower(struct arena *a, struct span text)
{
    char *lower = arena_new(a, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        lower[i] = ascii_lower(text.at[i]);
    return span_make(lower, text.len);
}

static void add_link(struct looking *l, struct span link, size_t *count)
{
    if (!link.len || *count == MOST_OF_A_KIND)
        return;
    struct span lower = in_lower(l->arena, link);
    for (size_t i = 0; i < l->look->link_count; i++)
        if (span_equal(l->look->links[i], lower))
            return;
    l->look->links[l->look->link_count++] = lower;
    *count += 1;
}

/* From the host on, up to what may be another for each reader; empty when it is the host alone. */
static struct span page_of(struct span link, struct span host)
{
    struct span rest = span_skip(link, (size_t)(host.at - link.at));
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '?' && rest.at[end] != '#')
        end++;
    rest = span_first(rest, end);
    while (rest.len && rest.at[rest.len - 1] == '/')
        rest.len--;
    return rest.len > host.len ? rest : SPAN_NONE;
}

static void take_link(struct looking *l, struct span link)
{
    link = span_first(link, LONGEST_LINK);
    struct span host = link_host(link);
    if (!host.len)
        return;
    add_link(l, host, &l->hosts);
    add_link(l, page_of(link, host), &l->pages);
}

static bool is_web(struct span target)
{
    return span_starts_nocase(target, SPAN("http://")) ||
           span_starts_nocase(target, SPAN("https://"));
}

/* Of a message that says the same in two forms, the first that says enough counts. */
static void take_text(struct looking *l, struct span text)
{
    if (!l->look->text)
        l->look->text = print_text(text);
    for (struct span link; links_next(&text, &link);)
        take_link(l, link);
}

static void take_html(struct looking *l, struct span page)
{
    struct html *h = arena_new(l->arena, sizeof *h);
    html_read(page, h, l->arena);
    for (size_t i = 0; i < h->link_count; i++)
        if (is_web(h->links[i].target))
            take_link(l, h->links[i].target);
    take_text(l, h->text);
}

static bool is_attachment(const struct mime_entity *e)
{
    return span_starts_nocase(span_trim(e->disposition), SPAN("attachment"));
}

void look_at(struct span message, struct arena *a, struct look *l)
{
    struct looking looking = {.look = l, .arena = a};
    struct parts parts;
    struct mime_entity e;
    *l = (struct look){.text = 0};
    parts_start(&parts, message);
    for (int n = 0; n < MOST_PARTS && parts_next(&parts, &e); n++) {
        bool is_html = mime_is(&e, "text", "html");
        if (is_attachment(&e) || (!is_html && !mime_is(&e, "text", "plain")))
            continue;
        e.body = span_first(e.body, LOOK_MOST_BYTES);
        struct span text = content_text(&e, a);
        if (is_html)
            take_html(&looking, text);
        else
            take_text(&looking, text);
    }
}
