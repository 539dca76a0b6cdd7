/* Is it spam that a notice returns? Mass mail is known by its own header; active content, by its
 * parts. */
#include "bounce/judge_inside.h"

#include "mail/header.h"

static bool has_value(struct span header, const char *name, const char *start)
{
    struct span value;
    return header_find(header, name, &value) &&
           span_starts_nocase(span_trim(value), span_of(start));
}

static bool is_mass_mail(struct span header)
{
    static const struct {
        const char *name, *start;
    } marks[] = {{"List-Unsubscribe", ""}, {"List-Id", ""},        {"Precedence", "bulk"},
                 {"Precedence", "junk"},   {"X-Spam-Flag", "yes"}, {"X-Spam-Status", "yes"},
                 {"Feedback-ID", ""}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (has_value(header, marks[i].name, marks[i].start))
            return true;
    return false;
}

static bool is_active(const struct survey *s)
{
    for (size_t i = 0; i < s->part_count; i++)
        if ((s->parts[i].html && (s->parts[i].html->has_script || s->parts[i].html->has_form)) ||
            judge_is_active_file(s->parts[i].name))
            return true;
    return false;
}

bool judge_returns_spam(struct judging *j)
{
    const struct notice_original *o = &j->notice->original;
    struct survey inner;
    if (!o->header.len)
        return false;
    survey_take(&inner, (struct span){o->header.at, o->header.len + o->body.len}, j->arena);
    if (is_mass_mail(o->header))
        judge_fact(j, "returned-bulk", LEANS_FOREIGN, SPAN_NONE);
    if (is_active(&inner))
        judge_fact(j, "returned-active", LEANS_FOREIGN, SPAN_NONE);
    return judge_has_fact(j, "returned-bulk") || judge_has_fact(j, "returned-active");
}
