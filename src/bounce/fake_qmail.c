/* qmail: the qmail-send bounce message format (QSBMF), which is all text. */
#include "bounce/fake_inside.h"

static const char header[] =
    "Return-Path: <>\n"
    "Received: (qmail {seconds} invoked for bounce); {now}\n"
    "Date: {now}\n"
    "From: MAILER-DAEMON@{host}\n"
    "To: {from}\n"
    "Subject: failure notice\n"
    "\n"
    "Hi. This is the qmail-send program at {host}.\n"
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n"
    "\n"
    "<{to}>:\n";

/* What qmail-remote says around the answer of a server. */
static const char *reason(const struct fake *f)
{
    switch (f->stage) {
    case FAKE_NO_SERVER:
        break;
    case FAKE_AT_SENDER:
        return "Connected to 192.0.2.20 but sender was rejected.\nRemote host said: {reply}\n";
    case FAKE_AT_RECIPIENT:
        return "192.0.2.20 does not like recipient.\n"
               "Remote host said: {reply}\n"
               "Giving up on 192.0.2.20.\n";
    case FAKE_AT_END:
        return "192.0.2.20 failed after I sent the message.\nRemote host said: {reply}\n";
    }
    return f->words.len ? "{words} (#{status})\n" : "";
}

void fake_write_qmail(struct buffer *out, const struct fake *f)
{
    fake_fill(out, f, header);
    fake_fill(out, f, reason(f));
    if (f->has_expired)
        buffer_add_text(out, "I'm not going to try again; this message has been in the queue too "
                             "long.\n");
    buffer_add_text(out, "\n--- Below this line is a copy of the message.\n\n");
    fake_add_original(out, f);
}
