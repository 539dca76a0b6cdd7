/* What most mail is written in (ASCII, UTF-8, Latin 1 and Windows-1252) is read here; iconv knows
 * the rest. Names are compared by their letters and digits only: "ISO_8859-1", "iso8859-1". */
#include "mail/charset.h"

#include "base/visible.h"
#include "mail/charset_escapes.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 40, SHIFT_OUT = 0x0E };

static const char replacement[] = "\xEF\xBF\xBD";

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
static const uint16_t upper_controls[32] = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

static void add_windows_1252_char(struct buffer *out, unsigned char c)
{
    add_code_point(out, c >= 0x80 && c < 0xA0 ? upper_controls[c - 0x80] : c);
}

static void add_windows_1252(struct buffer *out, struct span text)
{
    while (text.len) {
        size_t n = ascii_length(text);
        add_without_nul(out, span_first(text, n));
        text = span_skip(text, n);
        if (text.len)
            add_windows_1252_char(out, (unsigned char)text.at[0]);
        text = span_skip(text, 1);
    }
}

/* Does the text end within a character, because somebody cut it off there? */
static bool is_cut_off(struct span text)
{
    unsigned char first = (unsigned char)text.at[0];
    size_t need = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
    if (text.len >= need || first >= 0xF5)
        return false;
    for (size_t i = 1; i < text.len; i++)
        if ((text.at[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/* Octets that are no UTF-8 were put there by somebody (a footer) who wrote Windows-1252. */
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
        if (n) {
            buffer_add_span(out, span_first(text, n));
        } else if (is_cut_off(text)) {
            buffer_add_text(out, replacement);
            return;
        } else {
            add_windows_1252_char(out, (unsigned char)text.at[0]);
        }
        text = span_skip(text, n ? n : 1);
    }
}

/* ---- iconv */

/* What iconv gave: NUL goes, and what stands for a control character of the upper half was meant
 * as on Windows, whose sets have much the same signs there. glibc's lets characters through that
 * are beyond Unicode's last one. */
static void add_clean(struct buffer *out, struct span raw)
{
    if (!utf8_is_valid(raw)) {
        add_utf8(out, raw);
        return;
    }
    while (raw.len) {
        size_t n = 0;
        while (n < raw.len && raw.at[n] && raw.at[n] != '\xC2')
            n++;
        bool is_control = raw.len > n + 1 && raw.at[n] && (unsigned char)raw.at[n + 1] < 0xA0;
        bool is_other = n < raw.len && raw.at[n] && !is_control;
        buffer_add_span(out, span_first(raw, n + is_other));
        if (is_control)
            add_windows_1252_char(out, (unsigned char)raw.at[n + 1]);
        raw = span_skip(raw, n + 1 + is_control);
    }
}

/* Give iconv all of `text`, and take what it makes of it piece by piece, so that no more memory is
 * used than needed. How many octets make no sense; what was given for them is U+FFFD. */
static size_t convert(struct buffer *out, iconv_t cd, struct span text)
{
    size_t bad = 0, result;
    char *from = (char *)(uintptr_t)text.at; /* iconv does not change it */
    char piece[4096];
    do { /* at the end some converters hold a character back: NULL asks for it */
        size_t room = sizeof piece;
        char *to = piece;
        bool is_end = !text.len;
        result =
            is_end ? iconv(cd, NULL, NULL, &to, &room) : iconv(cd, &from, &text.len, &to, &room);
        bool is_bad = result == (size_t)-1 && errno != E2BIG;
        add_clean(out, span_make(piece, sizeof piece - room));
        if (is_end)
            return bad;
        if (is_bad) {
            buffer_add_text(out, replacement);
            bad++;
            from++;
            text.len--;
        }
    } while (true);
}

/* False: it is unknown, or half of the text or more is none of it. `*bad` is left as `convert`
 * says. */
static bool add_by_iconv(struct buffer *out, struct span text, const char *name, size_t *bad)
{
    size_t start = out->len;
    iconv_t cd = iconv_open("UTF-8", name);
    if (cd == (iconv_t)-1)
        return false;
    *bad = convert(out, cd, text);
    iconv_close(cd);
    if (*bad * 2 <= text.len)
        return true;
    out->len = start;
    return false;
}

/* ---- names */

enum family { GUESSED, UNICODE, LATIN, ONE_BYTE, SEVERAL_BYTES, JAPANESE, ESCAPES_HZ };

/* By letters and digits; and what iconv calls those that have all their characters, as the makers'
 * extensions are sent under the standard's name. NULL: as it is called. */
static const struct known {
    const char *key;
    enum family family;
    const char *iconv;
} known[] = {
    {"", GUESSED, NULL},
    {"usascii", GUESSED, NULL},
    {"ascii", GUESSED, NULL},
    {"ansix341968", GUESSED, NULL},
    {"iso646us", GUESSED, NULL},
    {"unknown8bit", GUESSED, NULL},
    {"xunknown", GUESSED, NULL},
    {"unknown", GUESSED, NULL},
    {"xuserdefined", GUESSED, NULL},
    {"default", GUESSED, NULL},
    {"8bit", GUESSED, NULL},
    {"7bit", GUESSED, NULL},
    {"utf8", UNICODE, NULL},
    {"unicode11utf8", UNICODE, NULL},
    {"iso88591", LATIN, NULL},
    {"windows1252", LATIN, NULL},
    {"latin1", LATIN, NULL},
    {"cp1252", LATIN, NULL},
    {"cp819", LATIN, NULL},
    {"iso2022jp", JAPANESE, "EUC-JP-MS"},
    {"iso2022jp1", JAPANESE, "EUC-JP-MS"},
    {"iso2022jp2", JAPANESE, "EUC-JP-MS"},
    {"iso2022jp3", JAPANESE, "EUC-JP-MS"},
    {"iso2022jpms", JAPANESE, "EUC-JP-MS"},
    {"csiso2022jp", JAPANESE, "EUC-JP-MS"},
    {"cp50220", JAPANESE, "EUC-JP-MS"},
    {"cp50221", JAPANESE, "EUC-JP-MS"},
    {"jis", JAPANESE, "EUC-JP-MS"},
    {"eucjp", JAPANESE, "EUC-JP-MS"},
    {"xeucjp", JAPANESE, "EUC-JP-MS"},
    {"ujis", JAPANESE, "EUC-JP-MS"},
    {"shiftjis", JAPANESE, "CP932"},
    {"sjis", JAPANESE, "CP932"},
    {"xsjis", JAPANESE, "CP932"},
    {"windows31j", JAPANESE, "CP932"},
    {"mskanji", JAPANESE, "CP932"},
    {"cp932", JAPANESE, "CP932"},
    {"windows932", JAPANESE, "CP932"},
    {"hzgb2312", ESCAPES_HZ, NULL},
    {"hz", ESCAPES_HZ, NULL},
    {"gb2312", SEVERAL_BYTES, "GB18030"},
    {"gbk", SEVERAL_BYTES, "GB18030"},
    {"xgbk", SEVERAL_BYTES, "GB18030"},
    {"cp936", SEVERAL_BYTES, "GB18030"},
    {"windows936", SEVERAL_BYTES, "GB18030"},
    {"euccn", SEVERAL_BYTES, "GB18030"},
    {"gb231280", SEVERAL_BYTES, "GB18030"},
    {"chinesebig5", SEVERAL_BYTES, "BIG5-HKSCS"},
    {"big5", SEVERAL_BYTES, "BIG5-HKSCS"},
    {"xbig5", SEVERAL_BYTES, "BIG5-HKSCS"},
    {"xxbig5", SEVERAL_BYTES, "BIG5-HKSCS"},
    {"cnbig5", SEVERAL_BYTES, "BIG5-HKSCS"},
    {"cp950", SEVERAL_BYTES, "BIG5-HKSCS"},
    {"ksc56011987", SEVERAL_BYTES, "CP949"},
    {"ksc56011989", SEVERAL_BYTES, "CP949"},
    {"ksc5601", SEVERAL_BYTES, "CP949"},
    {"korean", SEVERAL_BYTES, "CP949"},
    {"euckr", SEVERAL_BYTES, "CP949"},
    {"xeuckr", SEVERAL_BYTES, "CP949"},
    {"windows949", SEVERAL_BYTES, "CP949"},
    {"iso88598i", ONE_BYTE, "ISO-8859-8"},
    {"iso88598e", ONE_BYTE, "ISO-8859-8"},
    {"iso88596i", ONE_BYTE, "ISO-8859-6"},
    {"iso88599", ONE_BYTE, "CP1254"},
    {"iso885911", ONE_BYTE, "CP874"},
    {"tis620", ONE_BYTE, "CP874"},
    {"koi8ru", ONE_BYTE, "KOI8-U"},
    {"koi8", ONE_BYTE, "KOI8-R"},
    {"macroman", ONE_BYTE, "MACINTOSH"},
    {"xmacroman", ONE_BYTE, "MACINTOSH"},
    {"xmaccyrillic", ONE_BYTE, "MAC-CYRILLIC"},
    {"unicode11utf7", SEVERAL_BYTES, "UTF-7"},
};

/* Letters and digits, as small letters. "//TRANSLIT" is no part of a name. */
static void make_key(char key[LONGEST_NAME + 1], struct span charset)
{
    size_t n = 0;
    for (size_t i = 0; i < charset.len && n < LONGEST_NAME; i++)
        if (ascii_is_alnum(charset.at[i]))
            key[n++] = ascii_lower(charset.at[i]);
    key[n] = 0;
}

/* "windows1251", "win1251", "cp1251", "iso88592" by other names than iconv's. */
static bool name_of_series(const char *key, char name[LONGEST_NAME + 1])
{
    static const struct {
        struct span key;
        const char *iconv;
    } series[] = {{SPAN("windows"), "CP"}, {SPAN("win"), "CP"},           {SPAN("xcp"), "CP"},
                  {SPAN("cp"), "CP"},      {SPAN("ibm"), "CP"},           {SPAN("xwindows"), "CP"},
                  {SPAN("dos"), "CP"},     {SPAN("iso8859"), "ISO-8859-"}};
    for (size_t i = 0; i < sizeof series / sizeof *series; i++) {
        struct span digits = span_skip(span_of(key), series[i].key.len);
        uint64_t number;
        if (span_starts(span_of(key), series[i].key) && span_to_u64(digits, 99999, &number)) {
            snprintf(name, LONGEST_NAME + 1, "%s%u", series[i].iconv, (unsigned)number);
            return true;
        }
    }
    return false;
}

static struct known find_known(const char *key, struct span charset, char name[LONGEST_NAME + 1])
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].key, key) == 0)
            return known[i];
    struct known found = {"", ONE_BYTE, name};
    if (name_of_series(key, name))
        return found;
    if (charset.len > LONGEST_NAME)
        return known[0];
    for (size_t i = 0; i < charset.len; i++) /* a slash would begin instructions */
        if (!ascii_is_alnum(charset.at[i]) &&
            span_find_char(SPAN("-_.:+()"), charset.at[i]) == SPAN_NOT_FOUND)
            return known[0];
    memcpy(name, charset.at, charset.len);
    name[charset.len] = 0;
    found.family = SEVERAL_BYTES; /* perhaps */
    return found;
}

