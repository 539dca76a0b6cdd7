#include "bounce/guard_reasons.h"

#include <stdio.h>

/* The sentence; where a number decides its form, with the form that goes with it. */
static const char *sentence(const struct language *l, const struct guard_reason *r)
{
    uint32_t n = r->count;
    switch (r->signal) {
    case SIGNAL_NEW_HOUR:
        return words_plural(
            l, "Within an hour, this account wrote to %1 recipient to whom it had never written.",
            "Within an hour, this account wrote to %1 recipients to whom it had never written.", n);
    case SIGNAL_NEW_DAY:
        return words_plural(
            l, "Within a day, this account wrote to %1 recipient to whom it had never written.",
            "Within a day, this account wrote to %1 recipients to whom it had never written.", n);
    case SIGNAL_RECORD_HOUR:
        return words_plural(
            l, "Within an hour, this account wrote to %1 new recipient, far more than ever before.",
            "Within an hour, this account wrote to %1 new recipients, far more than ever before.",
            n);
    case SIGNAL_RECORD_DAY:
        return words_plural(
            l, "Within a day, this account wrote to %1 new recipient, far more than ever before.",
            "Within a day, this account wrote to %1 new recipients, far more than ever before.", n);
    case SIGNAL_RECIPIENTS:
        return words_plural(
            l, "In a short time, this account wrote to %1 recipient, far more than usual.",
            "In a short time, this account wrote to %1 recipients, far more than usual.", n);
    case SIGNAL_FAILURES:
    case SIGNAL_FAILURE_RULE:
        return words_plural(l,
                            "Of the %2 new recipients of the last 24 hours, %1 does not exist. It "
                            "is so with lists of guessed or old addresses.",
                            "Of the %2 new recipients of the last 24 hours, %1 do not exist. It is "
                            "so with lists of guessed or old addresses.",
                            n);
    case SIGNAL_CLIENT:
        return words_plural(
            l, "From a device or place that is new, this account wrote to %1 recipient.",
            "From a device or place that is new, this account wrote to %1 recipients.", n);
    case SIGNAL_PLACES:
        return words_plural(l, "In a short time, this account was used from %1 new place.",
                            "In a short time, this account was used from %1 new places.", n);
    case SIGNAL_LINK:
        return words_plural(l, "The same new link was sent %1 time.",
                            "The same new link was sent %1 times.", n);
    case SIGNAL_TEXT:
        return words_plural(l, "Nearly the same text was sent %1 time.",
                            "Nearly the same text was sent %1 times.", n);
    case SIGNAL_REFUSED:
        return words_plural(l, "Within a day, other servers took %1 message for spam.",
                            "Within a day, other servers took %1 messages for spam.", n);
    case SIGNAL_REPORTED:
        return words_plural(l, "Within a day, %1 recipient complained.",
                            "Within a day, %1 recipients complained.", n);
    case SIGNAL_CHANGED:
        return words(l, "Within the last day, the forwarding or the filters of this account were "
                        "changed, and then it wrote to many.");
    case SIGNAL_LASTING:
        return words_plural(l,
                            "For %1 hour, mail of this account has been slowed, and still it "
                            "writes to as many.",
                            "For %1 hours, mail of this account has been slowed, and still it "
                            "writes to as many.",
                            n);
    case SIGNAL_COUNT:
        break;
    }
    return "";
}

/* Can what was counted be compared with what is usual? */
static bool has_limit(const struct guard_reason *r)
{
    return r->signal != SIGNAL_CHANGED && r->limit;
}

void reason_add(struct buffer *out, const struct language *l, const struct guard_reason *r)
{
    char numbers[3][sizeof "4294967295"];
    snprintf(numbers[0], sizeof numbers[0], "%u", r->count);
    snprintf(numbers[1], sizeof numbers[1], "%u", r->of);
    snprintf(numbers[2], sizeof numbers[2], "%u", r->limit);
    const struct span counted[] = {span_of(numbers[0]), span_of(numbers[1])};
    const struct span limit[] = {span_of(numbers[2])};
    words_fill(out, l, sentence(l, r), counted, 2);
    if (!has_limit(r))
        return;
    buffer_add_text(out, language_is_written_tight(l) ? "" : " ");
    /* TRANSLATORS: stands behind a sentence such as "The same new link was sent 30 times." */
    words_fill(out, l, words(l, "Up to %1 would not stand out."), limit, 1);
}
