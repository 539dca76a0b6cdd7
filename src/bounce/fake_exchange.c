/* Exchange, as it writes since 2013: a text in two forms with a part for administrators, a report,
 * and the message or its header. */
#include "bounce/fake_inside.h"

static const char header[] =
    "Return-Path: <>\n"
    "Received: from {host} (192.0.2.25) by {host} (192.0.2.25) with Microsoft SMTP\n"
    "\tServer id 15.2.1118.7; {now}\n"
    "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@{from-domain}>\n"
    "To: <{from}>\n"
    "Date: {now}\n"
    "Content-Type: multipart/report; report-type=delivery-status;\n"
    "\tboundary=\"_000_{hex-id}_\"\n"
    "Content-Language: en-US\n"
    "Message-ID: <{id}-{hex-id}@{host}>\n"
    "In-Reply-To: <{message-id}>\n"
    "References: <{message-id}>\n"
    "Thread-Topic: Minutes of Monday\n"
    "Auto-Submitted: auto-replied\n"
    "X-MS-Exchange-Organization-SCL: -1\n"
    "X-Auto-Response-Suppress: All\n"
    "MIME-Version: 1.0\n";

struct form {
    const char *header, *title, *action;
};

static struct form form_of(const struct fake *f)
{
    switch (f->wishes->kind) {
    case NOTICE_DELAY:
        return (struct form){"Subject: Delivery delayed: Minutes of Monday\n",
                             "Delivery is delayed to these recipients or groups:", "delayed"};
    case NOTICE_SUCCESS:
        return (struct form){
            "Subject: Relayed: Minutes of Monday\n",
            "Delivery to these recipients or groups is complete, but no delivery notification was "
            "sent by the destination server:",
            "relayed"};
    default:
        return (struct form){"Subject: Undeliverable: Minutes of Monday\n"
                             "X-MS-Exchange-Message-Is-Ndr:\n",
                             "Delivery has failed to these recipients or groups:", "failed"};
    }
}

/* What it says to the person. */
static const char *sentence(const struct fake *f)
{
    if (f->wishes->kind == NOTICE_DELAY)
        return "This message hasn't been delivered yet. Delivery will continue to be attempted.\n"
               "\n"
               "The server will keep trying to deliver this message for the next 4 days, 20 hours "
               "and 0 minutes. You'll be notified if the message can't be delivered by that time.";
    if (f->wishes->kind == NOTICE_SUCCESS)
        return "Subject: Minutes of Monday";
    switch (f->cause.cause) {
    case CAUSE_ADDRESS_NOT_FOUND:
        return "The email address you entered couldn't be found. Please check the recipient's "
               "email address and try to resend the message. If the problem continues, please "
               "contact your email admin.";
    case CAUSE_INBOX_FULL:
        return "The recipient's mailbox is full and can't accept messages now. Please try "
               "resending your message later, or contact the recipient directly.";
    case CAUSE_MESSAGE_TOO_LARGE:
        return "This message is too large. Please make the message smaller and try sending it "
               "again.";
    case CAUSE_COULD_NOT_REACH:
        return "Several attempts to deliver your message were unsuccessful and we stopped trying. "
               "It could be a temporary situation. Try to send your message again later.";
    default:
        return "Your message couldn't be delivered. Despite repeated attempts, the recipient's "
               "email system refused to accept it.";
    }
}

/* "Remote Server returned", with the last reply where it gave up. An NDR does so; a warning never
 * says why, only that it waits. */
static const char *diagnosis(const struct fake *f)
{
    if (f->wishes->kind == NOTICE_SUCCESS)
        return "{reply}";
    if (f->wishes->kind == NOTICE_DELAY)
        return "400 4.4.7 Message delayed";
    return f->has_expired ? "550 5.4.300 Message expired -> {reply}" : "{reply}";
}

static const char *status(const struct fake *f)
{
    if (f->wishes->kind == NOTICE_DELAY)
        return "4.4.7";
    return f->has_expired ? "5.4.300" : "{status}";
}

