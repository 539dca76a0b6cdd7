#include "config/account_limit.h"

#include "base/visible.h"
#include "config/values.h"

enum { LONGEST_SHOWN = 60, LONGEST_ACCOUNT = 320, HIGHEST = 1000000 };

static const struct option rate = {.name = "account-limit", .type = OPTION_RATE};

static const char how[] = "account-limit * message 100 recipients 500/1h 2000/1d";

static bool word_problem(struct span word, const char *is, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "\"%s\" %s. Write it as %s", buffer_text(&shown), is, how);
    buffer_free(&shown);
    return false;
}

static bool is_setting(struct span word)
{
    return span_equal(word, SPAN("message")) || span_equal(word, SPAN("recipients"));
}

static bool message_parse(struct span word, struct account_limit *l, struct error *problem)
{
    if (span_equal(word, SPAN("none")))
        return true;
    return (span_to_u64(word, HIGHEST, &l->message) && l->message) ||
           word_problem(word, "is no number of recipients, nor none", problem);
}

static bool rate_add(struct span word, struct account_limit *l, struct arena *a,
                     struct error *problem)
{
    struct rate r;
    if (!value_parse(&rate, word, &r, a, problem))
        return false;
    if (!r.count)
        return word_problem(word, "can't stand beside a rate", problem);
    for (size_t i = 0; i < l->rate_count; i++)
        if (l->rates[i].period_ms == r.period_ms)
            return word_problem(word, "is a second rate for the same time", problem);
    if (l->rate_count == MOST_ACCOUNT_RATES)
        return word_problem(word, "is one rate too many", problem);
    l->rates[l->rate_count++] = r;
    return true;
}

/* How many words behind "recipients" are of it; 0: `problem`. */
static size_t rates_parse(struct span *words, size_t count, struct account_limit *l,
                          struct arena *a, struct error *problem)
{
    size_t n = 0;
    if (span_equal(words[0], SPAN("none")))
        return 1;
    for (; n < count && !is_setting(words[n]); n++)
        if (!rate_add(words[n], l, a, problem))
            return 0;
    if (!n)
        word_problem(SPAN("recipients"), "has no value behind it", problem);
    return n;
}

/* How many words the setting at `words` takes; 0: `problem`. */
static size_t setting_parse(struct span *words, size_t count, struct account_limit *l,
                            unsigned *seen, struct arena *a, struct error *problem)
{
    bool is_message = span_equal(words[0], SPAN("message"));
    size_t took = 0;
    if (!is_setting(words[0]))
        word_problem(words[0], "is no limit; there are message and recipients", problem);
    else if (*seen & 1u << is_message)
        word_problem(words[0], "stands twice in this line; keep one of the two", problem);
    else if (count < 2)
        word_problem(words[0], "has no value behind it", problem);
    else if (is_message)
        took = message_parse(words[1], l, problem);
    else
        took = rates_parse(words + 1, count - 1, l, a, problem);
    *seen |= 1u << is_message;
    return took ? took + 1 : 0;
}

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

bool account_limit_parse(struct span *words, size_t count, struct account_limit *l, struct arena *a,
                         struct error *problem)
{
    unsigned seen = 0;
    *l = (struct account_limit){.message = 0};
    if (!words[0].len || words[0].len > LONGEST_ACCOUNT || is_setting(words[0]))
        return word_problem(words[0], "is no account", problem);
    if (count < 2)
        return word_problem(words[0], "has no limit behind it", problem);
    l->account = lower(a, words[0]);
    for (size_t i = 1, took; i < count; i += took)
        if (!(took = setting_parse(words + i, count - i, l, &seen, a, problem)))
            return false;
    return true;
}

void account_limit_print(struct buffer *out, const struct account_limit *l)
{
    word_print(out, l->account);
    buffer_add_text(out, " message ");
    if (l->message)
        buffer_printf(out, "%llu", (unsigned long long)l->message);
    else
        buffer_add_text(out, "none");
    buffer_add_text(out, " recipients");
    for (size_t i = 0; i < l->rate_count; i++) {
        buffer_add_char(out, ' ');
        value_print(out, &rate, &l->rates[i]);
    }
    if (!l->rate_count)
        buffer_add_text(out, " none");
}

const struct account_limit *account_limit_for(const struct account_limit *all, size_t count,
                                              struct span account)
{
    const struct account_limit *of_all = NULL;
    for (size_t i = 0; i < count; i++) {
        if (span_equal_nocase(all[i].account, account))
            return &all[i];
        if (span_equal(all[i].account, SPAN("*")))
            of_all = &all[i];
    }
    return of_all;
}
