#include "base/test.h"

#include "bounce/read.h"

#include <string.h>

#define DAEMON "Return-Path: <>\nFrom: Mail Delivery System <mailer-daemon@mx.example.org>\n"
#define PERSON "Return-Path: <bob@example.net>\nFrom: Bob <bob@example.net>\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\n"

struct kind_case {
    enum notice_kind want;
    const char *message;
};

static void check(const struct kind_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(cases[i].message), &a);
        if (n.kind != cases[i].want)
            fail_msg("%s, not %s:\n%s", notice_kind_name(n.kind), notice_kind_name(cases[i].want),
                     cases[i].message);
        arena_clear(&a);
    }
}

/* RFC 3834, and what is older or of one vendor. */
static void answers_of_machines_are_told_apart(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: Re: Plans\nAuto-Submitted: auto-replied\n\nI am away.\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: Re: Plans\nAuto-Submitted: auto-replied (vacation)\n\nBack on Monday.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: Auto reply\nPrecedence: auto_reply\n\nGracias!\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: Thanks\nX-Autoreply: yes\n\nWe got it.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: Your mail\nX-Autorespond: 1\n\nWe got it.\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: Re: x\nDelivered-To: Autoresponder\n\nThis is qmail's autorespond.\n"},
        {NOTICE_AUTO_REPLY,
         "Return-Path: <>\nFrom: Bob <bob@example.net>\nSubject: Automatic reply: "
         "Plans\nX-Auto-Response-Suppress: All\n\nI am travelling.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: Bob Smith/Example is out of the office.\n\nI will be "
                                   "out of the office from Monday.\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: [list] Bob is out of the office\nList-Id: <l.example.org>"
                "\nPrecedence: list\n\nI will be back on Tuesday.\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: =?utf-8?Q?Abwesenheitsnotiz:_Pl=C3=A4ne?=\n\nIch bin im Urlaub.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Projet?=\n\nJe "
                                   "suis absent du bureau.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: =?utf-8?Q?Respuesta_autom=C3=A1tica:_Plan?=\n\nEstoy "
                                   "de vacaciones.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: Risposta automatica: Piano\n\nSono in ferie.\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: Automatisch antwoord: Plan\n\nIk ben op vakantie.\n"},
        {NOTICE_AUTO_REPLY, PERSON
         "Subject: =?utf-8?Q?Resposta_autom=C3=A1tica:_Plano?=\n\nEstou de f\xc3\xa9rias.\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: \xd0\x90\xd0\xb2\xd1\x82\xd0\xbe\xd0\xbe\xd1\x82\xd0\xb2"
                "\xd0\xb5\xd1\x82: x\n\n\xd0\xaf \xd0\xb2 "
                "\xd0\xbe\xd1\x82\xd0\xbf\xd1\x83\xd1\x81\xd0\xba\xd0\xb5\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: \u81ea\u52d5\u5fdc\u7b54: \u4ef6\u540d\n\n\u4e0d\u5728\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: \u81ea\u52a8\u56de\u590d: x\n\n\u4f11\u5047\n"},
        {NOTICE_AUTO_REPLY, PERSON "Subject: \uc790\ub3d9 \ud68c\uc2e0: x\n\n\ubd80\uc7ac\uc911\n"},
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: [Request received] Re: Plans\nAuto-Submitted: "
                "auto-generated\nX-Auto-Response-Suppress: All\nIn-Reply-To: "
                "<1@x>\n\nYour request has been received and is being reviewed.\n"},
        /* "No longer here" with addresses in it bounces nothing. */
        {NOTICE_AUTO_REPLY,
         PERSON "Subject: AutoResponse: Hi\nAuto-Submitted: auto-replied\n\nThis "
                "inbox bob@example.net is no longer in use. Write to "
                "carol@example.net.\n"},
        /* A mail system that says auto-replied of its notices (Postfix, Exim). */
        {NOTICE_FAILURE, DAEMON "Subject: Mail delivery failed: returning message to sender\n"
                                "Auto-Submitted: auto-replied\n\nA message that you sent could not "
                                "be delivered:\n\n  bob@example.net\n    mailbox is full\n"},
        /* Machines that answer nobody, and people who write about it. */
        {NOTICE_NOT_A_BOUNCE,
         PERSON "Subject: 2 new threads\nAuto-Submitted: auto-generated\n\nHi.\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: [Bug 1] mail delivery failed\nAuto-Submitted: "
                                     "auto-generated\nList-Id: <b.example>\n\nIt fails.\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Re: automatic replies in our product\n\nHow?\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: My vacation\n\nIt was great.\n"},
        {NOTICE_NOT_A_BOUNCE,
         PERSON "Subject: News\nX-Auto-Response-Suppress: All\nPrecedence: bulk\n\nOur offers.\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void challenges_are_told_apart(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_CHALLENGE,
         PERSON "Subject: Please confirm your message\nAuto-Submitted: auto-replied\nX-TMDA-"
                "Fingerprint: x\n\nTo release your message, reply to this one.\n"},
        {NOTICE_CHALLENGE,
         PERSON "Subject: Re: Hello (verification required)\n\nYou have to verify "
                "that you are a human. This is a one-time process.\n"},
        {NOTICE_CHALLENGE,
         "Return-Path: <>\nFrom: Bob <bob@example.net>\nSubject: Re: Hello\n\nI apologize for this "
         "automatic reply to your email. To control spam, I now allow incoming messages only from "
         "senders I have approved beforehand.\n"},
        {NOTICE_CHALLENGE, PERSON "Subject: Your email requires verification verify#abc\n"
                                  "Auto-Submitted: auto-replied\n\nThe message you sent requires "
                                  "that you verify that you are a real person. BoxTrapper\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Re: challenge-response\nList-Id: <l.example>\n"
                                     "In-Reply-To: <1@x>\n\nTMDA and spam arrest are bad.\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Please verify your email to finish\n\nWelcome!\n"},
    };
    check(cases, COUNT_OF(cases));
}