/* ---- all together */

static void add_iso_2022_jp(struct buffer *out, struct span text)
{
    enum { PIECE = 8192 };
    struct iso_2022_jp j = {.rest = text};
    struct buffer euc = BUFFER_EMPTY;
    iconv_t cd = iconv_open("UTF-8", "EUC-JP-MS");
    if (cd == (iconv_t)-1) {
        add_windows_1252(out, text);
        return;
    }
    while (iso_2022_jp_to_euc(&j, PIECE, &euc)) {
        convert(out, cd, buffer_span(&euc));
        buffer_clear(&euc);
    }
    iconv_close(cd);
    buffer_free(&euc);
}

static void add_guess(struct buffer *out, struct span text)
{
    if (iso_2022_jp_is_used(text))
        add_iso_2022_jp(out, text);
    else if (utf8_is_valid(text))
        add_without_nul(out, text);
    else
        add_windows_1252(out, text);
}

/* The three sets are often taken for each other: escapes tell one, and the form the other two. */
static void add_japanese(struct buffer *out, struct span text, const char *said)
{
    bool is_shift_jis = strcmp(said, "CP932") == 0;
    size_t bad;
    if (iso_2022_jp_is_used(text) || span_find_char(text, SHIFT_OUT) != SPAN_NOT_FOUND) {
        add_iso_2022_jp(out, text);
        return;
    }
    if (!(is_shift_jis ? shift_jis_is_valid : euc_jp_is_valid)(text)) {
        if (utf8_is_valid(text)) {
            add_without_nul(out, text);
            return;
        }
        if ((is_shift_jis ? euc_jp_is_valid : shift_jis_is_valid)(text))
            said = is_shift_jis ? "EUC-JP-MS" : "CP932";
    }
    if (!add_by_iconv(out, text, said, &bad))
        add_guess(out, text);
}

