#include "base/test.h"

#include "receive/drop_message.h"

#include <stdio.h>
#include <string.h>

enum { ID = 7, REFUSED = 8 };

struct setting {
    struct options options;
    struct directory *directory;
    struct drop_origin from;
    struct commit commit;
    struct message *message;
    struct error why;
    struct user_notice *notice;
};

static void set_up(struct setting *s)
{
    *s = (struct setting){0};
    options_defaults(&s->options);
    s->options.hostname = SPAN("mx.test");
    s->options.max_message_size = 2000;
    s->options.max_header_size = 300;
    s->options.max_recipients = 2;
    s->options.max_hops = 1;
    struct error never;
    s->directory = directory_parse("users", SPAN("alice@mx.test\n"), &s->options, &never);
    s->from = (struct drop_origin){.options = &s->options,
                                   .directory = s->directory,
                                   .owner = SPAN("alice"),
                                   .uid = 1000,
                                   .notice = &s->notice,
                                   .id = ID,
                                   .refused = REFUSED,
                                   .now_ms = 1795524243000};
}

static void clean_up(struct setting *s)
{
    user_notice_free(&s->notice);
    message_free(&s->message);
    commit_free(&s->commit);
    directory_unref(&s->directory);
    options_free(&s->options);
}

static enum drop_verdict prepare(struct setting *s, const char *envelope, struct span message)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "plainpost-drop 1\n%smessage %zu\n%.*s", envelope, message.len,
                  SPAN_F(message));
    enum drop_verdict verdict =
        drop_message_prepare(buffer_span(&text), &s->from, &s->commit, &s->message, &s->why);
    buffer_free(&text);
    return verdict;
}

static void a_message_is_accepted(void **state)
{
    struct setting s;
    set_up(&s);
    assert_int_equal(prepare(&s, "to <b@x.test> NOTIFY=DELAY\nto <c@x.test>\n",
                             SPAN("Subject: x\nMessage-ID: <1@x>\n\n.\nb\r\n")),
                     DROP_ACCEPTED);
    const struct envelope *e = &s.message->envelope;
    assert_int_equal(e->id, ID);
    assert_true(span_equal(e->reverse_path, SPAN("alice@mx.test")));
    assert_true(span_equal(e->client_name, SPAN("local user alice (uid 1000)")));
    assert_int_equal(e->client_address.len, 0);
    assert_true(e->has_owner && e->owner == 1000);
    assert_int_equal(e->recipient_count, 2);
    assert_int_equal(e->recipients[0].parameters.notify, NOTIFY_DELAY);
    assert_true(span_equal(e->subject, SPAN("x")));
    assert_false(e->is_8bit);
    assert_false(e->parameters.smtputf8);
    assert_string_equal(buffer_text(&s.commit.message),
                        "Received: by mx.test (from local user alice (uid 1000))\r\n"
                        "\tid 00000000007;\r\n\tTue, 24 Nov 2026 12:44:03 +0000\r\n"
                        "Subject: x\r\nMessage-ID: <1@x>\r\n\r\n.\r\nb\r\n");
    assert_int_equal(e->size, s.commit.message.len);
    assert_true(s.commit.entries.len > 0);
    clean_up(&s);
}

