#include "auth/spf_record.h"

#include "auth/spf_macro.h"
#include "base/inet.h"

enum { SHOWN = 80 };

#define VERSION SPAN("v=spf1")

const char *spf_result_word(enum spf_result r)
{
    static const char *const words[] = {"none",     "neutral",   "pass",     "fail",
                                        "softfail", "temperror", "permerror"};
    return words[r];
}

/* How a mechanism is written behind its name. */
enum form { NOTHING, NEEDS_TARGET, MAY_TARGET, MAY_TARGET_AND_BITS, NETWORK4, NETWORK6 };

static const struct {
    struct span name;
    enum spf_mechanism mechanism;
    enum form form;
} mechanisms[] = {
    {SPAN("all"), SPF_ALL, NOTHING},         {SPAN("include"), SPF_INCLUDE, NEEDS_TARGET},
    {SPAN("a"), SPF_A, MAY_TARGET_AND_BITS}, {SPAN("mx"), SPF_MX, MAY_TARGET_AND_BITS},
    {SPAN("ptr"), SPF_PTR, MAY_TARGET},      {SPAN("ip4"), SPF_IP4, NETWORK4},
    {SPAN("ip6"), SPF_IP6, NETWORK6},        {SPAN("exists"), SPF_EXISTS, NEEDS_TARGET},
};

bool spf_record_is(struct span text)
{
    return span_starts_nocase(text, VERSION) &&
           (text.len == VERSION.len || text.at[VERSION.len] == ' ');
}

/* ---- domains */

/* A label that can be the last one: not of digits alone, no hyphen at its ends. */
static bool is_top_label(struct span label)
{
    bool has_more_than_digits = false;
    for (size_t i = 0; i < label.len; i++) {
        bool is_inside = i && i + 1 < label.len;
        if (!ascii_is_alnum(label.at[i]) && !(label.at[i] == '-' && is_inside))
            return false;
        has_more_than_digits |= !ascii_is_digit(label.at[i]);
    }
    return has_more_than_digits;
}

/* domain-spec */
static bool check_target(struct span target, struct error *e)
{
    struct span name = target;
    if (!target.len)
        return error_set(e, "no domain is named in it");
    if (!spf_macro_check(target, false, e))
        return false;
    if (spf_macro_ends(target))
        return true;
    if (name.at[name.len - 1] == '.')
        name.len--;
    size_t start = name.len;
    while (start && name.at[start - 1] != '.')
        start--;
    unsigned char bytes[16];
    if (inet_parse(target, bytes))
        return error_set(e, "it needs the name of a domain; an address is written as %s%.*s",
                         inet_is_v4(bytes) ? "ip4:" : "ip6:", SPAN_F(target));
    if (!start || !is_top_label(span_skip(name, start)))
        return error_set(e, "\"%.*s\" is no domain", SPAN_F(span_first(target, SHOWN)));
    return true;
}

/* ---- networks */

static bool read_bits(struct span digits, unsigned most, unsigned *bits, struct error *e)
{
    uint64_t value;
    if ((digits.len > 1 && digits.at[0] == '0') || !span_to_u64(digits, most, &value))
        return error_set(e, "the length of a network is a number from 0 to %u", most);
    *bits = (unsigned)value;
    return true;
}

/* Cut "/24", "//64" or "/24//64" off the end of `*text`: a domain may hold slashes, too, but can't
 * end so. */
static bool take_bits(struct span *text, struct spf_term *t, struct error *e)
{
    size_t digits = text->len;
    while (digits && ascii_is_digit(text->at[digits - 1]))
        digits--;
    if (digits < 1 || text->at[digits - 1] != '/')
        return true;
    bool is_v6 = digits > 1 && text->at[digits - 2] == '/';
    if (!read_bits(span_skip(*text, digits), is_v6 ? 128 : 32, is_v6 ? &t->bits6 : &t->bits4, e))
        return false;
    text->len = digits - (is_v6 ? 2 : 1);
    return !is_v6 || take_bits(text, t, e);
}

