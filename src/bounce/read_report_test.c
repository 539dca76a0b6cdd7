#include "base/test.h"

#include "bounce/read.h"
#include "bounce/read_inside.h"
#include "bounce/report_values.h"

/* Each recipient as "address (original) action status code remote: diagnostic\n", what is not known
 * left out. */
static void describe(struct buffer *out, const struct notice *n)
{
    for (size_t i = 0; i < n->recipient_count; i++) {
        const struct notice_recipient *to = &n->recipients[i];
        buffer_add_span(out, to->address);
        if (to->original.len)
            buffer_printf(out, " (%.*s)", SPAN_F(to->original));
        buffer_printf(out, " %s", notice_action_name(to->action));
        if (status_is_given(to->status)) {
            buffer_add_char(out, ' ');
            status_add(out, to->status);
        }
        if (to->code)
            buffer_printf(out, " %d", to->code);
        if (to->remote.len)
            buffer_printf(out, " @%.*s", SPAN_F(to->remote));
        if (to->diagnostic.len)
            buffer_printf(out, ": %.*s", SPAN_F(to->diagnostic));
        buffer_add_char(out, '\n');
    }
}

#define HEAD                                                                                       \
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nTo: alice@example.org\n"                 \
    "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
#define REPORT HEAD "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
#define TEXT "--b\n\nIt could not be delivered.\n\n"
#define STATUS_PART "--b\nContent-Type: message/delivery-status\n\n"
#define ABOUT "Reporting-MTA: dns; mx.example.org\n\n"
#define END "\n--b--\n"
#define BOB "Final-Recipient: rfc822; bob@example.net\n"
#define FAILED "Action: failed\nStatus: 5.1.1\n"

struct report_case {
    const char *message, *want;
};

static void check(const struct report_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer got = BUFFER_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(cases[i].message), &a);
        describe(&got, &n);
        assert_string_equal(buffer_text(&got), cases[i].want);
        buffer_free(&got);
        arena_clear(&a);
    }
}

