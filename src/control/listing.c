#include "control/listing.h"

#include "base/json.h"

struct totals {
    size_t open;
    int64_t next_ms;            /* of the next attempt; INT64_MAX: none */
    const struct outcome *last; /* of any recipient that waits */
};

static struct totals totals_of(const struct recovered *r)
{
    struct totals t = {.next_ms = INT64_MAX};
    for (size_t i = 0; i < r->envelope->recipient_count; i++) {
        const struct recovered_recipient *to = &r->recipients[i];
        if (to->is_final)
            continue;
        t.open++;
        if (to->retry_ms < t.next_ms)
            t.next_ms = to->retry_ms;
        if (!t.last)
            t.last = to->last;
    }
    return t;
}

static void add_message(void *arg, const struct recovered *r)
{
    struct buffer *out = arg, id = BUFFER_EMPTY;
    const struct envelope *e = r->envelope;
    struct totals t = totals_of(r);
    struct json j = json_start(out);
    message_id_add(&id, e->id);
    json_object(&j);
    json_text(&j, "id", buffer_span(&id));
    json_number(&j, "accepted_ms", e->accepted_ms);
    json_text(&j, "from", e->reverse_path);
    json_text(&j, "to", e->recipients[0].address);
    json_number(&j, "recipients", (int64_t)e->recipient_count);
    json_number(&j, "open", (int64_t)t.open);
    json_number(&j, "size", (int64_t)e->size);
    json_bool(&j, "held", r->is_held);
    json_text(&j, "held_why", r->held_why);
    json_number(&j, "next_ms", t.next_ms == INT64_MAX ? 0 : t.next_ms);
    json_text(&j, "last_words", t.last ? t.last->words : SPAN_NONE);
    json_end(&j);
    buffer_add_char(out, '\n');
    buffer_free(&id);
}

bool listing_write(struct buffer *out, struct store *s, struct error *e)
{
    int failed = store_recall_all(s, add_message, out);
    return !failed || error_system(e, -failed, "cannot read the queue");
}
