#include "bounce/free_text.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool text_next_line(struct span *rest, struct text_line *line)
{
    if (!rest->len)
        return false;
    line->whole = span_cut(rest, '\n');
    if (line->whole.len && line->whole.at[line->whole.len - 1] == '\r')
        line->whole.len--;
    line->indent = 0;
    while (line->indent < line->whole.len &&
           (is_blank(line->whole.at[line->indent]) || line->whole.at[line->indent] == '>'))
        line->indent++;
    line->content = span_trim(span_skip(line->whole, line->indent));
    return true;
}

bool text_is_empty(const struct text_line *line)
{
    return !line->content.len;
}

bool text_is_rule(const struct text_line *line)
{
    size_t signs = 0;
    struct span s = line->content;
    while (signs < s.len && strchr("-=*_#+~", s.at[signs]))
        signs++;
    return signs >= 3;
}

/* ---- words */

size_t text_find_nocase(struct span text, const char *word)
{
    size_t len = strlen(word);
    char first = ascii_lower(word[0]);
    char both[2] = {first, first >= 'a' && first <= 'z' ? (char)(first - 32) : first};
    for (size_t at = 0; at + len <= text.len; at++) {
        if (text.at[at] != both[0] && text.at[at] != both[1])
            continue;
        if (span_starts_nocase(span_skip(text, at), span_make(word, len)))
            return at;
    }
    return SPAN_NOT_FOUND;
}

/* The hash of the last three letters, from that of those before: the oldest one is shifted out. */
static unsigned next_hash(unsigned hash, char c)
{
    return (hash << 5 ^ (unsigned char)ascii_lower(c)) & 8191;
}

struct text_look text_look_at(struct span text)
{
    struct text_look l = {.text = text};
    unsigned hash = 0;
    for (size_t i = 0; i < text.len; i++) {
        hash = next_hash(hash, text.at[i]);
        if (i >= 2)
            l.threes[hash >> 6] |= (uint64_t)1 << (hash & 63);
    }
    return l;
}

bool text_look_has(const struct text_look *l, const char *word)
{
    unsigned hash = 0;
    for (size_t i = 0; word[i]; i++) {
        hash = next_hash(hash, word[i]);
        if (i >= 2 && !(l->threes[hash >> 6] >> (hash & 63) & 1))
            return false;
    }
    return text_find_nocase(l->text, word) != SPAN_NOT_FOUND;
}

bool text_look_has_any(const struct text_look *l, const char *const *words)
{
    for (; *words; words++)
        if (text_look_has(l, *words))
            return true;
    return false;
}

bool text_has_any(struct span text, const char *const *words)
{
    struct text_look l = text_look_at(text);
    return text_look_has_any(&l, words);
}

/* ---- addresses */

static bool is_local(char c)
{
    return ascii_is_alnum(c) || (c & 0x80) || strchr("!#$%&'*+/=?^_`{|}~.-", c);
}

static bool is_domain(char c)
{
    return ascii_is_alnum(c) || (c & 0x80) || c == '.' || c == '-' || c == '_';
}

/* Around the "@" at `at`: false when that is no address. */
static bool take_address(struct span text, size_t at, struct span *address, size_t *end)
{
    size_t from = at, to = at + 1;
    while (from && text.at[from - 1] && is_local(text.at[from - 1]))
        from--;
    while (from < at && strchr("'=*`|", text.at[from])) /* marks around it */
        from++;
    if (from + 7 < at && span_starts_nocase(span_skip(text, from), SPAN("rfc822;")))
        from += 7;
    while (to < text.len && is_domain(text.at[to]))
        to++;
    while (to > at + 1 && strchr(".-_", text.at[to - 1]))
        to--;
    *end = to;
    if (from == at || to == at + 1 || at - from > 128 || to - at > 256)
        return false;
    *address = span_make(text.at + from, to - from);
    return true;
}

/* "Message-ID: <…>", "id <…>": no address. */
static bool is_of_message_id(struct span text, size_t from)
{
    struct span before = span_trim(span_first(text, from));
    while (before.len && before.at[before.len - 1] == '<')
        before.len--;
    before = span_trim(before);
    static const char *const names[] = {
        "message-id:", "message-id", "in-reply-to:", "references:", "message id", "msgid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_ends_nocase(before, span_of(names[i])))
            return true;
    return false;
}

bool text_find_address(struct span text, struct span *address, size_t *end)
{
    size_t from = 0;
    for (;;) {
        size_t at = span_find_char(span_skip(text, from), '@');
        if (at == SPAN_NOT_FOUND)
            return false;
        at += from;
        if (take_address(text, at, address, end) &&
            !is_of_message_id(text, (size_t)(address->at - text.at)))
            return true;
        from = at + 1;
    }
}

bool text_leads_with_address(const struct text_line *line, struct span *address, struct span *rest)
{
    struct span s = line->content;
    size_t end, skip = 0;
    while (skip < s.len && (strchr("<(\"'*-[ \t", s.at[skip]) || s.at[skip] == '\xE2'))
        skip += s.at[skip] == '\xE2' && skip + 3 <= s.len ? 3 : 1; /* "•" */
    s = span_skip(s, skip);
    if (span_starts_nocase(s, SPAN("smtp:")) || span_starts_nocase(s, SPAN("mailto:")))
        s = span_skip(s, span_find_char(s, ':') + 1);
    if (!text_find_address(s, address, &end) || address->at != s.at)
        return false;
    s = span_skip(s, end);
    for (skip = 0; skip < s.len && strchr(">)\"':;,.]( \t-", s.at[skip]);)
        skip++;
    *rest = span_skip(s, skip);
    return true;
}

/* ---- replies */

static int code_at(struct span s)
{
    uint64_t code;
    if (s.len < 3 || (s.at[0] != '4' && s.at[0] != '5') ||
        !span_to_u64(span_first(s, 3), 599, &code) || s.at[1] > '7')
        return 0;
    if (s.len > 3 && !is_blank(s.at[3]) && !strchr("-:,;)]\"'", s.at[3]))
        return 0;
    return (int)code;
}

int text_reply_code(struct span text)
{
    while (text.len && strchr("<>\"'([ \t", text.at[0]))
        text = span_skip(text, 1);
    return code_at(text);
}

/* What may stand before a code in a sentence: "said: 550", "(550", "#550", "error 550". */
static bool may_begin(struct span text, size_t at)
{
    if (!at)
        return true;
    char before = text.at[at - 1];
    return is_blank(before) || strchr(":;([#\"'<>=-", before);
}

int text_find_reply(struct span text, size_t *at)
{
    for (size_t i = 0; i + 3 <= text.len; i++) {
        if ((text.at[i] != '4' && text.at[i] != '5') || !may_begin(text, i))
            continue;
        int code = code_at(span_skip(text, i));
        if (code) {
            *at = i;
            return code;
        }
    }
    return 0;
}
