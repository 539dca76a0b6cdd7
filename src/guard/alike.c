/* Names are compared by how they are drawn: each letter becomes that of the Latin alphabet, or the
 * stroke, that a reader takes it for. The letters are those of scripts which are used to deceive
 * (UTS 39 has thousands, most of which no registry allows in a name). */
#include "guard/alike.h"

#include "base/slip.h"
#include "base/visible.h"
#include "mail/domain.h"
#include "mail/host_name.h"
#include "mail/links.h"

#include <stddef.h>

enum { SHORTEST_FOR_SLIP = 6 };

struct drawn {
    uint32_t from, to; /* code points */
    const char *as;    /* all of them */
};

/* In the order of code points. */
static const struct drawn drawn[] = {
    {'0', '0', "o"},       {'1', '1', "l"},       {'i', 'i', "l"},       {'|', '|', "l"},
    {0x00E0, 0x00E5, "a"}, {0x00E7, 0x00E7, "c"}, {0x00E8, 0x00EB, "e"}, {0x00EC, 0x00EF, "l"},
    {0x00F1, 0x00F1, "n"}, {0x00F2, 0x00F6, "o"}, {0x00F8, 0x00F8, "o"}, {0x00F9, 0x00FC, "u"},
    {0x00FD, 0x00FD, "y"}, {0x00FF, 0x00FF, "y"}, {0x0101, 0x0105, "a"}, {0x0107, 0x010D, "c"},
    {0x010F, 0x0111, "d"}, {0x0113, 0x011B, "e"}, {0x011D, 0x0123, "g"}, {0x0125, 0x0127, "h"},
    {0x0129, 0x0131, "l"}, {0x0137, 0x0138, "k"}, {0x013A, 0x0142, "l"}, {0x0144, 0x0148, "n"},
    {0x014D, 0x0151, "o"}, {0x0155, 0x0159, "r"}, {0x015B, 0x0161, "s"}, {0x0163, 0x0167, "t"},
    {0x0169, 0x0173, "u"}, {0x0175, 0x0175, "w"}, {0x0177, 0x0177, "y"}, {0x017A, 0x017E, "z"},
    {0x0251, 0x0251, "a"}, {0x0261, 0x0261, "g"}, {0x0269, 0x026A, "l"}, {0x03B1, 0x03B1, "a"},
    {0x03B9, 0x03B9, "l"}, {0x03BA, 0x03BA, "k"}, {0x03BD, 0x03BD, "v"}, {0x03BF, 0x03BF, "o"},
    {0x03C1, 0x03C1, "p"}, {0x03C5, 0x03C5, "u"}, {0x03C9, 0x03C9, "w"}, {0x0430, 0x0430, "a"},
    {0x0432, 0x0432, "b"}, {0x0435, 0x0435, "e"}, {0x043A, 0x043A, "k"}, {0x043C, 0x043C, "m"},
    {0x043D, 0x043D, "h"}, {0x043E, 0x043E, "o"}, {0x0440, 0x0440, "p"}, {0x0441, 0x0441, "c"},
    {0x0442, 0x0442, "t"}, {0x0443, 0x0443, "y"}, {0x0445, 0x0445, "x"}, {0x0451, 0x0451, "e"},
    {0x0455, 0x0455, "s"}, {0x0456, 0x0457, "l"}, {0x0458, 0x0458, "j"}, {0x04BB, 0x04BB, "h"},
    {0x04CF, 0x04CF, "l"}, {0x0501, 0x0501, "d"}, {0x051B, 0x051B, "q"}, {0x051D, 0x051D, "w"},
    {0x0578, 0x0578, "n"}, {0x057D, 0x057D, "u"}, {0x0585, 0x0585, "o"}, {0x1E01, 0x1E01, "a"},
    {0x1EA1, 0x1EB7, "a"}, {0x1EB9, 0x1EC7, "e"}, {0x1EC9, 0x1ECB, "l"}, {0x1ECD, 0x1EE3, "o"},
    {0x1EE5, 0x1EF1, "u"}, {0x1EF3, 0x1EF9, "y"},
};

static const struct drawn *drawn_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn && drawn[i].from <= code; i++)
        if (code <= drawn[i].to)
            return &drawn[i];
    return NULL;
}

static void add_drawn(struct buffer *out, struct span letter, uint32_t code)
{
    const struct drawn *d = drawn_of(code);
    if (d)
        buffer_add_text(out, d->as);
    else
        buffer_add_span(out, letter);
}

/* Two letters that are drawn as one: "rn" is "m". */
static struct span joined(struct span rest, const char **as)
{
    static const struct {
        struct span two;
        const char *as;
    } pairs[] = {{SPAN("rn"), "m"}, {SPAN("vv"), "w"}, {SPAN("cl"), "d"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (span_starts(rest, pairs[i].two)) {
            *as = pairs[i].as;
            return pairs[i].two;
        }
    return SPAN_NONE;
}

static struct span draw(struct span label, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    struct span rest = domain_to_unicode(label, a);
    while (rest.len) {
        const char *as = "";
        uint32_t code = 0;
        size_t len = joined(rest, &as).len;
        buffer_add_text(&out, as);
        if (!len) {
            len = utf8_next(rest, &code);
            len = len ? len : 1;
            add_drawn(&out, span_first(rest, len), code);
        }
        rest = span_skip(rest, len);
    }
    return arena_keep(a, &out);
}

/* ---- names */

struct drawn_host host_draw(struct span host, struct arena *a)
{
    struct drawn_host d = {.host = host, .ending = link_site(host)};
    d.name = span_cut(&d.ending, '.');
    d.drawn = draw(d.name, a);
    return d;
}

/* As if it were the beginning of it, behind which a dot or a hyphen hides that it goes on. */
static bool stands_in(struct span trusted, struct span host)
{
    for (size_t i = 0; i + trusted.len < host.len; i++) {
        char before = i ? host.at[i - 1] : '.', behind = host.at[i + trusted.len];
        if ((before == '.' || before == '-') && (behind == '.' || behind == '-') &&
            span_starts(span_skip(host, i), trusted))
            return true;
    }
    return false;
}

bool host_looks_like(const struct drawn_host *host, const struct drawn_host *trusted)
{
    if (host_name_is_within(host->host, trusted->host))
        return false;
    if (stands_in(trusted->host, host->host))
        return true;
    if (span_equal(host->name, trusted->name)) /* under another ending it is theirs by right */
        return false;
    return span_equal(host->drawn, trusted->drawn) ||
           (trusted->name.len >= SHORTEST_FOR_SLIP && span_equal(host->ending, trusted->ending) &&
            is_one_slip(host->name, trusted->name));
}
