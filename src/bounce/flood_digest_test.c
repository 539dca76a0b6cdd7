/* The digest of a flood: what is counted, what people read, the table, and how it threads. */
#include "base/test.h"

#include "bounce/flood_digest.h"
#include "bounce/read.h"
#include "bounce/told.h"
#include "bounce/trial_language.h"

#include <string.h>

static const int64_t TUESDAY_MS = INT64_C(1795519200000); /* 24 Nov 2026, 12:00 UTC + 2 h */

static struct arena arena;

static int clear(void **state)
{
    arena_clear(&arena);
    return 0;
}

static struct flood_digest start(void)
{
    struct flood_digest d = flood_digest_start(&arena);
    d.what = DIGEST_OF_FLOOD;
    d.hostname = SPAN("mx.example.org");
    d.mailbox = SPAN("alice@example.org");
    d.id = 1795519200000000;
    d.now_ms = TUESDAY_MS;
    d.offset_minutes = 60;
    return d;
}

static enum verdict_class class = VERDICT_NOT_YOURS;
static enum provenance provenance = PROVENANCE_DISPROVEN;

static void add(struct flood_digest *d, message_id id, const char *server, const char *address,
                const char *subject)
{
    struct recipient to = {.judged = {.is = true, .class = class, .provenance = provenance}};
    const struct envelope e = {.id = id,
                               .recipients = &to,
                               .recipient_count = 1,
                               .accepted_ms = TUESDAY_MS + (int64_t)id * 1000,
                               .client_name = span_of(server),
                               .client_address = span_of(address),
                               .subject = span_of(subject)};
    flood_digest_add(d, &e, 0);
}

static void add_many(struct flood_digest *d, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add(d, i, "mx.example.net", "192.0.2.7", "Undelivered Mail Returned to Sender");
}