#define ZIP(name)                                                                                  \
    "Content-Type: application/zip\nContent-Disposition: attachment; filename=\"" name             \
    "\"\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n"
#define BY_RULE "example.net!example.org!1795392000!1795478399"

/* However they are called by those who send them. */
static void reports_of_a_day_are_told_apart(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_DMARC_REPORT,
         "From: dmarc@example.net\nSubject: Report Domain: example.org Submitter: example.net "
         "Report-ID: <1@example.net>\nContent-Type: application/gzip; name=x.xml.gz\n"
         "Content-Transfer-Encoding: base64\n\nH4sI\n"},
        {NOTICE_DMARC_REPORT, "From: postmaster@example.net\nSubject: Report domain: example.org "
                              "Submitter: example.net Report-ID: 1\n" ZIP(BY_RULE ".zip")},
        {NOTICE_DMARC_REPORT,
         "From: dmarc@example.net\nSubject: [Preview] Report Domain: example.org Submitter: "
         "example.net\n" MIXED "\n--b\nContent-Type: text/html\n\n<p>A report.</p>\n--b\n"
         "Content-Type: application/octet-stream\n\nx\n--b--\n"},
        {NOTICE_DMARC_REPORT,
         "From: mailer-daemon@example.net\nSubject: DMARC Aggregate Report\n" MIXED
         "\n--b\n\nA report.\n--b\n" ZIP(BY_RULE "!7.xml.gz") "--b--\n"},
        {NOTICE_TLS_REPORT,
         "From: tls@example.net\nSubject: Report Domain: example.org Submitter: example.net "
         "Report-ID: <1>\nContent-Type: multipart/report; report-type=tlsrpt; boundary=b\n\n--b\n\n"
         "A report.\n\n--b--\n"},
        {NOTICE_TLS_REPORT, "From: tls@example.net\nSubject: Report\nTLS-Report-Domain: "
                            "example.org\nTLS-Report-Submitter: example.net\n\nA report.\n"},
        {NOTICE_TLS_REPORT, "From: tls@example.net\nSubject: Report\n" MIXED
                            "\n--b\n\nA report.\n--b\n" ZIP(BY_RULE "!7.json.gz") "--b--\n"},
        /* Only words about one, a file of any name, a notice that one could not be delivered. */
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Re: Report Domain: example.org Submitter: "
                                     "example.net\n\nWhat is this?\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Our holidays\n" ZIP("a!b!1!c.zip")},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Our holidays\n" ZIP(BY_RULE ".exe")},
        {NOTICE_FAILURE, DAEMON
         "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; "
         "report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n\n--b\nContent-Type: "
         "message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\nFinal-Recipient: "
         "rfc822; dmarc@example.net\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: "
         "message/rfc822\n\nSubject: Report Domain: example.net Submitter: example.org\n" ZIP(
             "example.org!example.net!1795392000!1795478399.zip") "\n--b--\n"},
    };
    check(cases, COUNT_OF(cases));
}