static void add_text(struct buffer *out, const struct fake *f, const struct form *form)
{
    fake_fill(out, f,
              "\n--_000_{hex-id}_\n"
              "Content-Type: multipart/alternative; differences=Content-Type;\n"
              "\tboundary=\"_001_{hex-id}_\"\n"
              "\n"
              "--_001_{hex-id}_\n"
              "Content-Type: text/plain; charset=\"us-ascii\"\n"
              "\n");
    buffer_printf(out, "%s\n\n", form->title);
    fake_fill(out, f, "{to}<mailto:{to}>\n");
    fake_fill(out, f, sentence(f));
    buffer_add_text(out, "\n\n");
    if (f->wishes->kind != NOTICE_FAILURE)
        return;
    fake_fill(out, f,
              "Diagnostic information for administrators:\n"
              "\n"
              "Generating server: {host}\n"
              "\n"
              "{to}\n");
    fake_fill(out, f, f->stage == FAKE_NO_SERVER ? "" : "{remote}\n");
    buffer_add_text(out, "Remote Server returned '");
    fake_fill(out, f, diagnosis(f));
    buffer_add_text(out, "'\n\nOriginal message headers:\n\n");
    fake_add_original_header(out, f);
}

static void add_html(struct buffer *out, const struct fake *f, const struct form *form)
{
    fake_fill(out, f,
              "\n--_001_{hex-id}_\n"
              "Content-Type: text/html; charset=\"us-ascii\"\n"
              "\n"
              "<html>\n"
              "<body>\n");
    buffer_printf(out,
                  "<p><b><font color=\"#000066\" size=\"3\" face=\"Arial\">%s</font></b></p>\n",
                  form->title);
    fake_fill(out, f, "<p><a href=\"mailto:{&to}\">{&to}</a><br>\n");
    fake_fill(out, f, sentence(f));
    fake_fill(out, f, "</p>\n</body>\n</html>\n\n--_001_{hex-id}_--\n");
}

static void add_report(struct buffer *out, const struct fake *f, const char *action)
{
    fake_fill(out, f,
              "\n--_000_{hex-id}_\n"
              "Content-Type: message/delivery-status\n"
              "\n"
              "Reporting-MTA: dns;{host}\n"
              "Received-From-MTA: dns;desk.{from-domain}\n"
              "Arrival-Date: {arrival}\n"
              "\n"
              "Final-Recipient: rfc822;{to}\n");
    buffer_printf(out, "Action: %s\nStatus: ", action);
    fake_fill(out, f, status(f));
    buffer_add_text(out, "\nDiagnostic-Code: smtp;");
    fake_fill(out, f, diagnosis(f));
    buffer_add_char(out, '\n');
    if (f->stage != FAKE_NO_SERVER && f->wishes->kind != NOTICE_DELAY)
        fake_fill(out, f, "Remote-MTA: dns;{remote}\n");
    if (f->wishes->kind == NOTICE_DELAY)
        fake_fill(out, f, "Will-Retry-Until: {give-up}\n");
    fake_fill(out, f, "X-Display-Name: {to}\n");
}

void fake_write_exchange(struct buffer *out, const struct fake *f)
{
    const struct form form = form_of(f);
    bool is_failure = f->wishes->kind == NOTICE_FAILURE;
    fake_fill(out, f, header);
    buffer_add_text(out, form.header);
    add_text(out, f, &form);
    add_html(out, f, &form);
    add_report(out, f, form.action);
    fake_fill(out, f, "\n--_000_{hex-id}_\n");
    buffer_printf(out, "Content-Type: %s\n\n",
                  is_failure ? "message/rfc822" : "text/rfc822-headers");
    if (is_failure)
        fake_add_original(out, f);
    else
        fake_add_original_header(out, f);
    fake_fill(out, f, "\n--_000_{hex-id}_--\n");
}
