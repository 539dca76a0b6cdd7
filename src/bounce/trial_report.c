#include "bounce/trial_report.h"

void trial_report(struct trial_report *t)
{
    *t = (struct trial_report){.recipients = {{.address = SPAN("bob@example.net")},
                                              {.address = SPAN("eve@example.net")},
                                              {.address = SPAN("joe@example.net")}}};
    t->original = (struct envelope){.id = 1764000000000000,
                                    .accepted_ms = 1764000000000, /* 2025-11-24 16:00:00 UTC */
                                    .reverse_path = SPAN("ann@example.org"),
                                    .header_message_id = SPAN("<1@example.org>"),
                                    .subject = SPAN("Figures"),
                                    .recipients = t->recipients,
                                    .recipient_count = TRIAL_RECIPIENTS};
    for (size_t i = 0; i < TRIAL_RECIPIENTS; i++) {
        t->outcomes[i] = (struct outcome){.kind = OUTCOME_FAILED,
                                          .time_ms = 1764000060000,
                                          .code = 550,
                                          .status = STATUS(5, 1, 1),
                                          .cause = {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE},
                                          .is_remote = true,
                                          .words = SPAN("No such user"),
                                          .host = SPAN("mx.example.net"),
                                          .address = SPAN("192.0.2.7:25"),
                                          .stage = SPAN("in reply to RCPT TO")};
        t->told[i] =
            (struct report_recipient){.recipient = i, .outcome = &t->outcomes[i], .attempts = 1};
    }
    t->report = (struct report){.hostname = SPAN("mx.example.org"),
                                .id = 1764000061000000,
                                .now_ms = 1764000061000,
                                .offset_minutes = 60,
                                .original = &t->original,
                                .to = t->original.reverse_path,
                                .message = SPAN("From: ann@example.org\r\nSubject: Figures\r\n\r\n"
                                                "Text.\r\n"),
                                .is_whole = true,
                                .recipients = t->told,
                                .recipient_count = 1};
}
