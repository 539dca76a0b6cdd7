/* Postfix: bounce(8) with its default templates (bounce(5)). */
#include "bounce/fake_inside.h"

static const char header[] = "Return-Path: <>\n"
                             "Received: by {host} (Postfix)\n"
                             "\tid {hex-id}; {now}\n"
                             "Date: {now}\n"
                             "From: MAILER-DAEMON@{host} (Mail Delivery System)\n";
static const char header_end[] = "To: {from}\n"
                                 "Auto-Submitted: auto-replied\n"
                                 "MIME-Version: 1.0\n"
                                 "Content-Type: multipart/report; report-type=delivery-status;\n"
                                 "\tboundary=\"{original-id}.{seconds}/{host}\"\n"
                                 "Message-Id: <{id}.{hex-id}@{host}>\n"
                                 "\n"
                                 "This is a MIME-encapsulated message.\n"
                                 "\n"
                                 "--{original-id}.{seconds}/{host}\n"
                                 "Content-Description: Notification\n"
                                 "Content-Type: text/plain; charset=us-ascii\n"
                                 "\n"
                                 "This is the mail system at host {host}.\n"
                                 "\n";

static const char help[] = "For further assistance, please send mail to postmaster.\n"
                           "\n"
                           "If you do so, please include this problem report. You can\n"
                           "delete your own text from the attached returned message.\n"
                           "\n"
                           "                   The mail system\n"
                           "\n";

struct form {
    const char *subject, *text, *action, *part;
};

static struct form form_of(const struct fake *f)
{
    switch (f->wishes->kind) {
    case NOTICE_DELAY:
        return (struct form){
            "Subject: Delayed Mail (still being retried)\n",
            "####################################################################\n"
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n"
            "####################################################################\n"
            "\n"
            "Your message could not be delivered for more than 4 hour(s).\n"
            "It will be retried until it is 5 day(s) old.\n"
            "\n",
            "delayed",
            "Content-Description: Undelivered Message Headers\n"
            "Content-Type: text/rfc822-headers\n\n"};
    case NOTICE_SUCCESS:
        return (struct form){
            "Subject: Successful Mail Delivery Report\n",
            "Your message was successfully delivered to the destination(s)\n"
            "listed below. If the message was delivered to mailbox you will\n"
            "receive no further notifications. Otherwise you may still receive\n"
            "notifications of mail delivery errors from other systems.\n"
            "\n"
            "                   The mail system\n"
            "\n",
            "relayed",
            "Content-Description: Message Headers\nContent-Type: text/rfc822-headers\n\n"};
    default:
        return (struct form){
            "Subject: Undelivered Mail Returned to Sender\n",
            "I'm sorry to have to inform you that your message could not\n"
            "be delivered to one or more recipients. It's attached below.\n"
            "\n",
            "failed", "Content-Description: Undelivered Message\nContent-Type: message/rfc822\n\n"};
    }
}

static const char *reason(const struct fake *f)
{
    if (f->wishes->kind == NOTICE_SUCCESS)
        return "<{to}>: delivery via {remote}[192.0.2.20]:25: {reply}";
    switch (f->stage) {
    case FAKE_NO_SERVER:
        break;
    case FAKE_AT_SENDER:
        return "<{to}>: host {remote}[192.0.2.20] said: {reply} (in reply to MAIL FROM command)";
    case FAKE_AT_RECIPIENT:
        return "<{to}>: host {remote}[192.0.2.20] said: {reply} (in reply to RCPT TO command)";
    case FAKE_AT_END:
        return "<{to}>: host {remote}[192.0.2.20] said: {reply} (in reply to end of DATA command)";
    }
    return "<{to}>: {words}";
}

static void add_status(struct buffer *out, const struct fake *f, const char *action)
{
    fake_fill(out, f,
              "\n--{original-id}.{seconds}/{host}\n"
              "Content-Description: Delivery report\n"
              "Content-Type: message/delivery-status\n"
              "\n"
              "Reporting-MTA: dns; {host}\n"
              "X-Postfix-Queue-ID: {original-id}\n"
              "X-Postfix-Sender: rfc822; {from}\n"
              "Arrival-Date: {arrival}\n"
              "\n"
              "Final-Recipient: rfc822; {to}\n"
              "Original-Recipient: rfc822;{to}\n");
    buffer_printf(out, "Action: %s\n", action);
    fake_fill(out, f, "Status: {status}\n");
    if (f->code)
        fake_fill(out, f, "Remote-MTA: dns; {remote}\n");
    fake_fill_wrapped(out, f, "    ",
                      f->code ? "Diagnostic-Code: smtp; {reply}"
                              : "Diagnostic-Code: X-Postfix; {words}");
    if (f->wishes->kind == NOTICE_DELAY)
        fake_fill(out, f, "Will-Retry-Until: {give-up}\n");
}

void fake_write_postfix(struct buffer *out, const struct fake *f)
{
    const struct form form = form_of(f);
    bool is_success = f->wishes->kind == NOTICE_SUCCESS;
    fake_fill(out, f, header);
    buffer_add_text(out, form.subject);
    fake_fill(out, f, header_end);
    buffer_add_text(out, form.text);
    buffer_add_text(out, is_success ? "" : help);
    fake_fill_wrapped(out, f, "    ", reason(f));
    add_status(out, f, form.action);
    fake_fill(out, f, "\n--{original-id}.{seconds}/{host}\n");
    buffer_add_text(out, form.part);
    if (f->wishes->kind == NOTICE_FAILURE)
        fake_add_original(out, f);
    else
        fake_add_original_header(out, f);
    fake_fill(out, f, "\n--{original-id}.{seconds}/{host}--\n");
}
