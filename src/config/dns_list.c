#include "config/dns_list.h"

#include "base/inet.h"
#include "base/visible.h"
#include "config/target.h"
#include "config/values.h"
#include "mail/address.h"

#include <string.h>

enum { LONGEST_SHOWN = 60, LONGEST_NAME = 100, LONGEST_SEE = 200, MOST_POINTS = 20 };

static const char how[] =
    "dns-list zen.example points 127.0.0.2=5 127.0.0.10=3, or dns-list zen.example points 5, and "
    "behind it about, name and see if you like";

static const char *const about[] = {"client", "sender", "hello", NULL};

static bool word_problem(struct span word, const char *is, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "\"%s\" %s. Write it as %s", buffer_text(&shown), is, how);
    buffer_free(&shown);
    return false;
}

/* ---- points */

static bool number_parse(struct span word, int *points)
{
    bool is_negative = word.len && word.at[0] == '-';
    uint64_t n;
    if (!span_to_u64(span_skip(word, is_negative), DNS_LIST_MOST_POINTS, &n) || !n)
        return false;
    *points = is_negative ? -(int)n : (int)n;
    return true;
}

static bool is_of_lists(const struct network *n)
{
    struct network all;
    return network_parse(SPAN("127.0.0.0/8"), &all) && n->prefix >= all.prefix &&
           network_contains(&all, n->address);
}

/* "5" for any answer, or "127.0.0.2=5" */
static bool points_parse(struct span word, struct dns_list_points *p)
{
    struct span points = word, answers = span_cut(&points, '=');
    if (answers.len == word.len) {
        points = word;
        answers = SPAN("127.0.0.0/8");
    }
    return network_parse(answers, &p->answers) && is_of_lists(&p->answers) &&
           number_parse(points, &p->points);
}

/* Is it the name of a setting, and so no points any more? */
static bool is_setting(struct span word)
{
    return span_equal(word, SPAN("points")) || span_equal(word, SPAN("about")) ||
           span_equal(word, SPAN("name")) || span_equal(word, SPAN("see"));
}

/* How many words behind "points" are of it; 0: `problem`. */
static size_t all_points_parse(struct span *words, size_t count, struct dns_list *l,
                               struct arena *a, struct error *problem)
{
    size_t n = 0;
    l->points = arena_new(a, MOST_POINTS * sizeof *l->points);
    for (; n < count && !is_setting(words[n]); n++) {
        if (n == MOST_POINTS) {
            word_problem(words[n], "is one answer too many", problem);
            return 0;
        }
        if (!points_parse(words[n], &l->points[n])) {
            word_problem(words[n],
                         "is no number of points from -100 to 100, nor one for an answer "
                         "(127.0.0.2=5)",
                         problem);
            return 0;
        }
    }
    l->count = n;
    if (!n)
        word_problem(SPAN("points"), "has no value behind it", problem);
    return n;
}

/* ---- settings */

static bool text_is_fine(struct span text, size_t longest)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7F || text.at[i] == '"')
            return false;
    return text.len && text.len <= longest;
}

static bool text_parse(struct span word, size_t longest, struct span *to, struct arena *a,
                       struct error *problem)
{
    *to = arena_copy(a, word);
    return text_is_fine(word, longest) ||
           word_problem(word,
                        "can't be told to those who are refused: it must be ASCII without "
                        "blanks, and not too long",
                        problem);
}

static bool about_parse(struct span word, uint64_t *to, struct error *problem)
{
    for (size_t i = 0; about[i]; i++)
        if (span_equal(word, span_of(about[i]))) {
            *to = i;
            return true;
        }
    return word_problem(word, "is nothing that a list is about: client, sender and hello are",
                        problem);
}

/* How many words it took, with its name; 0: `problem`. */
static size_t setting_parse(struct span *words, size_t count, struct dns_list *l, unsigned *seen,
                            struct arena *a, struct error *problem)
{
    static const char *const names[] = {"points", "about", "name", "see"};
    size_t which = 0, took = 0;
    while (which < 4 && !span_equal(words[0], span_of(names[which])))
        which++;
    if (which == 4)
        word_problem(words[0], "is no setting of a list", problem);
    else if (*seen & 1u << which)
        word_problem(words[0], "stands twice in this line; keep one of the two", problem);
    else if (count < 2)
        word_problem(words[0], "has no value behind it", problem);
    else if (which == 0)
        took = all_points_parse(words + 1, count - 1, l, a, problem);
    else if (which == 1)
        took = about_parse(words[1], &l->about, problem);
    else if (which == 2)
        took = text_parse(words[1], LONGEST_NAME, &l->name, a, problem);
    else
        took = text_parse(words[1], LONGEST_SEE, &l->see, a, problem);
    if (took)
        *seen |= 1u << which;
    return took ? took + 1 : 0;
}

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return (struct span){at, s.len};
}

/* Names in it have an address of up to 63 letters and dots in front. */
static bool zone_is_valid(struct span zone)
{
    return domain_is_valid(zone, false, false) && zone.len < 189 &&
           span_find_char(zone, '.') != SPAN_NOT_FOUND;
}

bool dns_list_parse(struct span *words, size_t count, struct dns_list *l, struct arena *a,
                    struct error *problem)
{
    unsigned seen = 0;
    *l = (struct dns_list){.name = SPAN_NONE, .see = SPAN_NONE};
    if (!zone_is_valid(words[0]))
        return word_problem(words[0], "is no name of a list in the DNS", problem);
    l->zone = lower(a, words[0]);
    for (size_t i = 1, took; i < count; i += took)
        if (!(took = setting_parse(words + i, count - i, l, &seen, a, problem)))
            return false;
    if (!l->count)
        return word_problem(words[0], "has no points behind it", problem);
    if (!l->name.len)
        l->name = l->zone;
    return true;
}

void dns_list_print(struct buffer *out, const struct dns_list *l)
{
    struct network all;
    network_parse(SPAN("127.0.0.0/8"), &all);
    buffer_add_span(out, l->zone);
    if (!span_equal(l->name, l->zone)) {
        buffer_add_text(out, " name ");
        word_print(out, l->name);
    }
    if (l->about)
        buffer_printf(out, " about %s", about[l->about]);
    buffer_add_text(out, " points");
    for (size_t i = 0; i < l->count; i++) {
        const struct dns_list_points *p = &l->points[i];
        buffer_add_char(out, ' ');
        if (p->answers.prefix == 128)
            inet_add(out, p->answers.address);
        else if (p->answers.prefix != all.prefix)
            network_print(out, &p->answers);
        if (p->answers.prefix != all.prefix)
            buffer_add_char(out, '=');
        buffer_printf(out, "%d", p->points);
    }
    if (l->see.len) {
        buffer_add_text(out, " see ");
        word_print(out, l->see);
    }
}
