/* A number counts when a word such as "limit" or "at most" stands shortly before it, with no other
 * number in between, or right behind it. Codes (5.3.4), addresses of pages, and numbers that are a
 * part of a name do not. Better none than a wrong one. */
#include "outcome/limit_said.h"

enum { NEAR = 40, LEAST_BARE_SIZE = 10000, MOST_RECIPIENTS = 100000, MOST_DIGITS = 15 };

static const struct span limit_words[] = {
    SPAN("limit"),     SPAN("maxim"),       SPAN("max"),         SPAN("allowed"),
    SPAN("permitted"), SPAN("at most"),     SPAN("up to"),       SPAN("may be"),
    SPAN("more than"), SPAN("larger than"), SPAN("bigger than"), SPAN("no more"),
    SPAN("höchst"),    SPAN("erlaubt"),     SPAN("grenze"),      SPAN("límite"),
    SPAN("máxim"),     SPAN("massim"),      SPAN("plus de"),     SPAN("autorisé"),
    SPAN("предел"),    SPAN("максим"),      SPAN("лимит"),       SPAN("上限"),
    SPAN("制限"),      SPAN("限制"),        SPAN("最大"),        SPAN("toegestaan"),
    SPAN("dozwolon"),  SPAN("الحد")};

static const struct {
    struct span name;
    uint64_t bytes;
} units[] = {
    {SPAN("b"), 1},
    {SPAN("byte"), 1},
    {SPAN("bytes"), 1},
    {SPAN("octets"), 1},
    {SPAN("байт"), 1},
    {SPAN("k"), 1000},
    {SPAN("kb"), 1000},
    {SPAN("kbyte"), 1000},
    {SPAN("kbytes"), 1000},
    {SPAN("ko"), 1000},
    {SPAN("кб"), 1000},
    {SPAN("kib"), 1024},
    {SPAN("m"), 1000000},
    {SPAN("mb"), 1000000},
    {SPAN("mbyte"), 1000000},
    {SPAN("mbytes"), 1000000},
    {SPAN("megabytes"), 1000000},
    {SPAN("mo"), 1000000},
    {SPAN("мб"), 1000000},
    {SPAN("МБ"), 1000000},
    {SPAN("mib"), 1024 * 1024},
    {SPAN("g"), 1000000000},
    {SPAN("gb"), 1000000000},
    {SPAN("go"), 1000000000},
    {SPAN("гб"), 1000000000},
    {SPAN("ГБ"), 1000000000},
    {SPAN("gib"), 1024 * 1024 * 1024},
};

/* A number in a text. */
struct number {
    size_t at, end; /* with its unit */
    uint64_t whole, thousandths;
    uint64_t unit; /* bytes; 0: it has none */
};

static bool is_letter(char c)
{
    return ascii_is_alpha(c) || (c & 0x80);
}

static bool is_in_number(char c)
{
    return ascii_is_digit(c) || c == '.' || c == ',';
}

static size_t count_separators(struct span run, bool *are_groups)
{
    size_t count = 0, digits = 0;
    *are_groups = true;
    for (size_t i = 0; i <= run.len; i++) {
        if (i < run.len && ascii_is_digit(run.at[i])) {
            digits++;
            continue;
        }
        *are_groups &= count ? digits == 3 : digits >= 1 && (digits <= 3 || i == run.len);
        count += i < run.len;
        digits = 0;
    }
    return count;
}

static bool add_digits(uint64_t *value, struct span run)
{
    size_t digits = 0;
    for (size_t i = 0; i < run.len; i++)
        if (ascii_is_digit(run.at[i])) {
            *value = *value * 10 + (uint64_t)(run.at[i] - '0');
            digits++;
        }
    return digits && digits <= MOST_DIGITS;
}

/* "35,882,577", "10.240", "1.5"; false: it is a code, or a date. */
static bool take_value(struct number *n, struct span run)
{
    bool are_groups;
    size_t count = count_separators(run, &are_groups);
    if (count == 0 || (are_groups && (count > 1 || span_find_char(run, ',') != SPAN_NOT_FOUND)))
        return add_digits(&n->whole, run);
    if (count > 1)
        return false;
    struct span rest = run,
                whole = span_cut(&rest, span_find_char(run, '.') == SPAN_NOT_FOUND ? ',' : '.');
    uint64_t part = 0;
    if (!add_digits(&n->whole, whole) || rest.len > 3 || !add_digits(&part, rest))
        return false;
    n->thousandths = part * (rest.len == 1 ? 100 : rest.len == 2 ? 10 : 1);
    return true;
}

