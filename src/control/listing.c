#include "control/listing.h"

#include "base/json.h"
#include "control/wishes.h"

/* Of those that are meant. */
struct totals {
    size_t open;
    int64_t next_ms;            /* of the next attempt; INT64_MAX: none */
    const struct outcome *last; /* of any recipient that waits */
    size_t first;               /* that waits */
};

static void add_to_totals(struct totals *t, const struct recovered *r, size_t i)
{
    const struct recovered_recipient *to = &r->recipients[i];
    if (to->is_final)
        return;
    t->open++;
    if (to->retry_ms < t->next_ms)
        t->next_ms = to->retry_ms;
    if (!t->last)
        t->last = to->last;
    if (t->first == SIZE_MAX)
        t->first = i;
}

/* Of one that waits as its sender wants it nothing is tried before. */
static int64_t next_of(const struct recovered *r, int64_t next_ms)
{
    int64_t release = r->released_ms ? 0 : r->envelope->parameters.release_ms;
    return next_ms == INT64_MAX ? 0 : next_ms > release ? next_ms : release;
}

static struct totals totals_of(const struct listing *l)
{
    struct totals t = {.next_ms = INT64_MAX, .first = SIZE_MAX};
    size_t count = l->count ? l->count : l->message->envelope->recipient_count;
    for (size_t n = 0; n < count; n++)
        add_to_totals(&t, l->message, l->count ? l->which[n] : n);
    if (t.first == SIZE_MAX)
        t.first = 0;
    return t;
}

/* As the sender named it. */
static size_t named(const struct envelope *e, size_t recipient)
{
    while (e->recipients[recipient].parent)
        recipient = e->recipients[recipient].parent - 1;
    return recipient;
}

static void add_cause(struct json *j, const struct outcome *last)
{
    json_text(j, "cause", last ? span_of(cause_name(last->cause.cause)) : SPAN_NONE);
    if (last && last->cause.variant)
        json_text(j, "variant", span_of(variant_name(last->cause.variant)));
}

static void add_recipient(struct json *j, const struct listing *l, size_t i)
{
    const struct recovered *r = l->message;
    const struct recovered_recipient *to = &r->recipients[i];
    const struct outcome *last = to->last;
    size_t as = l->is_users ? named(r->envelope, i) : i;
    json_object(j);
    json_text(j, "address", r->envelope->recipients[as].address);
    if (!l->is_users && r->envelope->recipients[i].parent)
        json_text(j, "alias",
                  r->envelope->recipients[r->envelope->recipients[i].parent - 1].address);
    bool has_ended = to->is_final || (last && outcome_is_final(last->kind));
    json_text(j, "state",
              has_ended ? span_of(last ? outcome_word(last->kind) : "delivered") : SPAN("waiting"));
    json_number(j, "attempts", to->attempts);
    if (!to->is_final) {
        json_number(j, "next_ms", next_of(r, to->retry_ms));
        if (!l->is_users)
            json_text(j, "destination", l->destination(l->arg, r->envelope, i));
        add_cause(j, last);
    }
    if (last) {
        json_number(j, "time_ms", last->time_ms);
        json_number(j, "code", last->code);
        json_text(j, "words", last->words);
        json_bool(j, "remote", last->is_remote);
        json_text(j, "host", last->host);
        json_text(j, "host_address", last->address);
    }
    json_end(j);
}

static void add_details(struct json *j, const struct listing *l)
{
    const struct recovered *r = l->message;
    json_text(j, "client", r->envelope->client_name);
    json_text(j, "client_address", r->envelope->client_address);
    json_text(j, "message_id", r->envelope->header_message_id);
    json_member_array(j, "to_each");
    for (size_t i = 0; i < r->envelope->recipient_count; i++)
        if (!r->envelope->recipients[i].is_expanded)
            add_recipient(j, l, i);
    json_end(j);
}

void listing_add(struct buffer *out, const struct listing *l)
{
    struct buffer id = BUFFER_EMPTY;
    const struct recovered *r = l->message;
    const struct envelope *e = r->envelope;
    struct totals t = totals_of(l);
    struct json j = json_start(out);
    message_id_add(&id, e->id);
    json_object(&j);
    json_text(&j, "id", buffer_span(&id));
    json_number(&j, "accepted_ms", e->accepted_ms);
    json_text(&j, "from", e->reverse_path);
    json_text(&j, "to", e->recipients[l->is_users ? named(e, t.first) : t.first].address);
    json_text(&j, "subject", e->subject);
    json_number(&j, "recipients", (int64_t)e->recipient_count);
    json_number(&j, "open", (int64_t)t.open);
    json_number(&j, "size", (int64_t)e->size);
    json_bool(&j, "held", r->is_held);
    json_text(&j, "held_why", r->held_why);
    json_number(&j, "next_ms", next_of(r, t.next_ms));
    wishes_add_json(&j, e);
    if (r->released_ms)
        json_number(&j, "released_ms", r->released_ms);
    add_cause(&j, t.last);
    json_text(&j, "last_words", t.last ? t.last->words : SPAN_NONE);
    if (l->is_detailed)
        add_details(&j, l);
    json_end(&j);
    buffer_free(&id);
}