static const char *written(struct flood_digest *d)
{
    struct envelope e;
    struct buffer out = BUFFER_EMPTY;
    flood_digest_write(&e, &out, d, 77);
    assert_true(e.id == d->id && e.tells_until == 77 && e.size == out.len);
    assert_true(e.digest_of == d->what && e.origin == ORIGIN_NOTIFICATION && !e.about &&
                !e.reverse_path.len);
    assert_true(span_equal(e.recipients[0].address, d->mailbox));
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static const char *told(struct flood_digest *d)
{
    struct buffer out = BUFFER_EMPTY;
    struct told t;
    flood_digest_tell(&t, d);
    told_as_text(&out, &t);
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void it_says_how_many_and_that_all_is_well(void **state)
{
    struct flood_digest d = start();
    add_many(&d, 409);
    const char *text = told(&d);
    expect(text, "409 notices about mail that you did not send\n");
    expect(text, "\n  alice@example.org\n");
    expect(text, "there were 409 of them. They were\n  kept out of your inbox.");
    expect(text, "Your account is fine");
    expect(text, "\n    plainpost doctor example.org\n");
    expect(text, "\n    plainpost trace --in 1k");
    expect(text, "The attached table has a line for each one that is new.");
    assert_null(strstr(text, "since the last summary"));
    text = written(&d);
    expect(text,
           "Subject: 409 notices about mail that you did not send, since Tue 24 Nov 2026\r\n");
    expect(text, "Auto-Submitted: auto-replied\r\n");
    assert_null(strstr(text, "In-Reply-To"));
}

static void one_is_told_as_one(void **state)
{
    struct flood_digest d = start();
    add_many(&d, 1);
    const char *text = told(&d);
    expect(text, "1 notice about mail that you did not send\n");
    expect(text, "there was 1 of them.");
}

static void the_next_one_tells_of_all_and_threads(void **state)
{
    struct flood_digest d = start();
    d.first = 1795519100000000;
    d.before = 400;
    d.since_ms = TUESDAY_MS - INT64_C(86400000);
    add_many(&d, 9);
    const char *text = written(&d);
    expect(text,
           "Subject: 409 notices about mail that you did not send, since Mon 23 Nov 2026\r\n");
    expect(text, "9 of them are new since the last summary.");
    struct buffer first = BUFFER_EMPTY;
    message_id_add(&first, d.first);
    const char *id = arena_text(&arena, buffer_span(&first));
    expect(text,
           arena_text(&arena, arena_printf(&arena, "\r\nIn-Reply-To: <%s@mx.example.org>", id)));
    expect(text,
           arena_text(&arena, arena_printf(&arena, "\r\nReferences: <%s@mx.example.org>", id)));
    buffer_free(&first);
}

static void the_table_is_bounded_and_harmless(void **state)
{
    struct flood_digest d = start();
    add(&d, 1, "=cmd|' /c calc'!a1", "192.0.2.7", "a\"b, c");
    add(&d, 2, "", "IPv6:2001:db8::7", "=?utf-8?q?Zur=C3=BCck?=");
    add(&d, 3, "local", "", "");
    add_many(&d, 1200);
    const char *text = written(&d);
    expect(text, "\r\ntime,server,subject,queue_id\r\n");
    expect(text, ",\"'=3Dcmd|' /c calc'!a1 [192.0.2.7]\",\"a\"\"b, c\",");
    expect(text, ",\"[IPv6:2001:db8::7]\",\"Zur=C3=BCck\",");
    expect(text, ",\"local\",\"\",");
    expect(text, "\r\nand 203 more,,,\r\n");
    assert_int_equal(d.line_count, FLOOD_MOST_LINES);
    expect(told(&d), "The attached table has a line for each of the first 1000 that are new.");
}

/* It has words of notices, and tells of no mail of whoever gets it. */
static void to_explain_it_is_no_notice(void **state)
{
    static const char *const languages[] = {"en", "de", "ar", "ja"};
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct flood_digest d = start();
        struct survey s;
        struct notice n;
        d.language = language_find(span_of(languages[i]));
        d.what = i % 2 ? DIGEST_OF_MISUSE : DIGEST_OF_FLOOD;
        add_many(&d, 30);
        notice_read(&n, &s, span_of(written(&d)), &arena);
        assert_int_equal(n.kind, NOTICE_NOT_A_BOUNCE);
        assert_int_equal(n.recipient_count, 0);
    }
}

/* It was not the reader, but it did leave through the account. */
static void of_a_misused_account_it_says_that_nothing_is_to_be_done(void **state)
{
    struct flood_digest d = start();
    d.what = DIGEST_OF_MISUSE;
    add_many(&d, 8);
    const char *text = told(&d);
    expect(text, "8 notices about mail that somebody else sent through your account\n");
    expect(text, "Somebody else has used your account to send mail.");
    expect(text, "there were 8 of them.");
    expect(text, "There is nothing to do for any of these notices.");
    expect(text, "choose one now");
    expect(text, "\n    plainpost trace --in 1k");
    assert_null(strstr(text, "Your account is fine"));
    assert_null(strstr(text, "plainpost doctor"));
    text = written(&d);
    expect(text, "Subject: 8 notices about mail that somebody else sent through your account,\r\n"
                 " since Tue 24 Nov 2026\r\n");
    expect(text, "misuse-notices.csv");
}

static void it_is_told_in_other_languages(void **state)
{
    struct flood_digest d = start();
    d.language = language_find(SPAN("de"));
    add_many(&d, 2);
    const char *text = told(&d);
    expect(text, "2 Meldungen über Mail, die nicht von Ihnen ist");
    expect(text, "In English\n");
    expect(text, "2 notices about mail that you did not send");
}

static void expect_translated(enum digest_of what, uint64_t before, size_t count)
{
    struct flood_digest d = start();
    struct buffer out = BUFFER_EMPTY;
    struct told t;
    struct span at;
    d.language = trial_language(&arena);
    d.what = what;
    d.id = 1; /* without a letter */
    d.before = before;
    d.hostname = SPAN("почта.пример");
    d.mailbox = SPAN("ева@пример");
    for (size_t i = 0; i < count; i++)
        add(&d, i, "почта.сервер", "192.0.2.7", "Нет");
    flood_digest_tell(&t, &d);
    while (t.blocks[t.count - 1].kind != TOLD_ECHO)
        t.count--;
    t.count--;
    told_as_text(&out, &t);
    if (!trial_language_is_whole(buffer_span(&out), "UTC plainpost doctor trace in ", &at))
        fail_msg("not translated, or cut: %.*s\n%s", (int)(at.len < 60 ? at.len : 60), at.at,
                 buffer_text(&out));
    buffer_free(&out);
}

static void all_of_it_is_translated(void **state)
{
    expect_translated(DIGEST_OF_FLOOD, 0, 5);
    expect_translated(DIGEST_OF_FLOOD, 7, 1200);
    expect_translated(DIGEST_OF_MISUSE, 0, 5);
    expect_translated(DIGEST_OF_MISUSE, 7, 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(it_says_how_many_and_that_all_is_well, clear),
        cmocka_unit_test_teardown(one_is_told_as_one, clear),
        cmocka_unit_test_teardown(the_next_one_tells_of_all_and_threads, clear),
        cmocka_unit_test_teardown(the_table_is_bounded_and_harmless, clear),
        cmocka_unit_test_teardown(to_explain_it_is_no_notice, clear),
        cmocka_unit_test_teardown(of_a_misused_account_it_says_that_nothing_is_to_be_done, clear),
        cmocka_unit_test_teardown(it_is_told_in_other_languages, clear),
        cmocka_unit_test_teardown(all_of_it_is_translated, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