static void take_unit(struct number *n, struct span words)
{
    size_t at = n->end, len = 0;
    at += at < words.len && words.at[at] == ' ';
    while (at + len < words.len && is_letter(words.at[at + len]))
        len++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_equal_nocase(span_make(words.at + at, len), units[i].name)) {
            n->unit = units[i].bytes;
            n->end = at + len;
        }
}

/* Names have numbers in them ("mx1", "#5.3.4", "2a00::1"), pages too. */
static bool may_begin(struct span words, size_t at)
{
    char before = at ? words.at[at - 1] : ' ';
    return !ascii_is_alnum(before) && before != '#' && before != '.' && before != '_' &&
           before != '-' && before != '%' && before != ':';
}

static size_t page_here(struct span words)
{
    size_t len = 0;
    if (!span_starts_nocase(words, SPAN("http")))
        return 0;
    while (len < words.len && words.at[len] != ' ' && words.at[len] != '\n')
        len++;
    return len;
}

/* The next number at or behind `from`. */
static bool find_number(struct span words, size_t from, struct number *n)
{
    for (size_t at = from; at < words.len;) {
        size_t page = page_here(span_skip(words, at)), len = 0;
        at += page;
        while (at + len < words.len && ascii_is_digit(words.at[at]) &&
               is_in_number(words.at[at + len]))
            len++;
        size_t skip = len + !len;
        bool may = len && may_begin(words, at);
        while (len && !ascii_is_digit(words.at[at + len - 1]))
            len--;
        *n = (struct number){.at = at, .end = at + len};
        if (may && take_value(n, span_make(words.at + at, len))) {
            take_unit(n, words);
            return true;
        }
        at += skip;
    }
    return false;
}

/* Behind the last of those words in `s`; 0: there is none. */
static size_t behind_limit_word(struct span s)
{
    size_t behind = 0;
    for (size_t i = 0; i < s.len; i++)
        for (size_t k = 0; k < sizeof limit_words / sizeof *limit_words; k++)
            if (span_starts_nocase(span_skip(s, i), limit_words[k]))
                behind = i + limit_words[k].len;
    return behind;
}

static bool holds_nocase(struct span s, struct span what)
{
    for (size_t i = 0; i < s.len; i++)
        if (span_starts_nocase(span_skip(s, i), what))
            return true;
    return false;
}

/* What stands behind the end of a sentence. */
static struct span last_sentence(struct span s)
{
    for (size_t i = s.len; i > 1; i--)
        if (s.at[i - 1] == ' ' && (s.at[i - 2] == '.' || s.at[i - 2] == ';'))
            return span_skip(s, i);
    return s;
}

/* "maximum size exceeded: 12345" tells how much it was. */
static bool is_announced(struct span words, size_t after, const struct number *n)
{
    struct span between = last_sentence(span_make(words.at + after, n->at - after));
    size_t behind = behind_limit_word(between);
    return behind && between.len - behind <= NEAR &&
           !holds_nocase(span_skip(between, behind), SPAN("exceed"));
}

/* "20 MB limit" */
static bool is_named_behind(struct span words, const struct number *n)
{
    struct span rest = span_skip(words, n->end);
    rest = span_skip(rest, rest.len && rest.at[0] == ' ');
    return span_starts_nocase(rest, SPAN("limit")) || span_starts_nocase(rest, SPAN("max"));
}

static uint64_t bytes_of(const struct number *n)
{
    uint64_t unit = n->unit ? n->unit : 1;
    bool is_size = n->unit || (n->whole >= LEAST_BARE_SIZE && !n->thousandths);
    return is_size && n->whole <= UINT64_MAX / 2 / unit
               ? n->whole * unit + n->thousandths * unit / 1000
               : 0;
}

static uint64_t recipients_of(const struct number *n)
{
    return n->unit || n->thousandths || n->whole > MOST_RECIPIENTS ? 0 : n->whole;
}

static uint64_t limit_said(struct span words, uint64_t (*value_of)(const struct number *n))
{
    size_t after = 0;
    for (struct number n; find_number(words, after, &n); after = n.end) {
        bool is_limit = is_announced(words, after, &n) || is_named_behind(words, &n);
        uint64_t value = is_limit ? value_of(&n) : 0;
        if (value)
            return value;
    }
    return 0;
}

uint64_t limit_said_of_size(struct span words)
{
    return holds_nocase(words, SPAN("header")) ? 0 : limit_said(words, bytes_of);
}

uint64_t limit_said_of_recipients(struct span words)
{
    return limit_said(words, recipients_of);
}
