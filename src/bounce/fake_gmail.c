/* Gmail: a card in text and HTML with a picture, a report, and the message. */
#include "bounce/fake_inside.h"

static const char header[] = "Return-Path: <>\n"
                             "Received: from mail-sor-f69.google.com ([192.0.2.25])\n"
                             "\tby {host} with ESMTPS id {hex-id}\n"
                             "\tfor <{from}>; {now}\n"
                             "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
                             "To: {from}\n"
                             "Auto-Submitted: auto-replied\n";
static const char header_end[] =
    "References: <{message-id}>\n"
    "In-Reply-To: <{message-id}>\n"
    "Message-ID: <{id}.{hex-id}.b.{seconds}@mx.google.com>\n"
    "Date: {now}\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/report; boundary=\"0000000000{hex-id}a\"; "
    "report-type=delivery-status\n"
    "\n"
    "--0000000000{hex-id}a\n"
    "Content-Type: multipart/related; boundary=\"0000000000{hex-id}b\"\n"
    "\n"
    "--0000000000{hex-id}b\n"
    "Content-Type: multipart/alternative; boundary=\"0000000000{hex-id}c\"\n";

static const char picture[] =
    "\n--0000000000{hex-id}c--\n"
    "--0000000000{hex-id}b\n"
    "Content-Type: image/png; name=\"icon.png\"\n"
    "Content-Disposition: attachment; filename=\"icon.png\"\n"
    "Content-Transfer-Encoding: base64\n"
    "Content-ID: <icon.png>\n"
    "\n"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=\n"
    "\n--0000000000{hex-id}b--\n";

/* What the card says above the answer of the server. */
struct card {
    const char *headline, *sentence;
};

static struct card card_of(const struct fake *f)
{
    if (f->wishes->kind == NOTICE_DELAY)
        return (struct card){"Delivery incomplete",
                             "There was a temporary problem delivering your message to {to}. "
                             "Gmail will retry for 116 more hours. You'll be notified if the "
                             "delivery fails permanently."};
    switch (f->cause.cause) {
    case CAUSE_ADDRESS_NOT_FOUND:
        return (struct card){"Address not found",
                             "Your message wasn't delivered to {to} because the address couldn't "
                             "be found, or is unable to receive mail."};
    case CAUSE_DOMAIN_NOT_FOUND:
        return (struct card){"Address not found",
                             "Your message wasn't delivered to {to} because the domain {to-domain} "
                             "couldn't be found. Check for typos or unnecessary spaces and try "
                             "again."};
    case CAUSE_INBOX_FULL:
        return (struct card){"Recipient inbox full",
                             "Your message couldn't be delivered to {to}. Their inbox is full, or "
                             "it's getting too much mail right now."};
    case CAUSE_MESSAGE_TOO_LARGE:
        return (struct card){"Message too large",
                             "Your message couldn't be delivered to {to} because it exceeds the "
                             "size limit. Try reducing the message size and resending."};
    case CAUSE_TOO_MANY:
        return (struct card){"You have reached a limit for sending mail",
                             "Your message to {to} was not sent."};
    case CAUSE_BLOCKED_CONTENT:
    case CAUSE_BLOCKED_REPUTATION:
    case CAUSE_BLOCKED_POLICY:
    case CAUSE_SENDER_AUTH_FAILED:
        return (struct card){"Message blocked",
                             "Your message to {to} has been blocked. See technical details below "
                             "for more information."};
    case CAUSE_UNKNOWN:
    case CAUSE_ACCOUNT_DISABLED:
    case CAUSE_COULD_NOT_REACH:
    case CAUSE_SERVER_PROBLEM:
    case CAUSE_RELAY_DENIED:
    case CAUSE_LOOP:
        break;
    }
    return (struct card){"Message not delivered",
                         "There was a problem delivering your message to {to}. See the technical "
                         "details below, or try resending in a few minutes."};
}