#define ARF                                                                                        \
    "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; "             \
    "boundary=b\n\n--b\n\nAn email abuse report.\n\n"

static void feedback_is_told_apart(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_FEEDBACK_REPORT,
         "From: fbl@example.net\nSubject: FW: Earn\n" ARF
         "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: A/1\n"
         "Version: 1\nOriginal-Rcpt-To: <bob@example.net>\n\n--b\nContent-Type: message/rfc822\n\n"
         "Subject: Earn\n\nx\n--b--\n"},
        {NOTICE_FEEDBACK_REPORT, "From: fbl@example.net\nSubject: x\n" MIXED
                                 "\n--b\n\nHi\n\n--b\nContent-Type: text/plain\n\nFeedback-Type: "
                                 "auth-failure\nUser-Agent: A/1\nVersion: 1\n\n--b--\n"},
        {NOTICE_FEEDBACK_REPORT, "From: staff@hotmail.com\nSubject: complaint about message from "
                                 "192.0.2.1\n" MIXED "\n--b\nContent-Type: message/rfc822\n\nFrom: "
                                 "a@example.org\nTo: b@hotmail.com\nSubject: x\n\nx\n--b--\n"},
        {NOTICE_FEEDBACK_REPORT,
         "From: scomp@aol.net\nSubject: Client TOS Notification\n\nA report.\n"},
        {NOTICE_FEEDBACK_REPORT,
         "From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n\n"
         "{\"notificationType\":\"Complaint\",\"complaint\":{\"complainedRecipients\":"
         "[{\"emailAddress\":\"bob@example.net\"}]}}\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Complaint about message from Bob\n\nHe is rude.\n"},
    };
    check(cases, COUNT_OF(cases));
}

/* RFC 5965 7.3, RFC 6430. */
static void what_feedback_is_about_is_read(void **state)
{
    static const struct {
        const char *fields, *type;
    } cases[] = {
        {"Feedback-Type: abuse\n", "abuse"},
        {"User-Agent: A/1\nfeedback-type: not-spam\nFeedback-Type: abuse\n", "not-spam"},
        {"User-Agent: A/1\n", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct survey s;
        struct notice n;
        struct span message =
            arena_printf(&a,
                         "From: fbl@example.net\n" ARF
                         "--b\nContent-Type: message/feedback-report\n\n%s\n--b--\n",
                         cases[i].fields);
        notice_read(&n, &s, message, &a);
        assert_int_equal(n.kind, NOTICE_FEEDBACK_REPORT);
        assert_true(span_equal(n.feedback_type, span_of(cases[i].type)));
        arena_clear(&a);
    }
}

#define MDN                                                                                        \
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\n"  \
    "It was displayed.\n\n--b\nContent-Type: "                                                     \
    "message/disposition-notification\n\nFinal-Recipient: "                                        \
    "rfc822; bob@example.net\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"

/* RFC 8098. */
static void receipts_are_no_bounces(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: Read: Plans\n" MDN},
        {NOTICE_NOT_A_BOUNCE, "Return-Path: <>\nFrom: Bob <bob@example.net>\nSubject: Gelesen: "
                              "Plan\n\nIhre Nachricht wurde gelesen.\n"},
        {NOTICE_NOT_A_BOUNCE, "Return-Path: <>\nFrom: Bob <bob@example.net>\nSubject: Read: Plans\n"
                              "Content-Type: application/ms-tnef\n\nx\n"},
        {NOTICE_NOT_A_BOUNCE,
         DAEMON "Subject: Not read: Plans\n\nYour message was deleted without being read.\n"},
        /* A receipt that refuses. */
        {NOTICE_FAILURE, DAEMON "Subject: Automatically rejected mail\n" MDN},
    };
    check(cases, COUNT_OF(cases));
}

#define DSN(action, status)                                                                        \
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nAbout "     \
    "your "                                                                                        \
    "mail.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "                  \
    "mx.example.org\n\n"                                                                           \
    "Final-Recipient: rfc822; bob@example.net\nAction: " action "\nStatus: " status "\n\n--b--\n"

