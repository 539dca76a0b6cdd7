/* Our own: written as the server writes them, about an envelope that never was. */
#include "bounce/fake_inside.h"

#include "bounce/write.h"
#include "mail/line_ends.h"

static struct span stage_words(const struct fake *f)
{
    switch (f->stage) {
    case FAKE_NO_SERVER:
        break;
    case FAKE_AT_SENDER:
        return SPAN("in reply to MAIL FROM");
    case FAKE_AT_RECIPIENT:
        return SPAN("in reply to RCPT TO");
    case FAKE_AT_END:
        return SPAN("in reply to the message");
    }
    return SPAN_NONE;
}

static enum outcome_kind outcome_of(enum notice_kind kind)
{
    return kind == NOTICE_FAILURE ? OUTCOME_FAILED
           : kind == NOTICE_DELAY ? OUTCOME_DELAYED
                                  : OUTCOME_RELAYED;
}

static struct outcome make_outcome(const struct fake *f)
{
    return (struct outcome){.kind = outcome_of(f->wishes->kind),
                            .time_ms = f->wishes->now_ms,
                            .code = f->code,
                            .status = f->status,
                            .cause = f->cause,
                            .is_remote = f->code != 0,
                            .words = f->words,
                            .host = f->code ? f->remote : SPAN_NONE,
                            .address = f->code ? SPAN("192.0.2.20:25") : SPAN_NONE,
                            .stage = stage_words(f),
                            .is_expired = f->has_expired};
}

/* The one place that knows what a report is made of. */
static void write_report(struct buffer *out, const struct fake *f, const struct envelope *e,
                         const struct outcome *o)
{
    struct buffer message = BUFFER_EMPTY;
    const struct report_recipient to = {
        .outcome = o, .attempts = f->has_expired ? 42 : 1, .retry_until_ms = f->give_up_ms};
    bool is_8bit = false;
    line_ends_to_crlf(&message, f->original);
    report_write(out,
                 &(struct report){.hostname = f->host,
                                  .id = f->id,
                                  .now_ms = f->wishes->now_ms,
                                  .offset_minutes = f->wishes->offset_minutes,
                                  .original = e,
                                  .to = f->wishes->from,
                                  .message = buffer_span(&message),
                                  .is_whole = true,
                                  .recipients = &to,
                                  .recipient_count = 1,
                                  .language = f->wishes->language},
                 &is_8bit);
    buffer_free(&message);
}

void fake_write_plainpost(struct buffer *out, const struct fake *f)
{
    struct recipient to = {.address = f->wishes->to};
    const struct outcome o = make_outcome(f);
    const struct envelope e = {.id = (message_id)f->accepted_ms * 1000,
                               .accepted_ms = f->accepted_ms,
                               .reverse_path = f->wishes->from,
                               .client_name = fake_filled(f, "desk.{from-domain}"),
                               .client_address = SPAN("192.0.2.7"),
                               .header_message_id = fake_filled(f, "<{message-id}>"),
                               .subject = SPAN("Minutes of Monday"),
                               .size = f->original.len,
                               .recipients = &to,
                               .recipient_count = 1};
    struct buffer written = BUFFER_EMPTY;
    struct line_ends ends = {0};
    buffer_add_text(out, "Return-Path: <>\n");
    write_report(&written, f, &e, &o);
    line_ends_to_lf(&ends, buffer_span(&written), out);
    line_ends_finish(&ends, out);
    buffer_free(&written);
}
