#include "bounce/notification.h"

#include "bounce/write_inside.h"
#include "mail/address.h"
#include "mail/header.h"

enum { LONGEST_SUBJECT = 200 };

static struct span unfolded_field(struct span message, const char *name, size_t max,
                                  struct arena *a)
{
    struct span value = SPAN_NONE;
    struct buffer text = BUFFER_EMPTY;
    if (header_find(message, name, &value))
        header_unfold(&text, value);
    struct span kept = arena_copy(a, span_first(buffer_span(&text), max));
    buffer_free(&text);
    return kept;
}

void notification_envelope(struct envelope *e, struct span written, struct span to, struct arena *a)
{
    struct recipient *recipient = arena_new(a, sizeof *recipient);
    recipient->address = arena_copy(a, to);
    *e = (struct envelope){
        .origin = ORIGIN_NOTIFICATION,
        .parameters = {.smtputf8 = !address_is_ascii(recipient->address)},
        .header_message_id = unfolded_field(written, "Message-ID", LONGEST_SUBJECT, a),
        .subject = unfolded_field(written, "Subject", LONGEST_SUBJECT, a),
        .size = written.len,
        .recipients = recipient,
        .recipient_count = 1,
    };
}

void notification_write(struct envelope *e, struct buffer *message, const struct report *r,
                        struct arena *a)
{
    size_t before = message->len;
    bool is_8bit = false;
    report_write(message, r, &is_8bit);
    notification_envelope(e, span_skip(buffer_span(message), before), r->to, a);
    e->id = r->id;
    e->accepted_ms = r->now_ms;
    e->about = r->original->id;
    e->parameters.priority = r->original->parameters.priority;
    e->parameters.body = is_8bit ? BODY_8BITMIME : BODY_UNSTATED;
    e->parameters.requires_tls = r->original->parameters.requires_tls; /* RFC 8689 5 */
    e->is_8bit = is_8bit;
}