static void what_the_message_needs_is_seen(void **state)
{
    static const struct {
        const char *envelope, *message;
        bool is_8bit, is_utf8;
    } cases[] = {
        {"to <b@x.test>\n", "Subject: x\n\nx\n", false, false},
        {"to <b@x.test>\n", "Subject: x\n\n\xc3\xbc\n", true, false},
        {"to <b@x.test>\nto <\xc3\xbc@x.test>\n", "\nx\n", false, true},
        {"from <\xc3\xbc@x.test>\nto <b@x.test>\n", "\nx\n", false, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct setting s;
        set_up(&s);
        assert_int_equal(prepare(&s, cases[i].envelope, span_of(cases[i].message)), DROP_ACCEPTED);
        const struct mail_parameters *p = &s.message->envelope.parameters;
        assert_int_equal(s.message->envelope.is_8bit, cases[i].is_8bit);
        assert_int_equal(p->body, cases[i].is_8bit ? BODY_8BITMIME : BODY_UNSTATED);
        assert_int_equal(p->smtputf8, cases[i].is_utf8);
        clean_up(&s);
    }
}

static void a_program_says_its_priority_in_the_header(void **state)
{
    static const struct {
        const char *field;
        bool has;
        int priority;
    } cases[] = {
        {"Subject: x", false, 0},
        {"MT-Priority: -3", true, -3},
        {"mt-priority:\t4 (urgent)", true, 4},
        {"MT-Priority: 9", true, 6},
        {"MT-Priority: 0", true, 0},
        {"MT-Priority: high", false, 0},
        {"MT-Priority: 4 or 5", false, 0},
        {"MT-Priority:", false, 0},
        {"X-Priority: 1", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct setting s;
        char message[100];
        set_up(&s);
        s.options.highest_priority = 6;
        snprintf(message, sizeof message, "%s\n\nMT-Priority: 2\n", cases[i].field);
        assert_int_equal(prepare(&s, "to <b@x.test>\n", span_of(message)), DROP_ACCEPTED);
        const struct mail_parameters *p = &s.message->envelope.parameters;
        assert_int_equal(p->has_priority, cases[i].has);
        assert_int_equal(p->priority, cases[i].priority);
        assert_int_equal(strstr(buffer_text(&s.commit.message), "\tPRIORITY ") != NULL,
                         cases[i].has);
        clean_up(&s);
    }
}

static void the_owner_is_told_by_the_file_alone(void **state)
{
    static const struct {
        const char *owner, *client, *sender; /* sender NULL: refused without one of its own */
    } cases[] = {
        {"alice", "local user alice (uid 1000)", "alice@mx.test"},
        {"www-data", "local user www-data (uid 1000)", "www-data@mx.test"},
        {"host$", "local user host$ (uid 1000)", "host$@mx.test"},
        {"a)b", "local user (uid 1000)", NULL},
        {"DOMAIN\\user", "local user (uid 1000)", NULL},
        {"J\xc3\xbcrgen", "local user (uid 1000)", "J\xc3\xbcrgen@mx.test"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct setting s;
        set_up(&s);
        s.from.owner = span_of(cases[i].owner);
        enum drop_verdict verdict = prepare(&s, "to <b@x.test>\n", SPAN("\nx\n"));
        assert_int_equal(verdict, cases[i].sender ? DROP_ACCEPTED : DROP_REFUSED);
        if (cases[i].sender)
            assert_true(span_equal(s.message->envelope.reverse_path, span_of(cases[i].sender)));
        message_free(&s.message);
        commit_free(&s.commit);
        assert_int_equal(prepare(&s, "from <x@y.test>\nto <b@x.test>\n", SPAN("\nx\n")),
                         DROP_ACCEPTED);
        assert_true(span_equal(s.message->envelope.client_name, span_of(cases[i].client)));
        clean_up(&s);
    }
}

#define HUNDRED                                                                                    \
    "x234567890x234567890x234567890x234567890x234567890x234567890x234567890x234567890"             \
    "x234567890x2345678\n"
#define THOUSAND HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

static void what_cannot_be_taken_is_returned(void **state)
{
    static const struct {
        const char *envelope, *message, *why;
        enum drop_verdict verdict;
    } cases[] = {
        {"to <b@x.test>\n", "\n" THOUSAND HUNDRED, "", DROP_ACCEPTED},
        {"to <b@x.test>\n", "\n" THOUSAND THOUSAND, "too large: this server takes at most 2000",
         DROP_RETURNED},
        {"to <b@x.test>\n", "X: " HUNDRED " " HUNDRED " " HUNDRED "\n\n",
         "the header of this message is too large", DROP_RETURNED},
        {"to <b@x.test>\nto <c@x.test>\nto <d@x.test>\n", "\nx\n", "too many recipients: at most 2",
         DROP_RETURNED},
        {"to <b@x.test>\n", "Received: x\n\nReceived: x\n", "", DROP_ACCEPTED},
        {"to <b@x.test>\n", "Subject: s\nReceived: x\nReceived: x\n\n", "too many servers",
         DROP_RETURNED},
        {"from <>\nto <b@x.test>\n", "Received: x\nReceived: x\n\n", "too many servers",
         DROP_REFUSED},
        {"to <b@x.test> NOTIFY=NEVER\n", "Received: x\nReceived: x\n\n", "too many servers",
         DROP_REFUSED},
        {"to <Alice@mx.test>\n", "Delivered-To: alice@MX.test\n\n", "leads in a circle",
         DROP_RETURNED},
        {"to <alice@mx.test>\nto <b@x.test>\n", "Delivered-To: alice@mx.test\n\n", "",
         DROP_ACCEPTED},
        {"to <b@x.test>\n", "Delivered-To: b@x.test\n\n", "", DROP_ACCEPTED},
        {"to <>\n", "\nx\n", "line 2: this is no recipient", DROP_REFUSED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct setting s;
        set_up(&s);
        enum drop_verdict verdict = prepare(&s, cases[i].envelope, span_of(cases[i].message));
        if (verdict != cases[i].verdict || !strstr(s.why.text, cases[i].why))
            fail_msg("%zu: %d, \"%s\"", i, (int)verdict, s.why.text);
        assert_int_equal(s.message != NULL, verdict != DROP_REFUSED);
        assert_int_equal(s.commit.entries.len > 0, verdict != DROP_REFUSED);
        if (verdict == DROP_RETURNED) {
            const struct envelope *e = &s.message->envelope;
            assert_true(e->id == ID && e->about == REFUSED && e->origin == ORIGIN_NOTIFICATION);
            assert_int_equal(e->reverse_path.len, 0);
            assert_true(span_equal(e->recipients[0].address, SPAN("alice@mx.test")));
            assert_non_null(strstr(buffer_text(&s.commit.message), "Action: failed"));
            assert_int_equal(strstr(cases[i].message, "Subject: s") != NULL,
                             span_ends_nocase(e->subject, SPAN(": s")));
        }
        clean_up(&s);
    }
}

static void an_account_has_its_limits(void **state)
{
    static const struct account_limit two_a_message = {.account = SPAN("alice"), .message = 1},
                                      three_an_hour = {.account = SPAN("*"),
                                                       .rates = {{3, 3600000}},
                                                       .rate_count = 1};
    static const struct {
        const struct account_limit *limit;
        const char *words; /* of the second of two messages to two each; empty: it is accepted */
    } cases[] = {
        {NULL, ""},
        {&two_a_message, "with the account alice one message may go to at most 1"},
        {&three_an_hour, "The account alice has reached its sending limit: at most 3 recipients"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct setting s;
        struct account_rates *rates = account_rates_new();
        for (int message = 0; message < 2; message++) {
            set_up(&s);
            s.from.rates = rates;
            s.options.sending.limits = (struct account_limit *)cases[i].limit;
            s.options.sending.limit_count = cases[i].limit != NULL;
            prepare(&s, "to <b@x.test>\nto <c@x.test>\n", SPAN("\nx\n"));
            if (!message)
                clean_up(&s);
        }
        if (!strstr(s.why.text, cases[i].words) || !cases[i].words[0] != !s.why.text[0])
            fail_msg("%s: %s", cases[i].words, s.why.text);
        clean_up(&s);
        account_rates_free(&rates);
    }
}

static void a_file_without_an_owner_is_refused(void **state)
{
    struct setting s;
    set_up(&s);
    s.from.owner = SPAN_NONE;
    assert_int_equal(prepare(&s, "from <x@y.test>\nto <b@x.test>\n", SPAN("\nx\n")), DROP_REFUSED);
    assert_non_null(strstr(s.why.text, "uid 1000) has no account"));
    clean_up(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_accepted),
        cmocka_unit_test(what_the_message_needs_is_seen),
        cmocka_unit_test(a_program_says_its_priority_in_the_header),
        cmocka_unit_test(the_owner_is_told_by_the_file_alone),
        cmocka_unit_test(what_cannot_be_taken_is_returned),
        cmocka_unit_test(an_account_has_its_limits),
        cmocka_unit_test(a_file_without_an_owner_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
