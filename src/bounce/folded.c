#include "bounce/folded.h"

#include "base/eight.h"

static unsigned lower_of(unsigned code)
{
    if ((code >= 0xC0 && code <= 0xDE && code != 0xD7) || (code >= 0x391 && code <= 0x3A9) ||
        (code >= 0x410 && code <= 0x42F))
        return code + 0x20;
    if (code >= 0x400 && code <= 0x40F)
        return code + 0x50;
    if ((code >= 0x100 && code <= 0x137) || (code >= 0x14A && code <= 0x177))
        return code | 1;
    if ((code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E))
        return code + (code & 1);
    return code;
}

/* What is longer than a byte, at the start of `rest`; how many bytes it took. Never grows. */
static size_t fold_long(char *to, size_t *n, struct span rest)
{
    const unsigned char *at = (const unsigned char *)rest.at;
    if ((at[0] & 0xE0) == 0xC0 && rest.len > 1) {
        unsigned code = (unsigned)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
        if (code == 0xA0) { /* a blank that does not break */
            to[(*n)++] = ' ';
            return 2;
        }
        code = lower_of(code);
        to[(*n)++] = (char)(0xC0 | code >> 6);
        to[(*n)++] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (span_starts(rest, SPAN("\xE2\x80\x99"))) {
        to[(*n)++] = '\'';
        return 3;
    }
    to[(*n)++] = rest.at[0];
    return 1;
}

/* ASCII as it is folded; 0 for bytes of longer characters. */
static const unsigned char folded_byte[256] = {
    0x01, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, ' ',  ' ',  ' ',  ' ',  ' ',  0x0E, 0x0F,
    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F,
    ' ',  '!',  '"',  '#',  '$',  '%',  '&',  '\'', '(',  ')',  '*',  '+',  ',',  '-',  '.',  '/',
    '0',  '1',  '2',  '3',  '4',  '5',  '6',  '7',  '8',  '9',  ':',  ';',  '<',  '=',  '>',  '?',
    '@',  'a',  'b',  'c',  'd',  'e',  'f',  'g',  'h',  'i',  'j',  'k',  'l',  'm',  'n',  'o',
    'p',  'q',  'r',  's',  't',  'u',  'v',  'w',  'x',  'y',  'z',  '[',  '\\', ']',  '^',  '_',
    '`',  'a',  'b',  'c',  'd',  'e',  'f',  'g',  'h',  'i',  'j',  'k',  'l',  'm',  'n',  'o',
    'p',  'q',  'r',  's',  't',  'u',  'v',  'w',  'x',  'y',  'z',  '{',  '|',  '}',  '~',  0x7F};

/* Of the eight bytes at `from` those before the first that is not ASCII, or a blank behind a blank;
 * how many they are. */
static size_t fold_eight(char *to, const char *from, bool *after_blank)
{
    uint64_t eight = eight_load(from);
    uint64_t line_ends = eight_from(eight, '\t') & ~eight_from(eight, '\r' + 1);
    uint64_t blanks = line_ends | eight_equal(eight, ' ');
    uint64_t capitals = eight_from(eight, 'A') & ~eight_from(eight, 'Z' + 1);
    uint64_t odd = (eight & EIGHT_MARKS) | eight_equal(eight, 0) |
                   (blanks & (blanks << 8 | (uint64_t)*after_blank << 7));
    uint64_t ends = (line_ends >> 7) * 0xFF; /* all bits of them */
    eight_store(to, ((eight | capitals >> 2) & ~ends) | (EIGHT_OF(' ') & ends));
    size_t n = eight_before(odd);
    if (n)
        *after_blank = blanks >> (8 * n - 1) & 1;
    return n;
}

/* A blank behind a blank is written over by what follows it. */
static size_t fold_one(char *to, size_t *n, struct span rest, bool *after_blank)
{
    char c = (char)folded_byte[(unsigned char)rest.at[0]];
    size_t took = 1;
    if (!c) {
        took = fold_long(to, n, rest);
        c = to[--*n];
    }
    to[*n] = c;
    *n += !(*after_blank && c == ' ');
    *after_blank = c == ' ';
    return took;
}

struct span folded_text(struct span text, size_t most, struct arena *a)
{
    text = span_first(text, most);
    char *to = arena_new(a, text.len + 1);
    size_t n = 0;
    bool after_blank = false;
    for (size_t i = 0; i < text.len;) {
        size_t plain = i + 8 <= text.len ? fold_eight(to + n, text.at + i, &after_blank) : 0;
        n += plain;
        i += plain;
        if (plain < 8 && i < text.len)
            i += fold_one(to, &n, span_skip(text, i), &after_blank);
    }
    return span_make(to, n);
}

void folded_take(struct folded *f, struct span text, size_t most, const struct phrase_set *set,
                 struct arena *a)
{
    *f = (struct folded){.text = folded_text(text, most, a), .set = set};
    struct phrase_scan scan = phrase_scan_start(set, f->text);
    const struct phrase *phrase;
    for (size_t at; phrase_next(&scan, &phrase, &at);) {
        const struct phrase **first = &f->found[phrase->list].phrase;
        size_t *earliest = &f->found[phrase->list].at;
        if (!*first || at < *earliest)
            *earliest = at;
        if (!*first || phrase->order < (*first)->order)
            *first = phrase;
    }
}

const struct phrase *folded_has_next(const struct folded *f, const struct phrase *p)
{
    struct phrase_scan scan = phrase_scan_start(f->set, f->text);
    const struct phrase *found, *next = NULL;
    for (size_t at; phrase_next(&scan, &found, &at);)
        if (found->list == p->list && found->order > p->order &&
            (!next || found->order < next->order))
            next = found;
    return next;
}

bool folded_has(const struct folded *f, const char *phrase)
{
    return span_find(f->text, span_of(phrase)) != SPAN_NOT_FOUND;
}