static void add_text(struct buffer *out, const struct fake *f, const struct card *card)
{
    fake_fill(out, f, "\n--0000000000{hex-id}c\nContent-Type: text/plain; charset=\"UTF-8\"\n\n");
    buffer_printf(out, "\n** %s **\n\n", card->headline);
    fake_fill(out, f, card->sentence);
    fake_fill(out, f,
              f->code ? "\n\nThe response from the remote server was:\n\n{reply}\n"
                      : "\n\nThe response was:\n\n{words}\n");
}

static void add_html(struct buffer *out, const struct fake *f, const struct card *card)
{
    struct buffer sentence = BUFFER_EMPTY;
    for (const char *c = card->sentence; *c; c++) {
        buffer_add_char(&sentence, *c);
        if (*c == '{')
            buffer_add_char(&sentence, '&');
    }
    fake_fill(out, f, "\n--0000000000{hex-id}c\nContent-Type: text/html; charset=\"UTF-8\"\n\n");
    buffer_printf(
        out,
        "<html><body>\n"
        "<table cellpadding=\"0\" cellspacing=\"0\" style=\"padding-top:32px;width:auto\">"
        "<tbody>\n"
        "<tr><td><img src=\"cid:icon.png\" alt=\"Error Icon\"></td></tr>\n"
        "<tr><td><h2 style=\"font-family:arial\">%s</h2>\n",
        card->headline);
    fake_fill(out, f, buffer_text(&sentence));
    fake_fill(out, f, "</td></tr>\n</tbody></table>\n");
    fake_fill(out, f,
              f->code ? "<p>The response from the remote server was:</p>\n<p>{&reply}</p>\n"
                      : "<p>The response was:</p>\n<p>{&words}</p>\n");
    buffer_add_text(out, "</body></html>\n");
    buffer_free(&sentence);
}

static void add_report(struct buffer *out, const struct fake *f)
{
    bool is_delay = f->wishes->kind == NOTICE_DELAY;
    fake_fill(out, f,
              "\n--0000000000{hex-id}a\n"
              "Content-Type: message/delivery-status\n"
              "\n"
              "Reporting-MTA: dns; googlemail.com\n"
              "Received-From-MTA: dns; {from}\n"
              "Arrival-Date: {arrival}\n"
              "X-Original-Message-ID: <{message-id}>\n"
              "\n"
              "Final-Recipient: rfc822; {to}\n");
    buffer_printf(out, "Action: %s\n", is_delay ? "delayed" : "failed");
    fake_fill(out, f, "Status: {status}\n");
    if (f->code)
        fake_fill(out, f,
                  "Remote-MTA: dns; {remote}. (192.0.2.20, the server for the domain "
                  "{to-domain}.)\n");
    fake_fill(out, f,
              f->code ? "Diagnostic-Code: smtp; {reply}\n" : "Diagnostic-Code: smtp; {words}\n");
    fake_fill(out, f, "Last-Attempt-Date: {now}\n");
    if (is_delay)
        fake_fill(out, f, "Will-Retry-Until: {give-up}\n");
}

void fake_write_gmail(struct buffer *out, const struct fake *f)
{
    const struct card card = card_of(f);
    bool is_delay = f->wishes->kind == NOTICE_DELAY;
    fake_fill(out, f, header);
    buffer_printf(out, "Subject: Delivery Status Notification (%s)\n",
                  is_delay ? "Delay" : "Failure");
    fake_fill(out, f, is_delay ? "" : "X-Failed-Recipients: {to}\n");
    fake_fill(out, f, header_end);
    add_text(out, f, &card);
    add_html(out, f, &card);
    fake_fill(out, f, picture);
    add_report(out, f);
    fake_fill(out, f, "\n--0000000000{hex-id}a\nContent-Type: message/rfc822\n\n");
    fake_add_original(out, f);
    fake_fill(out, f, "\n--0000000000{hex-id}a--\n");
}
