#include "bounce/free_text.h"

#include "base/eight.h"

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
    const char both[] = {first, first >= 'a' && first <= 'z' ? (char)(first - 32) : first, 0};
    for (size_t at = 0; at + len <= text.len; at++) {
        at += eight_find_any(span_skip(text, at), both);
        if (span_starts_nocase(span_skip(text, at), span_make(word, len)))
            return at;
    }
    return SPAN_NOT_FOUND;
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