/* RFC 3464 2; and what real systems make of it. */
static void groups_are_read(void **state)
{
    static const struct report_case cases[] = {
        {REPORT TEXT STATUS_PART ABOUT BOB FAILED
         "Remote-MTA: dns; mx.example.net. (192.0.2.1, the server)\n"
         "Diagnostic-Code: smtp; 550 5.1.1 <bob@example.net>: no such\n user" END,
         "bob@example.net failed 5.1.1 550 @mx.example.net: 550 5.1.1 <bob@example.net>: no such "
         "user\n"},
        /* Two groups; a group whose recipient is named last; no empty lines; too many of them. */
        {REPORT TEXT STATUS_PART ABOUT BOB FAILED
         "\nFinal-Recipient: rfc822;carol@example.net\nAction: delayed\nStatus: 4.4.1\n" END,
         "bob@example.net failed 5.1.1\ncarol@example.net delayed 4.4.1\n"},
        {REPORT TEXT STATUS_PART ABOUT
         "Action: failed\nStatus: 5.2.2\n" BOB
         "\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822;carol@example.net\n" END,
         "bob@example.net failed 5.2.2\ncarol@example.net failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART "Reporting-MTA: dns; mx.example.org\n" BOB FAILED
                                 "Final-Recipient: rfc822;carol@example.net\n" FAILED END,
         "bob@example.net failed 5.1.1\ncarol@example.net failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART ABOUT
         "Final-Recipient: rfc822; bob@example.net\n\nAction: failed\n"
         "\nStatus: 5.1.1\n\nDiagnostic-Code: smtp; 550 No\n" END,
         "bob@example.net failed 5.1.1 550: 550 No\n"},
        /* Blanks before the colon, types with a slash, lines that nobody folded. */
        {REPORT TEXT STATUS_PART "Action : failed\nStatus : 5.0.0\nFinal-Recipient : rfc/822;bob@"
                                 "example.net\nDiagnostic-Code : smtp;550 5.7.54 Unable to\nrelay "
                                 "to there\n" END,
         "bob@example.net failed 5.7.54 550: 550 5.7.54 Unable to relay to there\n"},
        /* Where the address that the sender wrote is another one, and where it is not. */
        {REPORT TEXT STATUS_PART ABOUT
         "Original-Recipient: rfc822;list@example.net\nFinal-Recipient: rfc822; <bob@example.com>\n"
         "X-Actual-Recipient: rfc822; bob@mail.example.com\n" FAILED END,
         "bob@example.com (list@example.net) failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART ABOUT "Original-Recipient: rfc822;Bob@Example.Net\n" BOB FAILED
                                       "X-Actual-Recipient: X-Unix; |/usr/bin/vacation\n" END,
         "bob@example.net failed 5.1.1\n"},
        /* An address that the sender can't use. */
        {REPORT TEXT STATUS_PART ABOUT "Original-Recipient: rfc822; bob@example.net\n"
                                       "Final-Recipient: x400; /PRMD=x/ADMD= /C=WW/\n" FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART ABOUT
         "Original-Recipient: rfc822; bob@example.net\n"
         "Final-Recipient: rfc822; @a.example:bob@server\n" FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART ABOUT "Final-Recipient: LOCAL;|/usr/bin/procmail\n" FAILED END,
         "|/usr/bin/procmail failed 5.1.1\n"},
        {"X-Failed-Recipients: bob@example.net\n" REPORT TEXT STATUS_PART ABOUT
         "Final-Recipient: rfc822;/var/mail/bob\n" FAILED
         "\nFinal-Recipient: LOCAL;|/usr/bin/procmail\n" FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {"X-Failed-Recipients: bob@example.net, eve@example.net\n" REPORT TEXT STATUS_PART ABOUT
         "Final-Recipient: rfc822;/var/mail/bob\n" FAILED END,
         "/var/mail/bob failed 5.1.1\n"},
        /* The same recipient twice is one. */
        {REPORT TEXT STATUS_PART ABOUT BOB "Action: delayed\n\n" BOB FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART ABOUT BOB
         "Action: delivered\nStatus: 2.0.0\n\n"
         "Final-Recipient: rfc822; c@example.net\nAction: relayed "
         "(to mx.example.net)\n\nFinal-Recipient: rfc822; "
         "l@example.net\nAction: expanded\n" END,
         "bob@example.net delivered 2.0.0\nc@example.net relayed\nl@example.net expanded\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void reports_are_found_wherever_they_are(void **state)
{
    static const struct report_case cases[] = {
        /* A part of the wrong type, none, or encoded. */
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n" TEXT
              "--b\nContent-Type: text/plain; name=\"details.txt\"\n\n" ABOUT BOB FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {HEAD "Content-Type: multipart/mixed; boundary=b\n\n" TEXT
              "--b\nContent-Type: application/octet-stream; name=ATT00001.dat\n"
              "Content-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n"
              "UmVwb3J0aW5nLU1UQTogZG5zOyBteC5leGFtcGxlLm9yZwoKRmluYWwtUmVjaXBpZW50OiByZmM4\n"
              "MjI7IGJvYkBleGFtcGxlLm5ldApBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg==\n" END,
         "bob@example.net failed 5.1.1\n"},
        {REPORT TEXT "--b\nContent-Type: message/rfc822\n\n" ABOUT BOB FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {REPORT TEXT "--b\nContent-Type: message/delivery-status\n"
                     "Content-Transfer-Encoding: quoted-printable\n\n" ABOUT
                     "Final-Recipient: rfc822; bob=40example.net\nAction: fail=\ned\n" END,
         "bob@example.net failed\n"},
        /* In the text, behind the words. */
        {HEAD "\nWe could not deliver it.\n\nTechnical report:\n\nReporting-MTA: dns; mx\n\n"
              "Action: failed\nFinal-Recipient: rfc822; bob@example.net\nStatus: 5.4.7\n",
         "bob@example.net failed 5.4.7\n"},
        /* In the header. */
        {HEAD "Final-Recipient: rfc822;bob@example.net\n\nThe mailbox is full.\n",
         "bob@example.net failed\n"},
        /* The header of the MIME message is lost; its boundary is wrong. */
        {"From: MAILER-DAEMON@example.org\nSubject: Returned mail\n\nA MIME message\n\n--x1/mx\n\n"
         "Words.\n\n--x1/mx\nContent-Type: message/delivery-status\n\n" ABOUT BOB FAILED
         "\n--x1/mx\nContent-Type: message/rfc822\n\nSubject: Hi\n\n--x1/mx--\n",
         "bob@example.net failed 5.1.1\n"},
        {HEAD "Content-Type: multipart/report; boundary=other\n\n" TEXT
              "--b\nContent-Type: text/plain\n\nWords\n\n" STATUS_PART ABOUT BOB FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {HEAD "Content-Type: multipart/report\n\n--b\nContent-Type: text/plain\n\nWords\n"
              "\n" STATUS_PART ABOUT BOB FAILED END,
         "bob@example.net failed 5.1.1\n"},
        /* No end; a line in the header that is no field; only CR for line ends. */
        {REPORT TEXT STATUS_PART ABOUT BOB "Action: failed", "bob@example.net failed\n"},
        {"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.org\nsome garbage here\nSubject: Failed\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" TEXT
             STATUS_PART ABOUT BOB FAILED END,
         "bob@example.net failed 5.1.1\n"},
        {"Return-Path: <>\rFrom: MAILER-DAEMON@mx.example.org\rContent-Type: multipart/report;\r "
         "boundary=b\r\r--b\r\rWords\r\r--b\rContent-Type: message/delivery-status\r\r"
         "Final-Recipient: rfc822; bob@example.net\rAction: failed\r\r--b--\r",
         "bob@example.net failed\n"},
        /* A gateway, a list or a person sent it on. */
        {"From: virus-wall@gw.example.org\nContent-Type: multipart/mixed; boundary=o\n\n--o\n"
         "Content-Type: message/rfc822\n\n" REPORT TEXT STATUS_PART ABOUT BOB FAILED END
         "\n--o\nContent-Type: text/plain\n\nScanned.\n--o--\n",
         "bob@example.net failed 5.1.1\n"},
        /* RFC 6533. */
        {REPORT TEXT "--b\nContent-Type: message/global-delivery-status\n\n" ABOUT
                     "Final-Recipient: utf-8; b\xc3\xb6"
                     "b@ex\xc3\xa4mple.net\n" FAILED END,
         "b\xc3\xb6"
         "b@ex\xc3\xa4mple.net failed 5.1.1\n"},
        {REPORT TEXT STATUS_PART ABOUT
         "Original-Recipient: utf-8;b\\x{F6}b@example.net\nFinal-Recipient: rfc822; "
         "bob@example.net\n" FAILED END,
         "bob@example.net (b\xc3\xb6"
         "b@example.net) failed 5.1.1\n"},
        /* What looks like an encoded word is the address. */
        {REPORT TEXT STATUS_PART ABOUT
         "Final-Recipient: RFC822; =?utf-8?Q?b=C3=B6b?=@example.net\n" FAILED END,
         "=?utf-8?Q?b=C3=B6b?=@example.net failed 5.1.1\n"},
    };
    check(cases, COUNT_OF(cases));
}

#define SAYS(words)                                                                                \
    HEAD "Content-Type: multipart/report; boundary=b\n\n--b\n\n" words "\n\n" STATUS_PART ABOUT

/* What the fields leave out. */
static void the_text_fills_in(void **state)
{
    static const struct report_case cases[] = {
        {SAYS("bob@example.net: 550 5.2.2 <bob@example.net>: full\n"
              "carol@example.net: 450 4.2.1 later") BOB
         "Action: failed\nStatus: 5.0.0\n\nFinal-Recipient: rfc822; carol@example.net\n"
         "Action: failed\nStatus: 5.0.0\n" END,
         "bob@example.net failed 5.2.2 550: 550 5.2.2 <bob@example.net>: full\n"
         "carol@example.net failed 5.0.0 450: 450 4.2.1 later\n"},
        {SAYS(
             "<bob@example.net>\n    (reason: Insufficient permission)\n\n   ----- Transcript "
             "-----\nmaildrop: over quota.\n550 5.0.0 <bob@example.net>... Insufficient permission")
             BOB "Action: failed\nStatus: 5.3.0\nDiagnostic-Code: X-Unix; 77\n" END,
         "bob@example.net failed 5.3.0 550: Insufficient permission\n"},
        {SAYS("... while talking to mx.example.net.:\n<<< 421\n<bob@example.net>... Deferred: 421")
             BOB "Action: failed\nStatus: 4.4.7\nDiagnostic-Code: SMTP; \n" END,
         "bob@example.net failed 4.4.7 421 @mx.example.net: Deferred: 421\n"},
        {SAYS("   ----- Transcript of session follows -----\n451 4.0.0 Operating system error") BOB
         "Action: delayed\nStatus: 4.5.0\nDiagnostic-Code: X-Unix; 71\n" END,
         "bob@example.net delayed 4.5.0 451: 451 4.0.0 Operating system error\n"},
        /* The report names nobody, but tells why. */
        {SAYS(
             "Your message to <bob@example.net> could not be delivered.") "Action: failed\nStatus: "
                                                                          "5.1.1\nDiagnostic-Code: "
                                                                          "smtp; 550 gone\n" END,
         "bob@example.net failed 5.1.1 550: 550 gone\n"},
        /* A number that is no code. */
        {SAYS("Words") BOB FAILED "Diagnostic-Code: smtp; too many, 500 recipients are most\n" END,
         "bob@example.net failed 5.1.1: too many, 500 recipients are most\n"},
    };
    check(cases, COUNT_OF(cases));
}

static void addresses_are_taken_out(void **state)
{
    static const struct {
        const char *raw, *want;
    } cases[] = {
        {" rfc822; alice@example.org", "alice@example.org"},
        {" RFC822;<alice@example.org>", "alice@example.org"},
        {" rfc822 alice@example.org", "alice@example.org"},
        {" rfc822:alice@example.org", "alice@example.org"},
        {" alice@example.org", "alice@example.org"},
        {" rfc822; alice@example.org (Alice, retired)", "alice@example.org"},
        {" rfc822; alice@example.org (expanded from: <x@y.example>)", "alice@example.org"},
        {" rfc822; Alice <alice@example.org>", "alice@example.org"},
        {" rfc822; 'alice@example.org'", "alice@example.org"},
        {" rfc822; \"al ice\"@example.org", "\"al ice\"@example.org"},
        {" rfc822; alice@[192.0.2.1]", "alice@[192.0.2.1]"},
        {" rfc822; @a.example,@b.example:alice@example.org", "alice@example.org"},
        {" rfc822; alice@example.org.", "alice@example.org"},
        {" rfc822; alice", "alice"},
        {" rfc822; ", ""},
        {"", ""},
        {" x400; /G=A/S=B/ADMD= /C=WW/", "/G=A/S=B/ADMD= /C=WW/"},
        {" utf-8; \\x{1F600}@example.org", "\xf0\x9f\x98\x80@example.org"},
        {" utf-8; \\x{D800}\\x{}\\x@example.org", "\\x{D800}\\x{}\\x@example.org"},
        {" rfc822; @", "@"},
        {" rfc822; \"@", "\"@"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span got = report_address(span_of(cases[i].raw), &a);
        assert_string_equal(arena_text(&a, got), cases[i].want);
        arena_clear(&a);
    }
}

static void codes_are_told_from_numbers(void **state)
{
    static const struct {
        const char *text;
        int code;
        struct status status;
    } cases[] = {
        {"550 5.1.1 gone", 550, {5, 1, 1}},
        {"550-5.7.26 This mail", 550, {5, 7, 26}},
        {"host mx[192.0.2.1] said: 452 4.2.2 full", 452, {4, 2, 2}},
        {"#< #5.7.1 smtp; 550 5.7.1 no>", 550, {5, 7, 1}},
        {"Sorry, no mailbox here by that name. (#5.1.1)", 0, {5, 1, 1}},
        {"554 Message rejected", 554, {0}},
        {"SMTP error 421", 421, {0}},
        {"server returned 559 odd", 559, {0}},
        {"at most 500 recipients", 0, {0}},
        {"larger than 512 KB", 0, {0}},
        {"a limit of 550 messages", 0, {0}},
        {"connect to 5.1.1.2 failed", 0, {0}},
        {"Exim 4.80.1, Sendmail 5.0.2195", 0, {0}},
        {"mail5.1.1", 0, {0}},
        {"5.0.0 550 5.2.1 disabled", 550, {5, 2, 1}},
        {"550 4.4.1 first", 550, {4, 4, 1}},
        {"\u30a8\u30e9\u30fc550 5.1.1", 550, {5, 1, 1}},
        {"id 450-1234-555", 0, {0}},
        {"", 0, {0}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct notice_recipient to = {0};
        read_codes(&to, span_of(cases[i].text));
        assert_int_equal(to.code, cases[i].code);
        assert_true(status_equal(to.status, cases[i].status));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_read),
        cmocka_unit_test(reports_are_found_wherever_they_are),
        cmocka_unit_test(the_text_fills_in),
        cmocka_unit_test(addresses_are_taken_out),
        cmocka_unit_test(codes_are_told_from_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
