/* Why: by a field that names it, as our own notices have; by the words of whoever refused it, by a
 * code that says something, else by what the notice says around them, else by a code that says
 * little. A specific text beats a code, and the words about a recipient beat those about all. */
#include "bounce/read_inside.h"

enum { LONGEST_LOOK = 4000 };

static struct cause_found cause_of(const struct reading *r, const struct notice_recipient *to)
{
    struct cause_found own, code, around;
    enum cause_words said = cause_find_words(to->diagnostic, &own);
    if (said == WORDS_SAY_IT)
        return own;
    if (cause_find_status(to->status, &code))
        return code;
    enum cause_words told = cause_find_words(span_first(r->notice->text, LONGEST_LOOK), &around);
    if (told == WORDS_SAY_IT && said == WORDS_SAY_NOTHING)
        return around;
    if (said != WORDS_SAY_NOTHING)
        return own;
    if (cause_find_words(r->notice->subject, &own) == WORDS_SAY_IT)
        return own;
    return told != WORDS_SAY_NOTHING ? around : cause_find(to->code, to->status, SPAN_NONE);
}

void read_causes(struct reading *r)
{
    for (size_t i = 0; i < r->notice->recipient_count; i++)
        if (!r->notice->recipients[i].names_cause)
            r->notice->recipients[i].cause = cause_of(r, &r->notice->recipients[i]);
}
