#include "control/story_sum.h"

/* What failed and will be reported is no more open, and not told yet. */
static void add_attempt(struct story_sum *sum, const struct story_event *e)
{
    bool is_failed = e->outcome.kind == OUTCOME_FAILED;
    sum->delivered += e->outcome.kind == OUTCOME_DELIVERED;
    sum->relayed += e->outcome.kind == OUTCOME_RELAYED;
    sum->failed += is_failed;
    sum->reported += is_failed && e->notification;
    sum->unreported += is_failed && (e->retry_ms || e->outcome.is_in_digest);
    sum->discarded += e->outcome.kind == OUTCOME_DISCARDED;
    sum->open -= outcome_is_final(e->outcome.kind);
}

static void add_reported(struct story_sum *sum, const struct story_event *e)
{
    if (e->outcome.kind == OUTCOME_FAILED) {
        sum->unreported--;
        *(e->notification ? &sum->reported : &sum->owed) += 1;
    }
}

struct story_sum story_sum(const struct story *s)
{
    struct story_sum sum = {.open = s->envelope.recipient_count};
    for (size_t i = 0; i < s->event_count; i++) {
        const struct story_event *e = &s->events[i];
        if (e->kind == STORY_HELD || e->kind == STORY_RELEASED)
            sum.is_held = e->kind == STORY_HELD;
        else if (e->kind == STORY_REPORTED)
            add_reported(&sum, e);
        else if (e->kind == STORY_ATTEMPT)
            add_attempt(&sum, e);
    }
    return sum;
}

static void add_part(struct buffer *out, size_t n, const char *what)
{
    if (n)
        buffer_printf(out, "%s%zu %s", out->at[out->len - 1] == ':' ? " " : ", ", n, what);
}

void story_sum_tell(struct buffer *out, const struct story_sum *sum, const char *reported)
{
    buffer_add_text(out, "  What became of it:");
    add_part(out, sum->delivered, "delivered");
    add_part(out, sum->relayed, "relayed");
    add_part(out, sum->reported, reported);
    add_part(out, sum->owed, "failed, and will be reported in a digest");
    add_part(out, sum->unreported, "failed, and the notice is on its way");
    add_part(out, sum->failed - sum->reported - sum->owed - sum->unreported,
             "failed, and no notice was wanted or possible");
    add_part(out, sum->discarded, "discarded");
    add_part(out, sum->open, sum->is_held ? "on hold" : "still in the queue");
    buffer_add_text(out, ".\n");
}
