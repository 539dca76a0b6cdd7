/* Restrictions that are about the client: with us each counts so many points that it refuses by
 * itself, as in Postfix. */
#include "import/inside.h"

enum { REFUSED_FROM = 10 };

/* "%s": the list, "%s": its answer with "=", or nothing. */
static const struct rule {
    const char *name, *line;
} rules[] = {
    {"reject_rbl_client", "dns-list %s points %s10"},
    {"reject_rhsbl_sender", "dns-list %s about sender points %s10"},
    {"reject_rhsbl_helo", "dns-list %s about hello points %s10"},
    {"permit_dnswl_client", "dns-list %s points %s-100"},
    {"reject_unknown_reverse_client_hostname", "points-no-reverse-name 10"},
    {"reject_unknown_client_hostname",
     "points-no-reverse-name 10\npoints-reverse-name-unconfirmed 10"},
    {"reject_unknown_helo_hostname", "points-hello-unknown 10"},
    {"reject_invalid_helo_hostname", "points-hello-malformed 10"},
    {"reject_non_fqdn_helo_hostname", "points-hello-malformed 10"},
};

static bool has_line(const struct buffer *lines, struct span line)
{
    for (struct span rest = buffer_span(lines); rest.len;)
        if (span_equal(span_cut(&rest, '\n'), line))
            return true;
    return false;
}

static void add_new(struct buffer *lines, struct span wanted)
{
    while (wanted.len) {
        struct span line = span_cut(&wanted, '\n');
        if (!has_line(lines, line))
            buffer_printf(lines, "%.*s\n", SPAN_F(line));
    }
}

/* "zen.example=127.0.0.2" */
static struct span line_of(struct importer *i, const struct rule *r, struct span argument)
{
    struct span answer = argument, zone = span_cut(&answer, '=');
    struct span text = span_of(r->line);
    size_t at = span_find(text, SPAN("%s"));
    if (at == SPAN_NOT_FOUND)
        return text;
    struct span rest = span_skip(text, at + 2);
    size_t second = span_find(rest, SPAN("%s"));
    return arena_printf(i->arena, "%.*s%.*s%.*s%.*s%s%.*s", SPAN_F(span_first(text, at)),
                        SPAN_F(zone), SPAN_F(span_first(rest, second)), SPAN_F(answer),
                        answer.len ? "=" : "", SPAN_F(span_skip(rest, second + 2)));
}

bool import_client_rule(struct importer *i, struct buffer *lines, const char *about,
                        struct span item, struct span argument)
{
    const struct rule *r = rules;
    struct span why;
    struct buffer with = BUFFER_EMPTY;
    while (r < rules + sizeof rules / sizeof *rules && !span_equal(item, span_of(r->name)))
        r++;
    if (r == rules + sizeof rules / sizeof *rules)
        return false;
    struct span wanted = line_of(i, r, argument);
    buffer_add_span(&with, buffer_span(lines));
    if (!with.len)
        buffer_printf(&with, "refuse-points %d\n", REFUSED_FROM);
    add_new(&with, wanted);
    if (is_taken(i, buffer_span(&with), &why)) {
        buffer_clear(lines);
        buffer_add_span(lines, buffer_span(&with));
        for (struct span rest = wanted; rest.len;) {
            struct span line = span_cut(&rest, '\n');
            note(i, IMPORT_CARRIED, about, "%.*s", SPAN_F(line));
        }
    } else {
        note(i, IMPORT_LOST, about,
             "%.*s. Set dns-list yourself; see WHOM WE LET IN in plainpost.conf(5)", SPAN_F(why));
    }
    buffer_free(&with);
    return true;
}
