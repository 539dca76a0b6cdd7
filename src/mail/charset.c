/* What most mail is written in (ASCII, UTF-8, Latin 1 and Windows-1252) is read here; iconv knows
 * the rest. */
#include "mail/charset.h"

#include "base/visible.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { LONGEST_NAME = 40 };

static size_t ascii_length(struct span text)
{
    size_t n = 0;
    for (; n + 8 <= text.len; n += 8) {
        uint64_t word;
        memcpy(&word, text.at + n, 8);
        if (word & 0x8080808080808080)
            break;
    }
    while (n < text.len && !(text.at[n] & 0x80))
        n++;
    return n;
}

static void add_without_nul(struct buffer *out, struct span text)
{
    while (text.len) {
        size_t nul = span_find_char(text, 0);
        struct span piece = span_first(text, nul == SPAN_NOT_FOUND ? text.len : nul);
        buffer_add_span(out, piece);
        text = span_skip(text, piece.len + 1);
    }
}

static void add_code_point(struct buffer *out, unsigned c)
{
    if (c < 0x80) {
        buffer_add_char(out, (char)c);
    } else if (c < 0x800) {
        buffer_add_char(out, (char)(0xC0 | c >> 6));
        buffer_add_char(out, (char)(0x80 | (c & 0x3F)));
    } else {
        buffer_add_char(out, (char)(0xE0 | c >> 12));
        buffer_add_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        buffer_add_char(out, (char)(0x80 | (c & 0x3F)));
    }
}

/* Windows-1252 is Latin 1 but for these, and is what Latin 1 means in mail and on the web. */
static void add_windows_1252(struct buffer *out, struct span text)
{
    static const uint16_t upper[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    while (text.len) {
        size_t n = ascii_length(text);
        add_without_nul(out, span_first(text, n));
        text = span_skip(text, n);
        if (!text.len)
            break;
        unsigned char c = (unsigned char)text.at[0];
        add_code_point(out, c < 0xA0 ? upper[c - 0x80] : c);
        text = span_skip(text, 1);
    }
}

static void add_utf8(struct buffer *out, struct span text)
{
    uint32_t code;
    while (text.len) {
        size_t n = ascii_length(text);
        add_without_nul(out, span_first(text, n));
        text = span_skip(text, n);
        if (!text.len)
            break;
        n = utf8_next(text, &code);
        if (n)
            buffer_add_span(out, span_first(text, n));
        else
            buffer_add_text(out, "\xEF\xBF\xBD");
        text = span_skip(text, n ? n : 1);
    }
}

static void add_guess(struct buffer *out, struct span text)
{
    if (utf8_is_valid(text))
        add_without_nul(out, text);
    else
        add_windows_1252(out, text);
}

/* What mail calls them, and what iconv calls those that have all their characters: the makers'
 * extensions are sent under the standard's name. */
static const struct {
    struct span mail;
    const char *iconv;
} names[] = {
    {SPAN("iso-2022-jp"), "ISO-2022-JP-3"},
    {SPAN("shift_jis"), "CP932"},
    {SPAN("shift-jis"), "CP932"},
    {SPAN("x-sjis"), "CP932"},
    {SPAN("sjis"), "CP932"},
    {SPAN("windows-31j"), "CP932"},
    {SPAN("euc-jp"), "EUC-JP-MS"},
    {SPAN("gb2312"), "GB18030"},
    {SPAN("gbk"), "GB18030"},
    {SPAN("hz-gb-2312"), "GB18030"},
    {SPAN("big5"), "BIG5-HKSCS"},
    {SPAN("ks_c_5601-1987"), "CP949"},
    {SPAN("ks_c_5601-1989"), "CP949"},
    {SPAN("euc-kr"), "CP949"},
    {SPAN("iso-8859-8-i"), "ISO-8859-8"},
    {SPAN("iso-8859-6-i"), "ISO-8859-6"},
    {SPAN("iso-8859-9"), "CP1254"},
    {SPAN("tis-620"), "CP874"},
    {SPAN("cp-850"), "CP850"},
    {SPAN("unicode-1-1-utf-7"), "UTF-7"},
};

static iconv_t open_charset(struct span charset)
{
    char name[LONGEST_NAME + 1];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(charset, names[i].mail))
            return iconv_open("UTF-8", names[i].iconv);
    if (charset.len > LONGEST_NAME)
        return (iconv_t)-1;
    for (size_t i = 0; i < charset.len; i++) /* "//TRANSLIT" is not a name */
        if (!ascii_is_alnum(charset.at[i]) && !strchr("-_.:+()", charset.at[i]))
            return (iconv_t)-1;
    memcpy(name, charset.at, charset.len);
    name[charset.len] = 0;
    return iconv_open("UTF-8", name);
}

/* False: half of it or more makes no sense, so it is not what it is said to be. */
static bool convert(struct buffer *out, iconv_t cd, struct span text)
{
    size_t start = out->len, bad = 0, size = text.len;
    char *from = (char *)(uintptr_t)text.at; /* iconv does not change it */
    while (text.len) {
        size_t room = text.len + 64;
        char *to = buffer_reserve(out, room), *begin = to;
        size_t result = iconv(cd, &from, &text.len, &to, &room);
        out->len += (size_t)(to - begin);
        if (result != (size_t)-1 || (errno == E2BIG && to != begin))
            continue;
        buffer_add_text(out, "\xEF\xBF\xBD");
        bad++;
        if (text.len) {
            from++;
            text.len--;
        }
    }
    if (bad * 2 <= size)
        return true;
    out->len = start;
    return false;
}

static bool is_one_of(struct span charset, const struct span *of, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal_nocase(charset, of[i]))
            return true;
    return false;
}

void charset_to_utf8(struct buffer *out, struct span octets, struct span charset)
{
    static const struct span utf8[] = {SPAN("utf-8"), SPAN("utf8")};
    static const struct span latin1[] = {SPAN("iso-8859-1"), SPAN("windows-1252"), SPAN("latin1"),
                                         SPAN("cp1252")};
    static const struct span unknown[] = {SPAN(""),          SPAN("us-ascii"),
                                          SPAN("ascii"),     SPAN("unknown-8bit"),
                                          SPAN("x-unknown"), SPAN("8bit")};
    charset = span_trim(charset);
    if (is_one_of(charset, unknown, sizeof unknown / sizeof *unknown)) {
        add_guess(out, octets);
        return;
    }
    if (is_one_of(charset, utf8, 2)) {
        if (utf8_is_valid(octets))
            add_without_nul(out, octets);
        else
            add_utf8(out, octets);
        return;
    }
    if (is_one_of(charset, latin1,
                  4)) { /* UTF-8 is often said to be Latin 1, and never by chance */
        add_guess(out, octets);
        return;
    }
    iconv_t cd = open_charset(charset);
    if (cd == (iconv_t)-1 || !convert(out, cd, octets))
        add_guess(out, octets);
    if (cd != (iconv_t)-1)
        iconv_close(cd);
}
