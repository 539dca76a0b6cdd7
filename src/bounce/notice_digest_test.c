/* Digests: what is counted, what people read, the table, and that `plainpost explain` reads it. */
#include "base/test.h"

#include "bounce/digest_table.h"
#include "bounce/read.h"
#include "bounce/told.h"
#include "bounce/trial_language.h"

#include <stdio.h>
#include <string.h>

static const int64_t TUESDAY_MS = INT64_C(1795519200000); /* 24 Nov 2026, 12:00 UTC + 2 h */

static struct arena arena;

static int clear(void **state)
{
    arena_clear(&arena);
    return 0;
}

static struct notice_digest start(void)
{
    struct notice_digest d = notice_digest_start(&arena);
    d.hostname = SPAN("mx.example.org");
    d.to = SPAN("alice@example.org");
    d.id = 1795519200000000;
    d.now_ms = TUESDAY_MS;
    d.offset_minutes = 60;
    return d;
}

static struct outcome gone(int64_t time_ms)
{
    return (struct outcome){.kind = OUTCOME_FAILED,
                            .time_ms = time_ms,
                            .code = 550,
                            .status = STATUS(5, 1, 1),
                            .cause = {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE},
                            .is_remote = true,
                            .words = SPAN("no such user"),
                            .host = SPAN("mx.example.net"),
                            .stage = SPAN("in reply to RCPT TO")};
}

static struct outcome waits(int64_t time_ms)
{
    return (struct outcome){.kind = OUTCOME_DELAYED,
                            .time_ms = time_ms,
                            .cause = {CAUSE_INBOX_FULL, VARIANT_NONE},
                            .words = SPAN("later")};
}

static void add(struct notice_digest *d, message_id id, const char *to, struct outcome o)
{
    struct recipient r = {.address = span_of(to)};
    const struct envelope e = {
        .id = id, .subject = SPAN("Lunch"), .recipients = &r, .recipient_count = 1};
    notice_digest_add(d, &e, 0, &o);
}

static void add_many(struct notice_digest *d, size_t count)
{
    for (size_t i = 1; i <= count; i++)
        add(d, i, arena_text(&arena, arena_printf(&arena, "u%zu@example.net", i)),
            gone(TUESDAY_MS + (int64_t)i * 1000));
}

