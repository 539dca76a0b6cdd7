#include "control/sent_lines.h"

#include "base/json.h"
#include "mail/date.h"

static void add_outcome(struct json *j, const struct outcome *o)
{
    struct buffer server = BUFFER_EMPTY;
    json_text(j, "event", span_of(outcome_word(o->kind)));
    if (o->host.len || o->address.len) {
        outcome_add_server(&server, o);
        json_text(j, "server", buffer_span(&server));
    }
    buffer_free(&server);
}

static void add_line(struct buffer *out, const struct sent *s)
{
    struct buffer id = BUFFER_EMPTY;
    struct json j = json_start(out);
    message_id_add(&id, s->id);
    json_object(&j);
    json_text(&j, "id", buffer_span(&id));
    date_json(&j, "time", s->time_ms);
    json_text(&j, "account", s->account);
    json_text(&j, "from", s->reverse_path);
    json_number(&j, "recipients", (int64_t)s->recipients);
    json_known_text(&j, "message_id", s->message_id);
    json_known_text(&j, "subject", s->subject);
    json_known_text(&j, "to", s->to);
    if (s->has_outcome)
        add_outcome(&j, &s->outcome);
    if (s->is_hashed)
        json_bool(&j, "forgotten", true);
    json_end(&j);
    buffer_add_char(out, '\n');
    buffer_free(&id);
}

static void add_head(struct buffer *out, const struct sent_question *q, int64_t since_ms,
                     bool has_passed)
{
    struct json j = json_start(out);
    json_object(&j);
    if (since_ms == INT64_MAX)
        json_null(&j, "since");
    else
        date_json(&j, "since", since_ms);
    if (q->has_owner)
        json_number(&j, "of_user", q->owner);
    else if (has_passed)
        json_bool(&j, "passed_through", true);
    json_end(&j);
    buffer_add_char(out, '\n');
}

bool sent_lines(struct buffer *out, struct ledger *l, const struct sent_question *q,
                const unsigned char *key, size_t limit, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct sent *found;
    size_t count;
    int64_t since_ms;
    bool has_passed = false;
    bool ok =
        ledger_sent_since(l, &since_ms, e) && ledger_sent(l, q, key, limit, &a, &found, &count, e);
    if (ok && q->message_id.len && !count)
        ok = ledger_has_message_id(l, q->message_id, &has_passed, e);
    if (ok)
        add_head(out, q, since_ms, has_passed);
    for (size_t i = 0; ok && i < count; i++)
        add_line(out, &found[i]);
    arena_clear(&a);
    return ok;
}
