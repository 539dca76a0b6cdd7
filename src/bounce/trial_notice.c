#include "bounce/trial_notice.h"

#include "bounce/read.h"

#include <string.h>

static enum notice_action action_of(enum notice_kind kind)
{
    if (kind == NOTICE_DELAY)
        return ACTION_DELAYED;
    return kind == NOTICE_SUCCESS ? ACTION_DELIVERED : ACTION_FAILED;
}

void trial_notice(struct trial *t, enum notice_kind kind, enum verdict_class class)
{
    static const char *const addresses[] = {"bob@example.net", "carol@example.net",
                                            "dave@example.net", "eve@example.net"};
    memset(t, 0, sizeof *t);
    t->language = "en";
    t->me = "alice@example.org";
    t->verdict = (struct verdict){.class = class, .confidence = CONFIDENCE_LIKELY};
    for (size_t i = 0; i < 4; i++)
        t->recipients[i] = (struct notice_recipient){
            .address = span_of(addresses[i]),
            .action = action_of(kind),
            .status = {5, 2, 2},
            .code = 552,
            .diagnostic = SPAN("552 5.2.2 Mailbox full"),
            .remote = SPAN("mx.example.net"),
            .cause = {CAUSE_INBOX_FULL, VARIANT_NONE},
            .is_permanent = true,
        };
    t->notice = (struct notice){
        .kind = kind,
        .agent = "Postfix",
        .reporting = SPAN("mail.example.org"),
        .from = SPAN("Mail Delivery System <mailer-daemon@mail.example.org>"),
        .to = SPAN("alice@example.org"),
        .subject = SPAN("Undelivered mail"),
        .text = SPAN("I am sorry."),
        .recipients = t->recipients,
        .recipient_count = 1,
        .original = {.message_id = SPAN("1@example.org"),
                     .from = SPAN("Alice <alice@example.org>"),
                     .to = SPAN("bob@example.net"),
                     .subject = SPAN("Lunch")},
    };
}

struct verdict trial_verdict(const char *message, struct arena *a)
{
    static const struct evidence nothing;
    struct notice n;
    struct survey s;
    struct verdict v;
    notice_read(&n, &s, span_of(message), a);
    notice_judge(&v, &n, &s, &nothing, a);
    return v;
}