static const char *written(struct notice_digest *d)
{
    struct envelope e;
    struct buffer out = BUFFER_EMPTY;
    notice_digest_write(&e, &out, d, 77);
    assert_true(e.id == d->id && e.tells_until == 77 && e.size == out.len);
    assert_true(e.origin == ORIGIN_NOTIFICATION && !e.about && !e.reverse_path.len);
    assert_true(span_equal(e.recipients[0].address, d->to));
    notice_digest_end(d);
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static const char *told(struct notice_digest *d)
{
    struct buffer out = BUFFER_EMPTY;
    struct told t;
    notice_digest_tell(&t, d);
    told_as_text(&out, &t);
    notice_digest_end(d);
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

/* ---- counting */

static void messages_and_recipients_are_counted(void **state)
{
    struct notice_digest d = start();
    struct recipient to[] = {{.address = {"a@example.net", 13}},
                             {.address = {"b@example.net", 13}},
                             {.address = {"team@example.org", 16}, .is_expanded = true},
                             {.address = {"x@example.org", 13}, .parent = 3},
                             {.address = {"y@example.org", 13}, .parent = 3}};
    const struct envelope e = {.id = 1, .recipients = to, .recipient_count = COUNT_OF(to)};
    const struct outcome first = waits(TUESDAY_MS - 5000), o = gone(TUESDAY_MS),
                         last = gone(TUESDAY_MS + 5000);
    notice_digest_add(&d, &e, 0, &first);
    notice_digest_add(&d, &e, 1, &o);
    notice_digest_add(&d, &e, 3, &last);
    notice_digest_add(&d, &e, 4, &last); /* the same alias to whoever sent it */
    add(&d, 2, "c@example.net", waits(TUESDAY_MS + 9000));
    assert_int_equal(d.failed, 2);
    assert_int_equal(d.delayed, 2);
    assert_int_equal(d.messages, 1);
    assert_int_equal(d.waiting, 1);
    assert_int_equal(d.line_count, 4);
    assert_true(d.first_ms == TUESDAY_MS && d.last_ms == TUESDAY_MS + 5000);
    assert_true(span_equal(d.lines[2].recipient, SPAN("team@example.org")));
    assert_int_equal(d.group_count, 2);
    const char *text = told(&d);
    expect(text, "1 of your messages did not arrive\n");
    expect(text, "2 recipients did not get them.");
    expect(text, "1 more has not arrived yet.");
    expect(text, "Address not found (2)\n");
    expect(text, "Delayed: Inbox full (2)\n");
    expect(text, "For example: b@example.net");
}

static void delays_alone_are_told_as_delays(void **state)
{
    struct notice_digest d = start();
    add(&d, 1, "a@example.net", waits(TUESDAY_MS + 60000));
    add(&d, 2, "a@example.net", waits(TUESDAY_MS));
    add(&d, 3, "a@example.net", waits(TUESDAY_MS + 120000));
    assert_true(d.first_ms == TUESDAY_MS && d.last_ms == TUESDAY_MS + 120000);
    assert_true(d.groups[0].first_ms == TUESDAY_MS && d.groups[0].last_ms == TUESDAY_MS + 120000);
    const char *text = written(&d);
    expect(text, "Subject: 3 of your messages have not arrived yet\r\n");
    expect(text, "The first was noted on Tue 24 Nov 2026,");
    assert_null(strstr(text, "What to do"));
}

static void the_largest_causes_come_first(void **state)
{
    struct notice_digest d = start();
    message_id id = 0;
    for (size_t c = 0; c < 7; c++)
        for (size_t n = 0; n <= c; n++) {
            struct outcome o = gone(TUESDAY_MS);
            o.cause.cause = (enum cause)c;
            add(&d, ++id, "a@example.net", o);
        }
    const char *text = told(&d);
    const char *largest = strstr(text, "(7)"), *next = strstr(text, "(6)");
    assert_true(largest && next && largest < next);
    expect(text, "(3)");
    assert_null(strstr(text, "(2)"));
    expect(text, "Other reasons (3)");
}

/* ---- what people read */

static void it_says_how_many_and_how_to_see_the_rest(void **state)
{
    struct notice_digest d = start();
    add_many(&d, 1200);
    const char *text = written(&d);
    expect(text, "Subject: 1200 of your messages did not arrive since Tue 24 Nov 2026,");
    expect(text, "From: Mail Delivery Subsystem <mailer-daemon@mx.example.org>\r\n");
    expect(text, "Auto-Submitted: auto-replied\r\n");
    expect(text, "Content-Type: multipart/mixed;");
    expect(text, "The attached table has the first 1000 of them.");
    expect(text, "plainpost trace --in 1k");
    expect(text, "u1@example.net");
    expect(text, "\r\nand 200 more,,,,,,,,,\r\n");
}

static void it_is_told_in_other_languages(void **state)
{
    struct notice_digest d = start();
    d.language = language_find(SPAN("de"));
    add_many(&d, 2);
    const char *text = told(&d);
    expect(text, "2 Ihrer Nachrichten sind nicht angekommen");
    expect(text, "In English\n");
    expect(text, "2 of your messages did not arrive");
}

static void postmaster_reads_whose_senders_can_not_be_told(void **state)
{
    struct notice_digest d = start();
    struct recipient r = {.address = SPAN("ghost@example.net")};
    struct envelope e = {.recipients = &r, .recipient_count = 1};
    d.is_for_postmaster = true;
    for (e.id = 1; e.id <= 3; e.id++) {
        struct outcome o = gone(TUESDAY_MS);
        e.origin = e.id < 3 ? ORIGIN_NOTIFICATION : ORIGIN_SMTP;
        notice_digest_add(&d, &e, 0, &o);
    }
    const char *text = written(&d);
    expect(text, "Subject: 3 failures could not be reported to their senders\r\n");
    expect(text, "2 notices to senders could not be delivered.");
    expect(text, "The return path of 1 message is probably forged");
    expect(text, "The others were probably forged");
    assert_null(strstr(text, "If you did not send")); /* what a sender is told */
    assert_null(strstr(text, "Check the address"));
}

static void expect_translated(bool is_for_postmaster)
{
    struct notice_digest d = start();
    struct buffer out = BUFFER_EMPTY;
    struct told t;
    struct span at;
    d.language = trial_language(&arena);
    d.id = 1; /* without a letter */
    d.hostname = SPAN("почта.пример");
    message_id id = 0;
    for (size_t c = 0; c < 7; c++) {
        struct outcome o = gone(TUESDAY_MS + (int64_t)c * 60000);
        o.cause.cause = (enum cause)c;
        o.words = SPAN("Нет");
        o.host = SPAN("почта.сервер");
        add(&d, ++id, "боб@сервер", o);
        o.kind = OUTCOME_DELAYED;
        add(&d, ++id, "ева@сервер", o);
    }
    d.is_for_postmaster = is_for_postmaster;
    d.lost = d.messages / 2;
    for (size_t i = 0; i < d.group_count; i++)
        d.groups[i].sample.subject = SPAN_NONE;
    notice_digest_tell(&t, &d);
    while (t.blocks[t.count - 1].kind != TOLD_ECHO)
        t.count--;
    t.count--;
    told_as_text(&out, &t);
    if (!trial_language_is_whole(buffer_span(&out), "UTC RCPT TO plainpost trace in ", &at))
        fail_msg("not translated, or cut: %.*s\n%s", (int)(at.len < 60 ? at.len : 60), at.at,
                 buffer_text(&out));
    notice_digest_end(&d);
    buffer_free(&out);
}

static void all_of_it_is_translated(void **state)
{
    expect_translated(false);
    expect_translated(true);
}

/* ---- the table */

static void what_is_written_is_read(void **state)
{
    static const char *const hostile[] = {
        "bob@example.net",       "\"a,b\"@example.net", "=cmd|' /c calc'!a1@example.net",
        "'quoted'@example.net",  "-1+1@example.net",    "+a@example.net",
        "@SUM(a1)@example.net",  "a\"\"b@example.net",  "a\r\nb,c@example.net",
        "b\xc3\xb6@example.net", "a;b@example.net"};
    struct notice_digest d = start();
    struct buffer out = BUFFER_EMPTY;
    struct digest_row row;
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        struct outcome o = gone(TUESDAY_MS);
        o.words = SPAN("first \"line\"\nsecond, line\n=1+1");
        add(&d, i + 1, hostile[i], i % 2 ? waits(TUESDAY_MS) : o);
    }
    digest_table_write(&out, &d);
    struct span rest = buffer_span(&out);
    assert_true(digest_table_begin(&rest));
    for (size_t i = 0; i < COUNT_OF(hostile); i++) {
        assert_int_equal(digest_table_next(&rest, &row, &arena), 1);
        if (!strchr(hostile[i], '\n'))
            assert_true(span_equal(row.recipient, span_of(hostile[i])));
        assert_int_equal(row.kind, i % 2 ? OUTCOME_DELAYED : OUTCOME_FAILED);
        assert_int_equal(row.code, i % 2 ? 0 : 550);
        assert_int_equal(row.cause.cause, i % 2 ? CAUSE_INBOX_FULL : CAUSE_ADDRESS_NOT_FOUND);
        assert_true(i % 2 || status_equal(row.status, STATUS(5, 1, 1)));
        assert_int_equal(row.time_ms, TUESDAY_MS);
        assert_true(i % 2 || span_equal(row.words, SPAN("first \"line\" second, line =1+1")));
        assert_true(span_equal(row.server, i % 2 ? SPAN_NONE : SPAN("mx.example.net")));
    }
    assert_int_equal(digest_table_next(&rest, &row, &arena), 0);
    for (struct span all = buffer_span(&out); all.len;) {
        struct span line = span_cut(&all, '\n');
        assert_true(line.at[0] != '=' && !span_starts(line, SPAN("\"=")));
    }
    notice_digest_end(&d);
    buffer_free(&out);
}

static void what_is_no_row_is_passed_over(void **state)
{
    static const struct {
        const char *text;
        int rows;
    } cases[] = {
        {"a@b.test,failed,inbox-full,5.2.2,552,mx,full,2026-11-24T12:00:00Z,1,s\n", 1},
        {"a@b.test,failed,inbox-full\n", 1},
        {"a@b.test,failed,inbox-full,,,,,,,,,,,,\r\nb@b.test,delayed,loop", 2},
        {"and 7 more,,,,,,,,,\n", 0},
        {"a@b.test,delivered,inbox-full\n", 0},
        {"a@b.test,failed,nothing-of-the-kind\n", 0},
        {",failed,inbox-full\n", 0},
        {"\"a@b.test,failed,inbox-full\n", 0},
        {"\"a@b.test\"x,failed,inbox-full\n", 1},
        {"\n\n,\n\"\n", 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span rest = span_of(cases[i].text);
        struct digest_row row;
        int rows = 0;
        while (digest_table_next(&rest, &row, &arena))
            rows++;
        if (rows != cases[i].rows)
            fail_msg("case %zu: %d", i, rows);
    }
    struct span other = SPAN("name,age\nbob,7\n");
    assert_false(digest_table_begin(&other));
}

/* ---- plainpost explain */

static void a_digest_of_ours_is_read(void **state)
{
    static const char *const languages[] = {"en", "de", "ar", "ja"};
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct notice_digest d = start();
        struct survey s;
        struct notice n;
        d.language = language_find(span_of(languages[i]));
        add_many(&d, 30);
        add(&d, 31, "w@example.net", waits(TUESDAY_MS));
        notice_read(&n, &s, span_of(written(&d)), &arena);
        assert_int_equal(n.kind, NOTICE_FAILURE);
        assert_int_equal(n.recipient_count, 31);
        assert_true(span_equal(n.recipients[0].address, SPAN("u1@example.net")));
        assert_true(span_equal(n.recipients[0].diagnostic, SPAN("no such user")));
        assert_int_equal(n.recipients[0].code, 550);
        assert_int_equal(n.recipients[0].cause.cause, CAUSE_ADDRESS_NOT_FOUND);
        assert_int_equal(n.recipients[0].action, ACTION_FAILED);
        assert_int_equal(n.recipients[30].action, ACTION_DELAYED);
        assert_int_equal(n.recipients[30].cause.cause, CAUSE_INBOX_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(messages_and_recipients_are_counted, clear),
        cmocka_unit_test_teardown(delays_alone_are_told_as_delays, clear),
        cmocka_unit_test_teardown(the_largest_causes_come_first, clear),
        cmocka_unit_test_teardown(it_says_how_many_and_how_to_see_the_rest, clear),
        cmocka_unit_test_teardown(it_is_told_in_other_languages, clear),
        cmocka_unit_test_teardown(postmaster_reads_whose_senders_can_not_be_told, clear),
        cmocka_unit_test_teardown(all_of_it_is_translated, clear),
        cmocka_unit_test_teardown(what_is_written_is_read, clear),
        cmocka_unit_test_teardown(what_is_no_row_is_passed_over, clear),
        cmocka_unit_test_teardown(a_digest_of_ours_is_read, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