static void notices_are_told_apart(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_FAILURE, DAEMON "Subject: x\n" DSN("failed", "5.1.1")},
        {NOTICE_DELAY, DAEMON "Subject: x\n" DSN("delayed", "4.4.1")},
        {NOTICE_SUCCESS, DAEMON "Subject: x\n" DSN("delivered", "2.0.0")},
        {NOTICE_SUCCESS, DAEMON "Subject: x\n" DSN("relayed", "2.0.0")},
        {NOTICE_SUCCESS, DAEMON "Subject: x\n" DSN("expanded", "2.0.0")},
        {NOTICE_FAILURE, PERSON "Subject: x\n" DSN("failed", "5.1.1")},
        /* The report is wrong, its subject and words are plain. */
        {NOTICE_DELAY, DAEMON "Subject: Warning: message 1abc delayed 24 hours\nContent-Type: "
                              "multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n"
                              "It has not yet been delivered. Delivery attempts will continue.\n\n"
                              "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: "
                              "rfc822; bob@example.net\nAction: failed\n\n--b--\n"},
        {NOTICE_FAILURE,
         DAEMON "Subject: Delivery Status Notification\nContent-Type: "
                "multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n"
                "Message could not be delivered for 5 days, giving up.\n\n--b\n"
                "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; "
                "bob@example.net\nAction: delayed\nStatus: 5.4.7\n\n--b--\n"},
        /* The subject of the original in that of the notice. */
        {NOTICE_FAILURE, DAEMON "Subject: Undeliverable: Flight delayed\n" DSN("failed", "5.1.1")},
        {NOTICE_FAILURE, DAEMON "Subject: Undeliverable: Automatic reply: Hi\n\nYour message to "
                                "bob@example.net couldn't be delivered.\n"},
        {NOTICE_DELAY, DAEMON "Subject: Delivery delayed: Undeliverable goods\n\nYour message to "
                              "bob@example.net will be retried.\n"},
        /* Words alone. */
        {NOTICE_DELAY, DAEMON "Subject: Delivery Status Notification (Delay)\n\nDelivery to the "
                              "following recipient has been delayed:\n\n     bob@example.net\n\n"
                              "Message will be retried for 2 more day(s)\n"},
        {NOTICE_DELAY,
         DAEMON "Subject: Mail Delivery Warning\n\nDelivery of email to this address\n"
                "\"bob@example.net\"\nhas been postponed due to a full mailbox.\n"},
        {NOTICE_SUCCESS, DAEMON "Subject: Delivered: Plans\n\nYour message was delivered to the "
                                "following recipients:\n\nbob@example.net\n"},
        {NOTICE_FAILURE, DAEMON "Subject: failure notice\n\nSorry.\n"},
        {NOTICE_FAILURE, "Return-Path: <>\nFrom: <>\nSubject: failure notice\n\nSorry.\n"},
        {NOTICE_FAILURE, DAEMON "Subject: Unzustellbar: Plan\n\nFehler bei bob@example.net.\n"},
        {NOTICE_FAILURE, DAEMON "Subject: \u914d\u4fe1\u4e0d\u80fd\n\nbob@example.net\n"},
        {NOTICE_FAILURE,
         "Return-Path: <>\nFrom: no-reply@example.net\nSubject: Mail\n" MIXED
         "\n--b\n\n\u30e1\u30fc\u30eb\n\n--b\nContent-Type: message/rfc822\n\nFrom: "
         "alice@example.org\nTo: bob@example.net\nSubject: Hi\n\nHi\n--b--\n"},
        {NOTICE_FAILURE,
         "From: no-reply@sns.amazonaws.com\nSubject: AWS Notification Message\n\n"
         "{\"eventType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":"
         "\"bob@example.net\",\"status\":\"5.1.1\"}]}}\n"},
    };
    check(cases, COUNT_OF(cases));
}

