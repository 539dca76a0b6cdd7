#include "control/story_feedback.h"

#include "base/visible.h"

enum { LONGEST_TEXT = 254 };

static bool is_known(const struct story *s, const struct story_event *e)
{
    return e->recipient < s->envelope.recipient_count;
}

static const char *what_of(struct span type)
{
    static const struct {
        struct span type;
        const char *what;
    } types[] = {
        {SPAN("abuse"), "that it is spam"},
        {SPAN("fraud"), "that it is a fraud"},
        {SPAN("virus"), "that it does harm"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_equal(types[i].type, type))
            return types[i].what;
    return "about it";
}

/* "bob@example.org complained that it is spam, through example.org: 1k10sawp4dr" */
void story_add_complaint(struct buffer *line, const struct story *s, const struct story_event *e)
{
    if (is_known(s, e)) {
        visible_add(line, s->envelope.recipients[e->recipient].address, LONGEST_TEXT);
        buffer_add_char(line, ' ');
    } else {
        buffer_add_text(line, "a recipient ");
    }
    buffer_printf(line, "complained %s", what_of(e->why));
    if (e->through.len) {
        buffer_add_text(line, ", through ");
        visible_add(line, e->through, LONGEST_TEXT);
    }
    buffer_add_text(line, ": ");
    message_id_add(line, e->told_in);
}

void story_json_complaint(struct json *j, const struct story *s, const struct story_event *e)
{
    struct buffer id = BUFFER_EMPTY;
    json_text(j, "event", SPAN("complained"));
    if (is_known(s, e))
        json_text(j, "recipient", s->envelope.recipients[e->recipient].address);
    json_text(j, "type", e->why);
    json_known_text(j, "through", e->through);
    message_id_add(&id, e->told_in);
    json_text(j, "told_in", buffer_span(&id));
    buffer_free(&id);
}
