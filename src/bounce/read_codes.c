/* The code of a reply and the enhanced status code, where they stand in words. A number is a code
 * only where a reply may begin, or where it is followed by its status: "500 recipients" is none. */
#include "bounce/read_inside.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "5.1.1" at the start, not a part of something longer: an address of IPv4, a version. */
bool read_status_at(struct span text, struct status *s)
{
    unsigned number[3] = {0};
    size_t i = 0;
    for (size_t n = 0; n < 3; n++) {
        size_t from = i;
        if (n && (i == text.len || text.at[i++] != '.'))
            return false;
        from = i;
        while (i < text.len && i - from < 3 && ascii_is_digit(text.at[i]))
            number[n] = number[n] * 10 + (unsigned)(text.at[i++] - '0');
        if (i == from)
            return false;
    }
    bool ends = i == text.len ||
                (!ascii_is_alnum(text.at[i]) && text.at[i] != '_' &&
                 !(text.at[i] == '.' && i + 1 < text.len && ascii_is_digit(text.at[i + 1])));
    if (!ends || (number[0] != 2 && number[0] != 4 && number[0] != 5) || number[1] > 7)
        return false;
    *s = STATUS((uint8_t)number[0], (uint16_t)number[1], (uint16_t)number[2]);
    return true;
}

static bool is_general(struct status s)
{
    return s.class && !s.subject && !s.detail;
}

/* A status that says more than "5.0.0" takes its place. */
void read_take_status(struct status *kept, struct status found)
{
    if (!kept->class || (is_general(*kept) && !is_general(found) && kept->class == found.class))
        *kept = found;
}

/* "messages", "KB", "minutes": what is counted, so that the number before it is no code. */
static bool is_unit(struct span rest)
{
    static const char *const units[] = {"kb",      "mb",      "bytes",    "messages", "recipients",
                                        "minutes", "hours",   "days",     "seconds",  "times",
                                        "mails",   "lines",   "attempts", "percent",  "users",
                                        "of",      "minutes", "megabytes"};
    size_t n = 0;
    rest = span_trim(span_first(rest, 24));
    while (n < rest.len && ascii_is_alpha(rest.at[n]))
        n++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_equal_nocase(span_first(rest, n), span_of(units[i])))
            return true;
    return false;
}

/* A reply may begin at `i`: a line does, or a mark stands before it. */
static bool is_at_start(struct span text, size_t i)
{
    while (i && is_blank(text.at[i - 1]))
        if (text.at[--i] == '\n')
            return true;
    return !i || strchr(":(<>;[\"'#|", text.at[i - 1]);
}

/* A word before `i` announces it. */
static bool is_announced(struct span text, size_t i)
{
    static const char *const words[] = {"said",  "error",    "code",   "returned", "reply",
                                        "smtp",  "response", "status", "with",     "was",
                                        "reads", "errors",   "fehler", "erreur",   "answered"};
    while (i && is_blank(text.at[i - 1]))
        i--;
    size_t from = i;
    while (from && ascii_is_alpha(text.at[from - 1]))
        from--;
    struct span word = span_first(span_skip(text, from), i - from);
    for (size_t n = 0; n < sizeof words / sizeof *words; n++)
        if (span_equal_nocase(word, span_of(words[n])))
            return true;
    return false;
}

static bool is_common(int code)
{
    static const int common[] = {421, 450, 451, 452, 454, 500, 501, 502, 503, 504, 521,
                                 530, 535, 550, 551, 552, 553, 554, 555, 556, 557, 571};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (common[i] == code)
            return true;
    return false;
}

static int code_at(struct span text, size_t i)
{
    struct span rest = span_skip(text, i);
    struct status s;
    if (rest.len < 3 || !ascii_is_digit(rest.at[1]) || !ascii_is_digit(rest.at[2]) ||
        rest.at[1] > '7')
        return 0;
    bool ends =
        rest.len == 3 || (!ascii_is_alnum(rest.at[3]) && rest.at[3] != '_' && rest.at[3] != '%' &&
                          rest.at[3] != '/' && rest.at[3] != '@' &&
                          !(rest.at[3] == '.' && rest.len > 4 && ascii_is_digit(rest.at[4])));
    if (!ends)
        return 0;
    int code = (rest.at[0] - '0') * 100 + (rest.at[1] - '0') * 10 + (rest.at[2] - '0');
    struct span behind = span_skip(rest, 3);
    while (behind.len && (is_blank(behind.at[0]) || strchr("-#(:", behind.at[0])))
        behind = span_skip(behind, 1);
    if (read_status_at(behind, &s))
        return code;
    if (rest.len > 4 && rest.at[3] == '-' && ascii_is_digit(rest.at[4]))
        return 0; /* of a telephone, of a date */
    if (is_at_start(text, i))
        return code;
    bool may_be = is_announced(text, i) || is_common(code);
    return may_be && !is_unit(span_skip(rest, 3)) ? code : 0;
}

/* A word may begin at `i`: not inside of a name, a number or an address. */
static bool is_edge(struct span text, size_t i)
{
    char c = i ? text.at[i - 1] : ' ';
    if (c == '-' || c == '.') /* "550-5.1.1", "failed.550": only behind what is no name */
        return i > 1 && (c == '-' ? ascii_is_digit(text.at[i - 2]) && i > 3
                                  : ascii_is_alpha(text.at[i - 2]));
    return !ascii_is_alnum(c) && c != '@' && c != '_' && c != '/' && c != '=' && c != '+' &&
           c != ',';
}

void read_codes(struct notice_recipient *to, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        struct status s;
        if ((text.at[i] != '4' && text.at[i] != '5') || !is_edge(text, i))
            continue;
        if (read_status_at(span_skip(text, i), &s))
            read_take_status(&to->status, s);
        else if (!to->code && (!i || text.at[i - 1] != '-'))
            to->code = code_at(text, i);
        if (to->code && to->status.class && !is_general(to->status))
            return;
    }
}