/* The words of notices, in mail that people write, and lists send. */
static void mail_about_notices_is_none(void **state)
{
    static const struct kind_case cases[] = {
        {NOTICE_NOT_A_BOUNCE,
         PERSON "Subject: Re: Undelivered Mail Returned to Sender\nIn-Reply-To: <1@x>\nUser-Agent: "
                "Mozilla Thunderbird\n\n> <carol@example.net>: host mx said: 550 5.1.1 unknown\n\n"
                "What does it mean?\n"},
        {NOTICE_NOT_A_BOUNCE,
         PERSON "Subject: postfix question\nList-Id: <users.example>\n\nI see:\n\nReporting-MTA: "
                "dns; x\n\nFinal-Recipient: rfc822; carol@example.net\nAction: failed\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: [List] Bounce action notification\nFrom: "
                                     "mailman@example.net\n"
                                     "Content-Type: multipart/mixed; boundary=o\n"
                                     "\n--o\n\nThis is a Mailman mailing list bounce action notice."
                                     "\n\n--o\nContent-Type: message/rfc822\n\n" DAEMON
                                     "Subject: x\n" DSN("failed", "5.1.1") "\n--o--\n"},
        {NOTICE_NOT_A_BOUNCE, PERSON "Subject: original as attachment\n" MIXED
                                     "\n--b\n\nSee there.\n\n--b\nContent-Type: message/rfc822\n\n"
                                     "From: carol@example.net\nSubject: Hi\n\nHi\n--b--\n"},
        /* Parcels, flights. */
        {NOTICE_NOT_A_BOUNCE,
         "Return-Path: <b@parcels.example>\nFrom: Parcels <noreply@parcels.example>\nTo: "
         "alice@example.org\nSubject: Delivery failed: we could not deliver your parcel\n\nIt "
         "could "
         "not be delivered. Write to care@parcels.example.\n"},
        {NOTICE_NOT_A_BOUNCE,
         "From: Air <noreply@air.example>\nTo: alice@example.org\nSubject: Your "
         "flight is delayed\n\nIt has been delayed. Write to care@air.example.\n"},
        {NOTICE_NOT_A_BOUNCE, ""},
        {NOTICE_NOT_A_BOUNCE, "\n"},
        {NOTICE_NOT_A_BOUNCE, "no header at all"},
        {NOTICE_NOT_A_BOUNCE, "Content-Type: multipart/report; boundary=b\n\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void whoever_wrote_it_is_named(void **state)
{
    static const struct {
        const char *agent, *message;
    } cases[] = {
        {"Postfix", DAEMON "Subject: x\n\nThis is the mail system at host mx.example.org.\n"},
        {"qmail", DAEMON "Subject: x\n\nHi. This is the qmail-send program at example.org.\n"},
        {"Exim", DAEMON "Subject: x\n\nThis message was created automatically by mail delivery "
                        "software.\n"},
        {"Gmail", "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n\nx\n"},
        {"Sendmail", DAEMON "Subject: Returned mail: see transcript for details\n\nx\n"},
        {"Microsoft 365", DAEMON "Subject: x\nContent-Type: multipart/report; boundary=b\n\n--b\n"
                                 "Content-Type: message/delivery-status\n\nReporting-MTA: "
                                 "dns;AB1.eurprd01.prod.outlook.com\n\n--b--\n"},
        {"", PERSON "Subject: x\n\nHello.\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(cases[i].message), &a);
        assert_string_equal(n.agent, cases[i].agent);
        arena_clear(&a);
    }
}

static void hosts_are_read_in_words(void **state)
{
    static const struct {
        const char *message, *reporting, *remote;
    } cases[] = {
        {DAEMON "Subject: Undelivered\n\nThis is the mail system at host mx.example.org.\n\n"
                "<bob@example.net>: host mx.example.net[192.0.2.1] said: 550 5.1.1 no\n",
         "mx.example.org", "mx.example.net"},
        {DAEMON "Subject: failure notice\n\nHi. This is the qmail-send program at "
                "mx.example.org.\n\n<bob@example.net>:\nSorry, no mailbox here by that name.\n",
         "mx.example.org", ""},
        {DAEMON "Subject: Returned mail\n\n   ----- Transcript of session follows -----\n... while "
                "talking to mx.example.net.:\n>>> RCPT To:<bob@example.net>\n<<< 550 no\n",
         "", "mx.example.net"},
        {DAEMON "Subject: Returned mail\n\n<bob@example.net>: the host is down\n", "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(cases[i].message), &a);
        assert_int_equal(n.recipient_count, 1);
        assert_string_equal(arena_text(&a, n.reporting), cases[i].reporting);
        assert_string_equal(arena_text(&a, n.recipients[0].remote), cases[i].remote);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_of_machines_are_told_apart),
        cmocka_unit_test(challenges_are_told_apart),
        cmocka_unit_test(reports_of_a_day_are_told_apart),
        cmocka_unit_test(feedback_is_told_apart),
        cmocka_unit_test(what_feedback_is_about_is_read),
        cmocka_unit_test(receipts_are_no_bounces),
        cmocka_unit_test(notices_are_told_apart),
        cmocka_unit_test(mail_about_notices_is_none),
        cmocka_unit_test(whoever_wrote_it_is_named),
        cmocka_unit_test(hosts_are_read_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
