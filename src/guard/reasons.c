#include "guard/reasons.h"

/* How a sentence goes on when what was counted is to be compared. */
static void add_limit(struct buffer *out, const struct guard_reason *r)
{
    buffer_printf(out, "; up to %u would not stand out.", r->limit);
}

static const char *plural(uint32_t count)
{
    return count == 1 ? "" : "s";
}

void reason_add(struct buffer *out, const struct guard_reason *r)
{
    uint32_t n = r->count;
    switch (r->signal) {
    case SIGNAL_NEW_HOUR:
        buffer_printf(out,
                      "It wrote to %u new recipient%s within an hour, people to whom it had not "
                      "written before",
                      n, plural(n));
        break;
    case SIGNAL_NEW_DAY:
        buffer_printf(out,
                      "It wrote to %u new recipient%s within a day, people to whom it had not "
                      "written before",
                      n, plural(n));
        break;
    case SIGNAL_RECORD_HOUR:
        buffer_printf(out,
                      "%u new recipient%s within an hour are far more than this account has ever "
                      "written to",
                      n, plural(n));
        break;
    case SIGNAL_RECORD_DAY:
        buffer_printf(out,
                      "%u new recipient%s within a day are far more than this account has ever "
                      "written to",
                      n, plural(n));
        break;
    case SIGNAL_RECIPIENTS:
        buffer_printf(out, "It wrote to %u recipient%s in a short time, far more than usual", n,
                      plural(n));
        break;
    case SIGNAL_FAILURES:
    case SIGNAL_FAILURE_RULE:
        buffer_printf(out,
                      "%u of the %u new recipients of the last 24 hours do not exist: so it is "
                      "with lists of guessed or old addresses",
                      n, r->of);
        break;
    case SIGNAL_CLIENT:
        buffer_printf(out, "%u recipient%s were written to from a place that is new", n, plural(n));
        break;
    case SIGNAL_PLACES:
        buffer_printf(out, "It was used from %u new places in a short time", n);
        break;
    case SIGNAL_LINK:
        buffer_printf(out, "The same new link was sent %u time%s", n, plural(n));
        break;
    case SIGNAL_TEXT:
        buffer_printf(out, "Nearly the same text was sent %u time%s", n, plural(n));
        break;
    case SIGNAL_REFUSED:
        buffer_printf(out, "Other servers took %u message%s for spam within a day", n, plural(n));
        break;
    case SIGNAL_REPORTED:
        buffer_printf(out, "%u recipient%s complained within a day", n, plural(n));
        break;
    case SIGNAL_CHANGED:
        buffer_add_text(out, "Its forwarding or its rules were changed within the last day, and "
                             "then it wrote to many.");
        return;
    case SIGNAL_LASTING:
        buffer_printf(out, "It has been slowed for %u hours, and goes on all the same", n);
        break;
    case SIGNAL_COUNT:
        return;
    }
    add_limit(out, r);
}

const char *level_name(enum guard_level l)
{
    switch (l) {
    case GUARD_GREEN:
        return "green";
    case GUARD_YELLOW:
        return "yellow";
    case GUARD_RED:
        return "red";
    }
    return "";
}
