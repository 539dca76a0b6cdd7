#include "mail/bad_links.h"

#include "base/visible.h"
#include "mail/domain.h"
#include "mail/links.h"

enum { LONGEST_SHOWN = 60, LONGEST_WHY = 200 };

void bad_links_free(struct bad_links *l)
{
    map_free(&l->by_host);
}

/* What stands behind the host and its port; "/" alone says nothing. */
static struct span path_of(struct span link)
{
    struct span host = link_host(link);
    struct span rest = span_skip(link, (size_t)(host.at + host.len - link.at));
    if (rest.len && rest.at[0] == ':')
        do
            rest = span_skip(rest, 1);
        while (rest.len && ascii_is_digit(rest.at[0]));
    return rest.len > 1 && rest.at[0] == '/' ? rest : SPAN_NONE;
}

static bool is_text(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < ' ' && s.at[i] != '\t')
            return false;
    return true;
}

static bool fail(const char *file, size_t line, struct span what, const char *is, struct error *e)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, what, LONGEST_SHOWN);
    error_set(e, "%s:%zu: \"%s\" %s", file, line, buffer_text(&shown), is);
    buffer_free(&shown);
    return false;
}

static void add(struct bad_links *l, struct bad_link *one)
{
    one->next = map_get_text(&l->by_host, one->host);
    map_set_text(&l->by_host, one->host, one);
}

static bool parse_line(struct bad_links *l, const char *file, size_t number, struct span line,
                       struct arena *a, struct error *e)
{
    struct span what = span_word(&line), why = span_trim(line), host;
    struct bad_link *one = arena_new(a, sizeof *one);
    one->is_good = span_starts(what, SPAN("!"));
    what = span_skip(what, one->is_good);
    if (!domain_to_lower_ascii(link_host(what), &host, a) || !host.len)
        return fail(file, number, what,
                    "is no host (bad.example), nor the beginning of a link (files.example/s/abc)",
                    e);
    if (!is_text(why) || why.len > LONGEST_WHY)
        return fail(file, number, why, "is no reason: it is too long, or holds control characters",
                    e);
    one->host = host;
    one->path = arena_copy(a, path_of(what));
    one->why = arena_copy(a, why);
    add(l, one);
    return true;
}

bool bad_links_parse(struct bad_links *l, const char *file, struct span text, struct arena *a,
                     struct error *e)
{
    for (size_t number = 1; text.len; number++) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.len && line.at[0] != '#' && !parse_line(l, file, number, line, a, e))
            return false;
    }
    return true;
}

/* Of this very host. */
static const struct bad_link *find_here(const struct bad_links *l, struct span host,
                                        struct span path)
{
    const struct bad_link *best = NULL;
    for (const struct bad_link *b = map_get_text(&l->by_host, host); b; b = b->next)
        if (span_starts(path, b->path) && (!best || b->path.len > best->path.len))
            best = b;
    return best;
}

const struct bad_link *bad_links_find(const struct bad_links *l, struct span host, struct span link)
{
    struct span path = path_of(link);
    const struct bad_link *found = NULL;
    while (host.len && !(found = find_here(l, host, path))) {
        span_cut(&host, '.');
        path = SPAN_NONE; /* a path is of one host alone */
    }
    return found;
}