static bool read_network(struct span text, bool is_v6, struct spf_term *t, struct error *e)
{
    size_t slash = span_find_char(text, '/');
    struct span address = slash == SPAN_NOT_FOUND ? text : span_first(text, slash);
    bool ok = is_v6 ? inet_parse_v6(address, t->network) : inet_parse_v4(address, t->network);
    if (!ok)
        return error_set(e, "\"%.*s\" is no IPv%c address", SPAN_F(span_first(address, SHOWN)),
                         is_v6 ? '6' : '4');
    return slash == SPAN_NOT_FOUND || read_bits(span_skip(text, slash + 1), is_v6 ? 128 : 32,
                                                is_v6 ? &t->bits6 : &t->bits4, e);
}

/* ---- terms */

/* `rest`: what follows the name, from ":" or "/" on. */
static bool read_arguments(struct spf_term *t, enum form form, struct span rest, struct error *e)
{
    bool has_colon = rest.len && rest.at[0] == ':';
    if (form == MAY_TARGET_AND_BITS && !take_bits(&rest, t, e))
        return false;
    if (!rest.len && (form == NOTHING || form == MAY_TARGET || form == MAY_TARGET_AND_BITS))
        return true;
    if (form == NOTHING || (rest.len && !has_colon))
        return error_set(e, "nothing like that can follow its name");
    rest = span_skip(rest, 1);
    if (form == NETWORK4 || form == NETWORK6)
        return read_network(rest, form == NETWORK6, t, e);
    t->target = rest;
    return check_target(rest, e);
}

static enum spf_result take_qualifier(struct span *word)
{
    char c = word->len ? word->at[0] : 0;
    if (c == '+' || c == '-' || c == '~' || c == '?')
        *word = span_skip(*word, 1);
    return c == '-' ? SPF_FAIL : c == '~' ? SPF_SOFTFAIL : c == '?' ? SPF_NEUTRAL : SPF_PASS;
}

static bool read_mechanism(struct spf_term *t, struct span word, struct error *e)
{
    *t = (struct spf_term){.written = word, .bits4 = 32, .bits6 = 128};
    t->result = take_qualifier(&word);
    size_t end = 0;
    while (end < word.len && word.at[end] != ':' && word.at[end] != '/')
        end++;
    struct span name = span_first(word, end);
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (span_equal_nocase(name, mechanisms[i].name)) {
            t->mechanism = mechanisms[i].mechanism;
            return read_arguments(t, mechanisms[i].form, span_skip(word, end), e);
        }
    return error_set(e, "there is no mechanism of that name");
}

/* name "=" before any ":" or "/": RFC 7208 4.6.1. */
static bool is_modifier(struct span word, size_t *equals)
{
    *equals = span_find_char(word, '=');
    if (*equals == SPAN_NOT_FOUND || !*equals || !ascii_is_alpha(word.at[0]))
        return false;
    for (size_t i = 0; i < *equals; i++) {
        char c = word.at[i];
        if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

static bool read_modifier(struct spf_record *r, struct span name, struct span value,
                          struct error *e)
{
    struct span *place = span_equal_nocase(name, SPAN("redirect")) ? &r->redirect
                         : span_equal_nocase(name, SPAN("exp"))    ? &r->explanation
                                                                   : NULL;
    if (!place)
        return spf_macro_check(value, true, e);
    if (place->len)
        return error_set(e, "it is there twice");
    *place = value;
    return check_target(value, e);
}

/* macro-string, 7.1: what is no macro is printable ASCII. */
static bool is_visible(struct span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] <= ' ' || word.at[i] > '~')
            return false;
    return true;
}

static bool read_term(struct spf_record *r, struct span word, struct error *e)
{
    size_t equals;
    if (!is_visible(word))
        return error_set(e, "control characters, tabs or letters beyond ASCII can't stand in it");
    if (is_modifier(word, &equals))
        return read_modifier(r, span_first(word, equals), span_skip(word, equals + 1), e);
    return read_mechanism(&r->terms[r->count++], word, e);
}

bool spf_record_parse(struct spf_record *r, struct span text, struct arena *a, struct error *e)
{
    size_t blanks = 0;
    for (size_t i = 0; i < text.len; i++)
        blanks += text.at[i] == ' ';
    *r = (struct spf_record){.terms = arena_new(a, (blanks + 1) * sizeof *r->terms)};
    span_cut(&text, ' ');
    while (text.len) {
        struct span word = span_cut(&text, ' ');
        struct error why;
        if (word.len && !read_term(r, word, &why))
            return error_set(e, "\"%.*s\": %s", SPAN_F(span_first(word, SHOWN)), why.text);
    }
    return true;
}
