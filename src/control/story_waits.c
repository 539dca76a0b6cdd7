#include "control/story_waits.h"

#include "base/visible.h"
#include "mail/date.h"

enum { LONGEST_WORDS = 800 };

bool story_add_own_will(struct buffer *line, const struct story_event *e)
{
    enum variant v = e->outcome.cause.variant;
    if (v != VARIANT_SUSPENDED && v != VARIANT_ACCOUNT_HELD && v != VARIANT_ACCOUNT_SLOWED)
        return false;
    if (v != VARIANT_ACCOUNT_SLOWED) {
        buffer_add_text(line, v == VARIANT_SUSPENDED ? "waits: " : "held: ");
    } else if (e->retry_ms > e->outcome.time_ms) {
        buffer_add_text(line, "slowed, leaves in ");
        duration_add_words(line, e->retry_ms - e->outcome.time_ms);
        buffer_add_text(line, ": ");
    }
    visible_add(line, e->outcome.words, LONGEST_WORDS);
    return true;
}
