/* Our own: written as the server writes them, about an envelope that never was. */
#include "bounce/fake_inside.h"

#include "bounce/notification.h"
#include "bounce/told.h"
#include "bounce/write.h"
#include "mail/line_ends.h"

enum { DELAY_TOLD_MS = 4 * 3600 * 1000 };

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
    return (struct outcome){
        .kind = outcome_of(f->wishes->kind),
        .time_ms = f->wishes->now_ms,
        .code = f->code,
        .status = f->status,
        .cause = f->cause,
        .is_remote = f->code != 0,
        .words = f->words,
        .host = f->code ? f->remote : SPAN_NONE,
        .address = f->code ? SPAN("192.0.2.20:25") : SPAN_NONE,
        .stage = stage_words(f),
        .told_ms = f->wishes->twist == FAKE_RECOVERED ? f->accepted_ms + DELAY_TOLD_MS : 0,
        .is_expired = f->has_expired};
}

/* A report, and all that it borrows. */
struct own_notice {
    struct recipient to;
    struct outcome outcome;
    struct envelope envelope;
    struct report_recipient told;
    struct buffer message;
    struct report report;
};

static struct envelope make_envelope(const struct fake *f, struct recipient *to)
{
    return (struct envelope){.id = (message_id)f->accepted_ms * 1000,
                             .accepted_ms = f->accepted_ms,
                             .reverse_path = f->wishes->from,
                             .client_name = fake_filled(f, "desk.{from-domain}"),
                             .client_address = SPAN("192.0.2.7"),
                             .header_message_id = fake_filled(f, "<{message-id}>"),
                             .subject = SPAN("Minutes of Monday"),
                             .size = f->original.len,
                             .recipients = to,
                             .recipient_count = 1};
}

/* The one place that knows what a report is made of. `n` stays where it is: it points into itself.
 */
static void make_notice(struct own_notice *n, const struct fake *f)
{
    n->to = (struct recipient){.address = f->wishes->to};
    n->outcome = make_outcome(f);
    n->envelope = make_envelope(f, &n->to);
    n->told = (struct report_recipient){.outcome = &n->outcome,
                                        .attempts = f->has_expired ? 42 : 1,
                                        .retry_until_ms = f->give_up_ms};
    n->message = BUFFER_EMPTY;
    line_ends_to_crlf(&n->message, f->original);
    n->report = (struct report){.hostname = f->host,
                                .id = f->id,
                                .now_ms = f->wishes->now_ms,
                                .offset_minutes = f->wishes->offset_minutes,
                                .original = &n->envelope,
                                .to = f->wishes->from,
                                .message = buffer_span(&n->message),
                                .is_whole = true,
                                .recipients = &n->told,
                                .recipient_count = 1,
                                .language = f->wishes->language};
}

/* That notice was lost, too: so it is what postmaster is told of. */
static void lose_notice(struct own_notice *n, const struct fake *f)
{
    struct buffer lost = BUFFER_EMPTY;
    notification_write(&n->envelope, &lost, &n->report, f->arena);
    buffer_free(&n->message);
    n->message = lost;
    n->report.id++;
    n->report.to = fake_filled(f, "postmaster@{from-domain}");
    n->report.is_for_postmaster = true;
    n->report.message = buffer_span(&n->message);
}

static void make_wished(struct own_notice *n, const struct fake *f)
{
    make_notice(n, f);
    if (f->wishes->twist == FAKE_DOUBLE_BOUNCE)
        lose_notice(n, f);
}

void fake_write_plainpost(struct buffer *out, const struct fake *f)
{
    struct own_notice n;
    struct buffer written = BUFFER_EMPTY;
    struct line_ends ends = {0};
    bool is_8bit = false;
    make_wished(&n, f);
    buffer_add_text(out, "Return-Path: <>\n");
    report_write(&written, &n.report, &is_8bit);
    line_ends_to_lf(&ends, buffer_span(&written), out);
    line_ends_finish(&ends, out);
    buffer_free(&written);
    buffer_free(&n.message);
}

void fake_show_plainpost(struct buffer *out, const struct fake *f, enum fake_form form)
{
    struct own_notice n;
    struct told told;
    make_wished(&n, f);
    report_tell(&told, &n.report, f->arena);
    switch (form) {
    case FAKE_TEXT:
        told_as_text(out, &told);
        break;
    case FAKE_CARD:
        told_as_card(out, &told);
        break;
    case FAKE_CARD_INSIDE:
        told_as_card_inside(out, &told);
        break;
    }
    buffer_free(&n.message);
}
