#include "config/link_list.h"

#include "base/inet.h"
#include "base/visible.h"
#include "config/target.h"
#include "config/values.h"
#include "mail/address.h"

enum { LONGEST_SHOWN = 60, LONGEST_NAME = 100, LONGEST_SEE = 200, LONGEST_ZONE = 120 };
enum { MOST_ANSWERS = 20 };

static const char how[] = "link-list dbl.example, and behind it answers, name and see if you like";

static bool word_problem(struct span word, const char *is, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, word, LONGEST_SHOWN);
    error_set(problem, "\"%s\" %s. Write it as %s", buffer_text(&shown), is, how);
    buffer_free(&shown);
    return false;
}

static bool is_of_lists(const struct network *n)
{
    struct network all;
    return network_parse(SPAN("127.0.0.0/8"), &all) && n->prefix >= all.prefix &&
           network_contains(&all, n->address);
}

static bool answers_parse(struct span words, struct link_list *l, struct arena *a,
                          struct error *problem)
{
    l->answers = arena_new(a, MOST_ANSWERS * sizeof *l->answers);
    while (words.len) {
        struct span word = span_cut(&words, ',');
        if (l->answer_count == MOST_ANSWERS)
            return word_problem(word, "is one answer too many", problem);
        struct network *n = &l->answers[l->answer_count++];
        if (!network_parse(word, n) || !is_of_lists(n))
            return word_problem(word, "is no answer of a list (127.0.1.2, 127.0.1.4/30)", problem);
    }
    return true;
}

static bool text_parse(struct span word, size_t longest, struct span *to, struct arena *a,
                       struct error *problem)
{
    for (size_t i = 0; i < word.len; i++)
        if ((unsigned char)word.at[i] < ' ')
            return word_problem(word, "holds a control character", problem);
    if (!word.len || word.len > longest)
        return word_problem(word, "is empty, or too long", problem);
    *to = arena_copy(a, word);
    return true;
}

static bool setting_parse(struct span name, struct span value, struct link_list *l, unsigned *seen,
                          struct arena *a, struct error *problem)
{
    static const char *const names[] = {"answers", "name", "see", NULL};
    unsigned which = 0;
    while (names[which] && !span_equal(name, span_of(names[which])))
        which++;
    if (!names[which])
        return word_problem(name, "is no setting of a list", problem);
    if (*seen & 1u << which)
        return word_problem(name, "stands twice in this line; keep one of the two", problem);
    *seen |= 1u << which;
    return which == 0   ? answers_parse(value, l, a, problem)
           : which == 1 ? text_parse(value, LONGEST_NAME, &l->name, a, problem)
                        : text_parse(value, LONGEST_SEE, &l->see, a, problem);
}

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

bool link_list_parse(struct span *words, size_t count, struct link_list *l, struct arena *a,
                     struct error *problem)
{
    unsigned seen = 0;
    *l = (struct link_list){.name = SPAN_NONE, .see = SPAN_NONE};
    if (!domain_is_valid(words[0], false, false) || words[0].len > LONGEST_ZONE ||
        span_find_char(words[0], '.') == SPAN_NOT_FOUND)
        return word_problem(words[0], "is no name of a list in the DNS", problem);
    l->zone = l->name = lower(a, words[0]);
    for (size_t i = 1; i < count; i += 2)
        if (i + 1 == count)
            return word_problem(words[i], "has no value behind it", problem);
        else if (!setting_parse(words[i], words[i + 1], l, &seen, a, problem))
            return false;
    return true;
}

void link_list_print(struct buffer *out, const struct link_list *l)
{
    buffer_add_span(out, l->zone);
    for (size_t i = 0; i < l->answer_count; i++) {
        buffer_add_text(out, i ? "," : " answers ");
        if (l->answers[i].prefix == 128)
            inet_add(out, l->answers[i].address);
        else
            network_print(out, &l->answers[i]);
    }
    if (!span_equal(l->name, l->zone)) {
        buffer_add_text(out, " name ");
        word_print(out, l->name);
    }
    if (l->see.len) {
        buffer_add_text(out, " see ");
        word_print(out, l->see);
    }
}

enum link_list_answer link_list_read(const struct link_list *l, struct span record)
{
    unsigned char address[16] = {[10] = 0xFF, [11] = 0xFF};
    const unsigned char *at = (const unsigned char *)record.at;
    bool is_listing = record.len == 4 && at[0] == 127 && !(at[1] == 255 && at[2] == 255) &&
                      !(at[1] == 0 && at[2] == 0 && at[3] <= 1);
    if (!is_listing)
        return LINK_LIST_SILENT;
    memcpy(address + 12, at, 4);
    for (size_t i = 0; i < l->answer_count; i++)
        if (network_contains(&l->answers[i], address))
            return LINK_LIST_HARMFUL;
    return l->answer_count ? LINK_LIST_OTHER : LINK_LIST_HARMFUL;
}
