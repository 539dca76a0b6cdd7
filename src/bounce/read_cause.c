/* Why: by a field that names it, as our own notices have; by the words of whoever refused it, by a
 * code that says something, else by what the notice says around them, else by a code that says
 * little. A specific text beats a code, and the words about a recipient beat those about all. */
#include "bounce/read_inside.h"

enum { LONGEST_LOOK = 4000 };

static bool is_expired(struct cause_found c)
{
    return c.cause == CAUSE_COULD_NOT_REACH && c.variant == VARIANT_EXPIRED;
}

/* A warning says for how long it was tried: "could not be delivered for 4 hours". */
static enum cause_words find_around(const struct reading *r, const struct notice_recipient *to,
                                    struct cause_found *around)
{
    enum cause_words told = cause_find_words(span_first(r->notice->text, LONGEST_LOOK), around);
    return to->action == ACTION_DELAYED && is_expired(*around) ? WORDS_SAY_NOTHING : told;
}

static struct cause_found cause_of(const struct reading *r, const struct notice_recipient *to)
{
    struct cause_found own, code, around = {CAUSE_UNKNOWN, VARIANT_NONE};
    enum cause_words said = cause_find_words(to->diagnostic, &own);
    if (said == WORDS_SAY_IT)
        return own;
    if (cause_find_status(to->status, &code)) /* words of the same cause know its variant */
        return said == WORDS_SAY_LITTLE && own.cause == code.cause ? own : code;
    enum cause_words told = find_around(r, to, &around);
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
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        if (!to->names_cause)
            to->cause = cause_of(r, to);
        if (!to->names_cause && to->action == ACTION_DELAYED &&
            is_expired(to->cause)) /* it is still tried */
            to->cause.variant = VARIANT_NONE;
    }
}
