#include "base/test.h"

#include "bounce/dialect_inside.h"
#include "bounce/dialect_original.h"
#include "bounce/free_text.h"
#include "bounce/read.h"

static void addresses_are_found(void **state)
{
    static const struct {
        const char *text, *address;
    } cases[] = {
        {"write to bob@example.net.", "bob@example.net"},
        {"<bob@example.net>:", "bob@example.net"},
        {"'bob@example.net'", "bob@example.net"},
        {"{'bob@example.net': 550}", "bob@example.net"},
        {"o'bob@example.net", "o'bob@example.net"},
        {"('o'bob@example.net'", "o'bob@example.net"},
        {"rfc822;bob@example.net", "bob@example.net"},
        {"SMTP=bob@example.net;", "bob@example.net"},
        {"T=[bob@example.net]", "bob@example.net"},
        {"bob+lunch=x@mail.example.net, carol", "bob+lunch=x@mail.example.net"},
        {"=?utf-8?B?8J+QiA==?=@example.net", "=?utf-8?B?8J+QiA==?=@example.net"},
        {"to \"bob (home)\"@example.net now", "\"bob (home)\"@example.net"},
        {"carol@[192.0.2.9]:", "carol@[192.0.2.9]"},
        {"bob@b\u00fccher.example:", "bob@b\u00fccher.example"},
        {"\u7528\u6237@\u4f8b\u5b50.example", "\u7528\u6237@\u4f8b\u5b50.example"},
        {"\u60a8\u53d1\u9001\u5230bob@example.net\u7684\u90ae\u4ef6", "bob@example.net"},
        {"\u5b9b\u5148\uff1abob@example.net\u3001", "bob@example.net"},
        {"Message-ID: <1@example.org> to bob@example.net", "bob@example.net"},
        {"http://user@example.org/ bob@example.net", "bob@example.net"},
        {"@example.org and bob@", NULL},
        {"no address", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span address;
        size_t end;
        bool is_found = text_find_address(span_of(cases[i].text), &address, &end);
        if (is_found != (cases[i].address != NULL))
            fail_msg("in: %s", cases[i].text);
        if (is_found)
            assert_string_equal(arena_text(&a, address), cases[i].address);
        arena_clear(&a);
    }
}

static void hosts_are_found(void **state)
{
    static const struct {
        const char *words, *host;
    } cases[] = {
        {"host mx.example.net[192.0.2.20] said: 550 5.1.1 no", "mx.example.net"},
        {"host mx.example.net [192.0.2.20]: 550 no", "mx.example.net"},
        {"mx.example.net [192.0.2.20]: 550 no", "mx.example.net"},
        {"192.0.2.20 does not like recipient. Remote host said: 550", "192.0.2.20"},
        {"Connected to 192.0.2.20 but sender was rejected.", "192.0.2.20"},
        {"<mx.example.net #5.1.1 smtp;550 no>", "mx.example.net"},
        {"mx.example.net #550 5.1.1 no ##", "mx.example.net"},
        {"connect to mx.example.net[192.0.2.20]:25: Connection timed out", "mx.example.net"},
        {"rejected by the server for example.com by mx.example.net. [192.0.2.20].",
         "mx.example.net"},
        {"550 5.1.1 <bob@example.net>: no such user", ""},
        {"delivery by carrier pigeon failed", ""},
        {"host ..", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        assert_string_equal(arena_text(&a, dialect_host(span_of(cases[i].words))), cases[i].host);
        arena_clear(&a);
    }
}

static void the_original_begins_where_it_does(void **state)
{
    static const struct {
        const char *text;
        size_t from, message; /* both 0: it is not there */
    } cases[] = {
        {"Sorry.\n--- Below this line is a copy of the message.\n\nSubject: x\n\nHello", 7, 54},
        {"Sorry.\n\nReceived: x\nFrom: y\nTo: z\n\nHello", 8, 8},
        {"Sorry.\n   ----- Unsent message follows -----\nSubject: x\n", 7, 45},
        {"Your message\n\n  To: x\n  Subject: y\n\nwas not delivered.", 0, 0},
        {"Original Message Details\nCreated Date: x\nSender Address: y\nSubject: z\n", 0, 0},
        {"The subject of the original message was: x\n", 0, 0},
        {"Subject: x\nsomething else\n", 0, 0},
        {"", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct spotted s;
        size_t from = 0, message = 0;
        struct span text = span_of(cases[i].text);
        spotted_take(&s, text, &a);
        bool is_found = dialect_find_original(&s, text, &from, &message);
        if (is_found != (cases[i].message != 0))
            fail_msg("in: %s", cases[i].text);
        if (is_found) {
            assert_int_equal(from, cases[i].from);
            assert_int_equal(message, cases[i].message);
        }
        arena_clear(&a);
    }
}

static void phrases_are_whole_words(void **state)
{
    static const struct {
        const char *text, *phrase;
        bool is_there;
    } cases[] = {
        {"reply To:\nbob", "to:", true},
        {"mailto:bob", "to:", false},
        {"the following\nrecipients:", "following recipients", true},
        {"recipient.two@x", "recipient", false},
        {"Recipient <x>", "recipient", true},
        {"recipients", "recipient", false},
        {"\u5b9b\u5148bob@x", "\u5b9b\u5148", true},
        {"", "to", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct spotted s;
        spotted_take(&s, span_of(cases[i].text), &a);
        if ((spotted_find(&s, span_of(cases[i].phrase), 0) != SPAN_NOT_FOUND) != cases[i].is_there)
            fail_msg("\"%s\" in: %s", cases[i].phrase, cases[i].text);
        arena_clear(&a);
    }
}

/* Beside an address the longest phrase counts: searched for by its end, and one by one. */
static void the_longest_phrase_counts(void **state)
{
    for (size_t i = 0; i < near_phrase_count; i++) {
        struct arena a = ARENA_EMPTY;
        struct spotted s;
        struct span longest = SPAN_NONE, own = near_phrases[i].phrase.text;
        struct span last = near_phrases[(i * 7 + 3) % near_phrase_count].phrase.text;
        struct span text = arena_printf(&a, "%.*s %.*s", SPAN_F(own), SPAN_F(last));
        spotted_take(&s, text, &a);
        for (size_t n = 0; n < near_phrase_count; n++) {
            struct span phrase = near_phrases[n].phrase.text;
            if (span_ends_nocase(text, phrase) && phrase.len > longest.len &&
                spotted_is_whole(&s, text.len - phrase.len, text.len))
                longest = phrase;
        }
        const struct phrases p = {.text = &s};
        const struct dialect_phrase *found = phrases_at(&p, text.len);
        if (!found || !span_equal(found->text, longest))
            fail_msg("\"%.*s\" does not end with \"%.*s\"", SPAN_F(text), SPAN_F(longest));
        arena_clear(&a);
    }
}

#define DAEMON "Return-Path: <>\nFrom: MAILER-DAEMON@example.org\nTo: alice@example.org\n"

/* Mail that only talks of notices, and mail of daemons that tells of nobody. */
static void other_mail_is_no_notice(void **state)
{
    static const char *const messages[] = {
        "From: Bob <bob@example.net>\nTo: alice@example.org\nSubject: Re: your mail\n\n"
        "Your message to carol@example.com bounced:\n> <carol@example.com>: 550 User unknown\n",
        "From: Bob <bob@example.net>\nTo: list@example.org\nList-Id: <list.example.org>\nSubject: "
        "bounces\n\nHow do I read \"550 5.1.1 <carol@example.com>: User unknown\"?\n",
        "From: newsletter@example.com\nTo: alice@example.org\nSubject: Delivered to your door\n\n"
        "Undelivered? Write to us: help@example.com\n",
        "From: shop@example.com\nTo: alice@example.org\nSubject: Delivery failed\n\n"
        "The courier could not deliver your parcel. Call us.\n",
    };
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(messages[i]), &a);
        if (n.kind != NOTICE_NOT_A_BOUNCE || n.recipient_count)
            fail_msg("a notice: %s", messages[i]);
        arena_clear(&a);
    }
}

/* The text alone, out of a mail program. */
static void what_is_pasted_is_read(void **state)
{
    static const struct {
        const char *text, *address; /* NULL: it is no notice */
    } cases[] = {
        {"Your message to bob@example.net couldn't be delivered.\n", "bob@example.net"},
        {"Unable to deliver message to the following address(es).\n\n<bob@example.net>:\nno such "
         "host\n",
         "bob@example.net"},
        {"Hello,\n\nhas anybody seen mail bounced lately?\n\nlist@example.org\nour list\n", NULL},
        {"Hello,\n\nwrite to bob@example.net\n", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        notice_read(&n, &s, span_of(cases[i].text), &a);
        if ((n.kind == NOTICE_FAILURE) != (cases[i].address != NULL))
            fail_msg("the kind is %s: %s", notice_kind_name(n.kind), cases[i].text);
        assert_int_equal(n.recipient_count, cases[i].address != NULL);
        if (cases[i].address)
            assert_string_equal(arena_text(&a, n.recipients[0].address), cases[i].address);
        arena_clear(&a);
    }
}

static void times_are_told_in_words(void **state)
{
    static const struct {
        const char *text;
        int64_t arrival_ms, until_ms; /* behind Tue, 3 Mar 2026 09:00 UTC, in hours; -1: not told */
    } cases[] = {
        {"The original message was received at Tue, 3 Mar 2026 10:00:00 +0100\n\nThe following "
         "addresses had transient non-fatal errors:\n<bob@example.net>\n\nWill keep trying until "
         "message is 5 days old\n",
         0, 120},
        {"Your mail to <bob@example.net> is delayed. We will retry for 46 more hours.\n", -1, 49},
        {"Your mail to <bob@example.net> is delayed.\n\nThe server will keep trying to deliver it "
         "for the next 1 days, 19 hours and 0 minutes.\n",
         -1, 46},
        {"Delivery to the following recipient has been delayed:\n\n  bob@example.net\n\nMessage "
         "will be retried for 2 more day(s)\n",
         -1, 51},
        {"Your mail to <bob@example.net> is delayed. We will retry for a while.\n", -1, -1},
    };
    const int64_t start = INT64_C(1772528400000), hour = 3600000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct notice n;
        struct survey s;
        struct span message = arena_printf(
            &a, DAEMON "Subject: Warning: delayed mail\nDate: Tue, 3 Mar 2026 12:00:00 +0000\n\n%s",
            cases[i].text);
        notice_read(&n, &s, message, &a);
        assert_int_equal(n.recipient_count, 1);
        assert_int_equal(n.arrival_ms,
                         cases[i].arrival_ms < 0 ? 0 : start + cases[i].arrival_ms * hour);
        assert_int_equal(n.recipients[0].retry_until_ms,
                         cases[i].until_ms < 0 ? 0 : start + cases[i].until_ms * hour);
        arena_clear(&a);
    }
}

/* 20,000 recipients, commands and replies: as many as may be are read, in a moment. */
static void many_recipients_are_read(void **state)
{
    struct buffer b = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    buffer_add_text(&b, DAEMON "Subject: failure notice\n\nThe following addresses failed:\n\n");
    for (int i = 0; i < 20000; i++)
        buffer_printf(&b, "<user%d@example.net>:\n550 5.1.1 no %d\n\n", i, i);
    notice_read(&n, &s, buffer_span(&b), &a);
    assert_int_equal(n.recipient_count, MOST_RECIPIENTS);
    assert_true(n.further_count > 0);
    assert_string_equal(arena_text(&a, n.recipients[MOST_RECIPIENTS - 1].diagnostic),
                        "550 5.1.1 no 9999");
    arena_clear(&a);
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_found),
        cmocka_unit_test(hosts_are_found),
        cmocka_unit_test(phrases_are_whole_words),
        cmocka_unit_test(the_longest_phrase_counts),
        cmocka_unit_test(other_mail_is_no_notice),
        cmocka_unit_test(many_recipients_are_read),
        cmocka_unit_test(the_original_begins_where_it_does),
        cmocka_unit_test(times_are_told_in_words),
        cmocka_unit_test(what_is_pasted_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
