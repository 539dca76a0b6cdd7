#include "base/test.h"

#include "bounce/folded.h"
#include "bounce/meeting.h"
#include "bounce/read.h"
#include "mail/date.h"

#define HEAD "Return-Path: <>\nFrom: MAILER-DAEMON@example.org\nSubject: Returned mail\n"
#define MAIL                                                                                       \
    "Received: from a by b; Tue, 3 Mar 2026 09:00:00 +0000\nFrom: Alice <alice@example.org>\n"     \
    "To: bob@example.net\nSubject: =?utf-8?Q?Pl=C3=A4ne?=\nMessage-ID: <1@example.org>\n"          \
    "Date: Tue, 3 Mar 2026 10:00:00 +0100\n\nHello\n"
#define QUOTED                                                                                     \
    "> From: Alice <alice@example.org>\n> To: bob@example.net\n> Subject: Pl\xc3\xa4ne\n"          \
    "> Message-ID: <1@example.org>\n> Date: Tue, 3 Mar 2026 10:00:00 +0100\n>\n> Hello\n"
#define INDENTED                                                                                   \
    "   From: Alice <alice@example.org>\n   To: bob@example.net\n   Subject: Pl\xc3\xa4ne\n"       \
    "   Message-ID: <1@example.org>\n   Date: Tue, 3 Mar 2026 10:00:00 +0100\n"

static void the_original_is_found(void **state)
{
    static const char *const messages[] = {
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry.\n\n--b\nContent-Type: "
             "message/rfc822\n\n" MAIL "\n--b--\n",
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry.\n\n--b\nContent-Type: "
             "text/rfc822-headers\n\n" MAIL "\n--b--\n",
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry.\n\n--b\nContent-Type: "
             "text/plain; name=original.txt\n\n" MAIL "\n--b--\n",
        HEAD "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry.\n\n--b\nContent-Type: "
             "message/rfc822\n\n\n" MAIL "\n--b--\n",
        /* Its folded lines have lost the blanks that they begin with. */
        HEAD
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry.\n\n--b\nContent-Type: "
        "message/rfc822\n\nDKIM-Signature: v=1; a=rsa-sha256;\ns=x; d=example.org;\nh=From:To;\n"
        "bh=1=;\nb=2==\nReceived: from a\n(192.0.2.7) by b\nwith ESMTP; Tue,\n3 Mar 2026 "
        "09:00:00 +0000\n" MAIL "\n--b--\n",
        HEAD "\nSorry.\n\n   ----- Original message follows -----\n\n" MAIL,
        HEAD "\nSorry.\n\n" MAIL,
        HEAD "\nSorry.\n\nYour message was:\n\n" QUOTED,
        HEAD "\nSorry.\n\nYour message was:\n\n" INDENTED,
    };
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(messages[i]), &a);
        const struct notice_original *o = &n.original;
        if (!span_equal(o->message_id, SPAN("1@example.org")))
            fail_msg("the Message-ID was not found in:\n%s", messages[i]);
        assert_string_equal(arena_text(&a, o->from), "Alice <alice@example.org>");
        assert_string_equal(arena_text(&a, o->to), "bob@example.net");
        assert_string_equal(arena_text(&a, o->subject), "Pl\xc3\xa4ne");
        assert_int_equal(o->date_ms, INT64_C(1772528400000));
        assert_true(span_find(n.text, SPAN("Alice")) == SPAN_NOT_FOUND);
        assert_true(span_find(n.text, SPAN("Sorry.")) != SPAN_NOT_FOUND);
        arena_clear(&a);
    }
}

static void what_is_told_of_it_is_taken(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    notice_read(&n, &s,
                SPAN(HEAD "\nThe subject of the message is: Plans\nMessage-ID: <1@example.org>\n"
                          "Date: Tue, 3 Mar 2026 10:00:00 +0100\n\nIt failed.\n"),
                &a);
    assert_string_equal(arena_text(&a, n.original.subject), "Plans");
    assert_string_equal(arena_text(&a, n.original.message_id), "1@example.org");
    assert_int_equal(n.original.date_ms, INT64_C(1772528400000));
    assert_int_equal(n.original.header.len, 0);
    arena_clear(&a);
}

