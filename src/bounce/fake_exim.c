/* Exim since 4.85: its text for people as ever, and a report beside it that knows no other status
 * than the class; the rest of it stands in the words of the server. */
#include "bounce/fake_inside.h"

static const char header[] = "Return-Path: <>\n"
                             "Received: from Debian-exim by {host} with local (Exim 4.96)\n"
                             "\tid {exim-id}\n"
                             "\tfor {from}; {now}\n";
static const char header_end[] =
    "Auto-Submitted: auto-replied\n"
    "From: Mail Delivery System <Mailer-Daemon@{host}>\n"
    "To: {from}\n"
    "References: <{message-id}>\n"
    "Content-Type: multipart/report; report-type=delivery-status; "
    "boundary={seconds}-eximdsn-{hex-id}\n"
    "MIME-Version: 1.0\n"
    "Message-Id: <E{exim-id}@{host}>\n"
    "Date: {now}\n"
    "\n"
    "--{seconds}-eximdsn-{hex-id}\n"
    "Content-type: text/plain; charset=us-ascii\n"
    "\n"
    "This message was created automatically by mail delivery software.\n";

struct form {
    const char *subject, *text, *end, *action;
};

static struct form form_of(const struct fake *f)
{
    switch (f->wishes->kind) {
    case NOTICE_DELAY:
        return (struct form){
            "Subject: Warning: message {exim-id} delayed 4 hours\n",
            "A message that you sent has not yet been delivered to one or more of its\n"
            "recipients after more than 4 hours on the queue on {host}.\n"
            "\n"
            "The message identifier is:     {exim-id}\n"
            "The subject of the message is: Minutes of Monday\n"
            "The date of the message is:    {arrival}\n"
            "\n"
            "The address to which the message has not yet been delivered is:\n"
            "\n",
            "\n"
            "No action is required on your part. Delivery attempts will continue for\n"
            "some time, and this warning may be repeated at intervals if the message\n"
            "remains undelivered. Eventually the mail delivery software will give up,\n"
            "and when that happens, the message will be returned to you.\n",
            "Action: delayed\nFinal-Recipient: rfc822;{to}\nStatus: 4.0.0\n"};
    case NOTICE_SUCCESS:
        return (struct form){
            "Subject: Delivery Status Notification\n",
            " ----- The following addresses had successful delivery notifications -----\n", "",
            "Action: relayed\nFinal-Recipient: rfc822;{to}\nStatus: 2.0.0\n"};
    default:
        return (struct form){
            "Subject: Mail delivery failed: returning message to sender\n",
            "\n"
            "A message that you sent could not be delivered to one or more of its\n"
            "recipients. This is a permanent error. The following address(es) failed:\n"
            "\n",
            "", "Action: failed\nFinal-Recipient: rfc822;{to}\nStatus: 5.0.0\n"};
    }
}

static const char *where(const struct fake *f)
{
    switch (f->stage) {
    case FAKE_NO_SERVER:
        break;
    case FAKE_AT_SENDER:
        return "SMTP error from remote mail server after MAIL FROM:<{from}>:\n";
    case FAKE_AT_RECIPIENT:
        return "SMTP error from remote mail server after RCPT TO:<{to}>:\n";
    case FAKE_AT_END:
        return "SMTP error from remote mail server after end of data:\n";
    }
    return "";
}

static void add_reason(struct buffer *out, const struct fake *f)
{
    bool is_delay = f->wishes->kind == NOTICE_DELAY;
    fake_fill(out, f, "  {to}");
    if (f->wishes->kind == NOTICE_SUCCESS) {
        buffer_add_text(out, " (relayed to non DSN-aware mailer)\n");
        return;
    }
    buffer_add_char(out, '\n');
    if (f->code)
        fake_fill(out, f, "    host {remote} [192.0.2.20]\n");
    buffer_add_text(out, is_delay ? "    Delay reason: " : "    ");
    fake_fill(out, f, where(f));
    fake_fill(out, f, f->code ? "    {reply}" : "{words}");
    buffer_add_text(out, f->has_expired ? ": retry timeout exceeded\n" : "\n");
}

static void add_report(struct buffer *out, const struct fake *f, const char *action)
{
    fake_fill(out, f,
              "\n--{seconds}-eximdsn-{hex-id}\n"
              "Content-type: message/delivery-status\n"
              "\n"
              "Reporting-MTA: dns; {host}\n"
              "\n");
    fake_fill(out, f, action);
    if (f->code)
        fake_fill(out, f, "Remote-MTA: dns; {remote}\nDiagnostic-Code: smtp; {reply}\n");
}

static void add_returned(struct buffer *out, const struct fake *f)
{
    bool is_failure = f->wishes->kind == NOTICE_FAILURE;
    fake_fill(out, f, "\n--{seconds}-eximdsn-{hex-id}\n");
    buffer_printf(out, "Content-type: %s\n\n",
                  is_failure ? "message/rfc822" : "text/rfc822-headers");
    if (is_failure)
        fake_add_original(out, f);
    else
        fake_add_original_header(out, f);
    fake_fill(out, f, "\n--{seconds}-eximdsn-{hex-id}--\n");
}

void fake_write_exim(struct buffer *out, const struct fake *f)
{
    const struct form form = form_of(f);
    fake_fill(out, f, header);
    fake_fill(out, f, f->wishes->kind == NOTICE_FAILURE ? "X-Failed-Recipients: {to}\n" : "");
    fake_fill(out, f, form.subject);
    fake_fill(out, f, header_end);
    fake_fill(out, f, form.text);
    add_reason(out, f);
    buffer_add_text(out, form.end);
    add_report(out, f, form.action);
    add_returned(out, f);
}
