/* A number counts when a unit of time stands behind it and a word such as "in" or "after" in front
 * of it; the words of servers are many, but these two are in all of them. */
#include "outcome/wait_asked.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
static const int64_t LONGEST = INT64_C(24) * HOUR;

static const struct {
    struct span name;
    int64_t ms;
} units[] = {{{"s", 1}, SECOND},       {{"sec", 3}, SECOND},     {{"secs", 4}, SECOND},
             {{"second", 6}, SECOND},  {{"seconds", 7}, SECOND}, {{"m", 1}, MINUTE},
             {{"min", 3}, MINUTE},     {{"mins", 4}, MINUTE},    {{"minute", 6}, MINUTE},
             {{"minutes", 7}, MINUTE}, {{"h", 1}, HOUR},         {{"hour", 4}, HOUR},
             {{"hours", 5}, HOUR}};

static const struct span before[] = {{"in", 2},   {"after", 5},  {"for", 3},
                                     {"wait", 4}, {"within", 6}, {"least", 5}};

static bool is_one_of(struct span word, const struct span *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal_nocase(word, words[i]))
            return true;
    return false;
}

static int64_t unit_of(struct span name)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_equal_nocase(name, units[i].name))
            return units[i].ms;
    return 0;
}

/* Letters and digits; punctuation at its ends does not count. */
static struct span bare(struct span word)
{
    while (word.len && !ascii_is_alnum(word.at[0]))
        word = span_skip(word, 1);
    while (word.len && !ascii_is_alnum(word.at[word.len - 1]))
        word.len--;
    return word;
}

/* "00:04:30", "4:30" */
static int64_t clock_of(struct span word)
{
    int64_t seconds = 0;
    size_t parts = 0;
    for (; word.len && parts < 4; parts++) {
        uint64_t part;
        if (!span_to_u64(span_cut(&word, ':'), 99, &part))
            return 0;
        seconds = seconds * 60 + (int64_t)part;
    }
    return parts == 2 || parts == 3 ? seconds * SECOND : 0;
}

/* "300" and the word behind it, "300s", "00:05:00" */
static int64_t time_of(struct span word, struct span next)
{
    size_t digits = 0;
    uint64_t number;
    while (digits < word.len && ascii_is_digit(word.at[digits]))
        digits++;
    if (span_find_char(word, ':') != SPAN_NOT_FOUND)
        return clock_of(word);
    if (!span_to_u64(span_first(word, digits), 100000, &number))
        return 0;
    return (int64_t)number * unit_of(digits < word.len ? span_skip(word, digits) : bare(next));
}

int64_t wait_asked_for(struct span words)
{
    struct span last = SPAN_NONE;
    for (struct span rest = words, word; (word = span_word(&rest)).len;) {
        struct span after = rest, next = span_word(&after);
        int64_t ms =
            is_one_of(last, before, sizeof before / sizeof *before) ? time_of(bare(word), next) : 0;
        if (ms > 0)
            return ms < LONGEST ? ms : LONGEST;
        last = bare(word);
    }
    return 0;
}