#define ZONE                                                                                       \
    "BEGIN:VTIMEZONE\r\nTZID:Berlin\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\n"              \
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"        \
    "END:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\n"          \
    "TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n"               \
    "END:VTIMEZONE\r\n"
#define EVENT(start)                                                                               \
    "BEGIN:VEVENT\r\nSUMMARY:Plans\\, and\r\n  more\r\n" start "\r\nBEGIN:VALARM\r\n"              \
    "DTSTART:20000101T000000Z\r\nEND:VALARM\r\nEND:VEVENT\r\n"
#define CALENDAR(inside)                                                                           \
    "Subject: Invitation\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"                   \
    "BEGIN:VCALENDAR\r\n" inside "END:VCALENDAR\r\n"

/* RFC 5545. */
static void meetings_are_read(void **state)
{
    static const struct {
        const char *message, *name, *when;
    } cases[] = {
        {CALENDAR(EVENT("DTSTART:20260301T090000Z")), "Plans, and more",
         "2026-03-01T09:00:00.000Z"},
        {CALENDAR(ZONE EVENT("DTSTART;TZID=Berlin:20260301T090000")), "Plans, and more",
         "2026-03-01T08:00:00.000Z"},
        {CALENDAR(ZONE EVENT("DTSTART;TZID=Berlin:20260701T090000")), "Plans, and more",
         "2026-07-01T07:00:00.000Z"},
        {CALENDAR(ZONE EVENT("DTSTART;TZID=Berlin:20260329T015900")), "Plans, and more",
         "2026-03-29T00:59:00.000Z"},
        {CALENDAR(ZONE EVENT("DTSTART;TZID=Berlin:20260329T030000")), "Plans, and more",
         "2026-03-29T01:00:00.000Z"},
        {CALENDAR(ZONE EVENT("DTSTART;TZID=Berlin:20261025T040000")), "Plans, and more",
         "2026-10-25T03:00:00.000Z"},
        {CALENDAR(EVENT("DTSTART;TZID=Nowhere:20260301T090000")), "Plans, and more", ""},
        {CALENDAR(EVENT("DTSTART:99999999T999999Z")), "Plans, and more", ""},
        {CALENDAR(""), "", ""},
        {"Subject: x\r\n\r\nNo calendar here.\r\n", "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer when = BUFFER_EMPTY;
        struct notice_original o = {0};
        meeting_read(span_of(cases[i].message), &o, &a);
        if (o.meeting_ms)
            date_add_rfc3339(&when, o.meeting_ms);
        assert_string_equal(arena_text(&a, o.meeting), cases[i].name);
        assert_string_equal(buffer_text(&when), cases[i].when);
        buffer_free(&when);
        arena_clear(&a);
    }
}

static void texts_are_folded(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"Could  not\r\n\tBE Delivered", "could not be delivered"},
        {"\xc3\x9c\xc3\x84\xc3\x96 \xc3\x97", "\xc3\xbc\xc3\xa4\xc3\xb6 \xc3\x97"},
        {"\u041d\u0415 \u0401", "\u043d\u0435 \u0451"},
        {"\u010c\u0158\u017d\u0141", "\u010d\u0159\u017e\u0142"},
        {"can\u2019t", "can't"},
        {"a\u00a0b", "a b"},
        {"Your MESSAGE was\r\nreturned   by\t\tus", "your message was returned by us"},
        {"1234567 \n 90\n\n  5678 \u00a0 X", "1234567 90 5678 x"},
        {"        ", " "},
        {"ABCDEFG\u00c4HIJKLMN\u2019OPQ RSTUV", "abcdefg\u00e4hijklmn'opq rstuv"},
        {"\xc3", "\xc3"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct folded f;
        folded_take(&f, span_of(cases[i].text), 1000, &phrase_set_text, &a);
        assert_string_equal(arena_text(&a, f.text), cases[i].want);
        assert_true(!*cases[i].want || folded_has(&f, cases[i].want));
        assert_false(folded_has(&f, "something else"));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_original_is_found),
        cmocka_unit_test(what_is_told_of_it_is_taken),
        cmocka_unit_test(meetings_are_read),
        cmocka_unit_test(texts_are_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
