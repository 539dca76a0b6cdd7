#include "base/visible.h"

#include <string.h>

size_t utf8_next(struct span s, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!s.len)
        return 0;
    unsigned char first = (unsigned char)s.at[0];
    size_t n = first < 0x80   ? 1
               : first < 0xC2 ? 0
               : first < 0xE0 ? 2
               : first < 0xF0 ? 3
               : first < 0xF5 ? 4
                              : 0;
    if (!n || n > s.len)
        return 0;
    uint32_t c = n == 1 ? first : first & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char b = (unsigned char)s.at[i];
        if ((b & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (b & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code = c;
    return n;
}

bool utf8_is_valid(struct span s)
{
    uint32_t code;
    for (size_t i = 0; i < s.len;) {
        uint64_t eight;
        if (s.len - i >= sizeof eight) { /* ASCII, mostly */
            memcpy(&eight, s.at + i, sizeof eight);
            if (!(eight & 0x8080808080808080)) {
                i += sizeof eight;
                continue;
            }
        }
        size_t n = s.at[i] & 0x80 ? utf8_next(span_skip(s, i), &code) : 1;
        if (!n)
            return false;
        i += n;
    }
    return true;
}

/* Controls, and what changes the order of reading or is not seen at all (Unicode Cc, Cf, Zl, Zp).
 */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
           (c >= 0x1BCA0 && c <= 0x1BCA3) || (c >= 0x1D173 && c <= 0x1D17A) ||
           (c >= 0xE0000 && c <= 0xE007F);
}

enum keep { KEEP_NOTHING, KEEP_BLANKS, KEEP_LINES };

/* How many bytes at the start are printable ASCII. */
static size_t plain_length(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.at[n] >= ' ' && s.at[n] < 0x7F)
        n++;
    return n;
}

static void add(struct buffer *out, struct span s, size_t max, enum keep keep)
{
    size_t left = max;
    while (s.len) {
        size_t plain = plain_length(span_first(s, left));
        buffer_add(out, s.at, plain);
        s = span_skip(s, plain);
        left -= plain;
        if (!s.len)
            break;
        uint32_t code = 0;
        size_t n = utf8_next(s, &code);
        size_t used = n ? n : 1;
        if (used > left) {
            buffer_add_text(out, "…");
            return;
        }
        if (!n)
            buffer_printf(out, "<%02X>", (unsigned char)s.at[0]);
        else if (keep == KEEP_LINES && code == '\r' && s.len > 1 && s.at[1] == '\n')
            ; /* the LF behind it ends the line */
        else if (keep == KEEP_LINES && code == '\n')
            buffer_add_char(out, '\n');
        else if (keep != KEEP_NOTHING && code == '\t')
            buffer_add_char(out, ' ');
        else if (is_hidden(code))
            buffer_printf(out, "<U+%04X>", (unsigned)code);
        else
            buffer_add(out, s.at, n);
        s = span_skip(s, used);
        left -= used;
    }
}

void visible_add(struct buffer *out, struct span s, size_t max)
{
    add(out, s, max, KEEP_NOTHING);
}

void visible_add_field(struct buffer *out, struct span s, size_t max)
{
    add(out, s, max, KEEP_BLANKS);
}

void visible_add_lines(struct buffer *out, struct span s, size_t max)
{
    add(out, s, max, KEEP_LINES);
}
