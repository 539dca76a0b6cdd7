#include "guard/replay_line.h"

#include "mail/date.h"

#include <jansson.h>

static struct span text_of(const json_t *event, const char *name, struct arena *a)
{
    const json_t *value = json_object_get(event, name);
    if (!json_is_string(value))
        return SPAN_NONE;
    return arena_copy(a, span_make(json_string_value(value), json_string_length(value)));
}

static bool is_text(const json_t *event, const char *name, const char *text)
{
    return span_equal(span_of(json_string_value(json_object_get(event, name))), span_of(text));
}

/* A notice, or what was sent on: nobody has written it. */
static bool is_ours(const json_t *event)
{
    return is_text(event, "event", "accepted") && json_object_get(event, "origin") &&
           !is_text(event, "origin", "client");
}

/* Events of our own about an account name it so. */
static bool is_of_account(const json_t *event)
{
    const char *word = json_string_value(json_object_get(event, "event"));
    return span_starts(span_of(word), SPAN("account-"));
}

static enum replay_kind kind_of(const json_t *event)
{
    static const struct {
        const char *word;
        enum replay_kind kind;
    } words[] = {
        {"accepted", REPLAY_ACCEPTED},   {"delivered", REPLAY_DELIVERED},
        {"complaint", REPLAY_COMPLAINT}, {"changed", REPLAY_CHANGED},
        {"confirmed", REPLAY_CONFIRMED}, {"account-changed", REPLAY_CHANGED},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_text(event, "event", words[i].word))
            return is_ours(event) ? REPLAY_OTHER : words[i].kind;
    bool has_failed = is_text(event, "event", "failed");
    if (has_failed && is_text(event, "cause", "address-not-found"))
        return REPLAY_UNKNOWN_USER;
    if ((has_failed || is_text(event, "event", "delayed")) &&
        is_text(event, "cause", "blocked-content"))
        return REPLAY_REFUSED;
    return REPLAY_OTHER;
}

/* Those members of an array that are text, at most `most`. */
static size_t texts_of(const json_t *event, const char *name, size_t most, struct span *to,
                       struct arena *a)
{
    const json_t *array = json_object_get(event, name), *value;
    size_t index, count = 0;
    json_array_foreach(array, index, value)
    {
        if (count < most && json_is_string(value))
            to[count++] =
                arena_copy(a, span_make(json_string_value(value), json_string_length(value)));
    }
    return count;
}

/* "00ff…", of up to 16 digits; anything else: 0. */
static uint64_t print_of(struct span hex)
{
    uint64_t value = 0;
    for (size_t i = 0; i < hex.len; i++) {
        char c = ascii_lower(hex.at[i]);
        bool is_digit = ascii_is_digit(c);
        if (hex.len > 16 || (!is_digit && (c < 'a' || c > 'f')))
            return 0;
        value = value << 4 | (uint64_t)(is_digit ? c - '0' : c - 'a' + 10);
    }
    return value;
}

static bool read_event(const json_t *event, struct arena *a, struct replay_line *l, struct error *e)
{
    int offset;
    struct span time = text_of(event, "time", a);
    if (!json_is_string(json_object_get(event, "event")))
        return error_set(e, "there is no \"event\" in it that says what happened");
    if (!date_parse(time, &l->time_ms, &offset) || l->time_ms <= 0)
        return error_set(e, "there is no \"time\" in it like 2026-11-24T11:44:03Z");
    l->kind = kind_of(event);
    l->queue_id = text_of(event, "queue_id", a);
    l->login = text_of(event, is_of_account(event) ? "account" : "login", a);
    l->sender = text_of(event, "sender", a);
    l->client = text_of(event, "client", a);
    l->program = text_of(event, "program", a);
    l->country = text_of(event, "country", a);
    l->recipient = text_of(event, "recipient", a);
    size_t named = json_array_size(json_object_get(event, "to"));
    l->to = arena_new(a, (named + 1) * sizeof *l->to);
    l->to_count = texts_of(event, "to", named, l->to, a);
    l->link_count = texts_of(event, "links", REPLAY_MOST_LINKS, l->links, a);
    l->text = print_of(text_of(event, "text", a));
    return true;
}

bool replay_line_read(struct span line, struct arena *a, struct replay_line *l, struct error *e)
{
    json_error_t why;
    *l = (struct replay_line){.kind = REPLAY_OTHER};
    if (line.len > REPLAY_LONGEST_LINE)
        return error_set(e, "it is longer than %d bytes", REPLAY_LONGEST_LINE);
    json_t *event = json_loadb(line.at, line.len, JSON_ALLOW_NUL, &why);
    if (!event)
        return error_set(e, "it is not JSON: %s", why.text);
    bool ok = json_is_object(event) ? read_event(event, a, l, e)
                                    : error_set(e, "it is JSON, but not an object");
    json_decref(event);
    return ok;
}