static void add_hz(struct buffer *out, struct span text)
{
    struct buffer gb = BUFFER_EMPTY;
    size_t bad;
    hz_to_gb(&gb, text);
    if (!add_by_iconv(out, buffer_span(&gb), "GB18030", &bad))
        add_guess(out, text);
    buffer_free(&gb);
}

static bool is_ascii(struct span text)
{
    return ascii_length(text) == text.len;
}

bool charset_is_plain(struct span text)
{
    return is_ascii(text) && span_find_char(text, 0) == SPAN_NOT_FOUND &&
           span_find_char(text, 0x1B) == SPAN_NOT_FOUND;
}

/* UTF-8 is often said to be something else, and nothing else is UTF-8 by chance; but for short
 * texts of two-byte sets, which have to be wrong in their own first. */
static void add_other(struct buffer *out, struct span text, const struct known *k)
{
    size_t start = out->len, bad = 0;
    if (k->family == ONE_BYTE && !is_ascii(text) && utf8_is_valid(text)) {
        add_without_nul(out, text);
        return;
    }
    if (!add_by_iconv(out, text, k->iconv, &bad)) {
        add_guess(out, text);
    } else if (bad && utf8_is_valid(text)) {
        out->len = start;
        add_without_nul(out, text);
    }
}

void charset_to_utf8(struct buffer *out, struct span octets, struct span charset)
{
    char key[LONGEST_NAME + 1], name[LONGEST_NAME + 1];
    charset = span_trim(charset);
    make_key(key, charset);
    struct known k = find_known(key, charset, name);
    switch (k.family) {
    case GUESSED:
    case LATIN:
        add_guess(out, octets);
        break;
    case UNICODE:
        if (utf8_is_valid(octets))
            add_without_nul(out, octets);
        else
            add_utf8(out, octets);
        break;
    case JAPANESE:
        add_japanese(out, octets, k.iconv);
        break;
    case ESCAPES_HZ:
        add_hz(out, octets);
        break;
    case ONE_BYTE:
    case SEVERAL_BYTES:
        add_other(out, octets, &k);
        break;
    }
}
