/* What is asked about notices, and what is answered, said and read again. */
#include "base/test.h"

#include "control/evidence_lines.h"

#include <string.h>

static struct arena arena;
static struct evidence_request request;

static int clear(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static bool parse(struct span lines, struct error *e)
{
    return evidence_lines_parse(&request, lines, &arena, e);
}

#define SIGNED                                                                                     \
    "DKIM-Signature: v=1; a=rsa-sha256; d=example.org;\r\n\tb=abc=\r\n"                            \
    "From: Ann <ann@example.org>\r\n  \r\nSubject: one\n"

static struct notice_recipient recipients[] = {
    {.address = {"bob@b.test", 10}, .original = {"team@b.test", 11}},
    {.address = {"eve@b.test", 10}},
};

static struct notice full(void)
{
    return (struct notice){.to = SPAN("Ann <ann@example.org>"),
                           .kind = NOTICE_DELAY,
                           .date_ms = 1795730640000,
                           .subject = SPAN("Delayed:\r\n one\n"),
                           .recipients = recipients,
                           .recipient_count = 2,
                           .further_count = 3,
                           .original = {.message_id = SPAN("1 2@example.org"),
                                        .from = SPAN("Ann <ann@example.org>"),
                                        .to = SPAN("Bob <bob@b.test>"),
                                        .subject = SPAN("one"),
                                        .date_ms = 1795730631000,
                                        .is_whole = true,
                                        .header = SPAN(SIGNED)}};
}

static const struct own_delivery in_mailbox = {.queue_id = {"1k18vnm3nvg", 11},
                                               .mailbox = {"\"ann x\"@example.org", 19}};
static const struct own_delivery nowhere;

static void a_question_is_read_as_it_was_meant(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    struct error e = {""};
    struct notice n = full(), empty = {0};
    evidence_lines_add_me(&out, SPAN("ann@example.org"));
    evidence_lines_add_me(&out, SPAN("ann@home.test"));
    evidence_lines_add_question(&out, &n, SPAN("ann+tag@example.org"), &in_mailbox);
    evidence_lines_add_question(&out, &empty, SPAN_NONE, &nowhere);
    evidence_lines_add_question(&out, &n, SPAN_NONE, &nowhere);
    assert_true(span_find(buffer_span(&out), SPAN("\n\n")) == SPAN_NOT_FOUND); /* would end it */
    assert_true(parse(buffer_span(&out), &e));
    assert_int_equal(request.me_count, 2);
    assert_true(span_equal(request.me[1], SPAN("ann@home.test")));
    assert_int_equal(request.count, 3);
    const struct evidence_question *q = &request.questions[0];
    const struct notice *r = &q->notice;
    assert_true(span_equal(q->came_to, SPAN("ann+tag@example.org")));
    assert_true(span_equal(r->to, n.to) && span_equal(r->original.from, n.original.from));
    assert_true(span_equal(r->original.message_id, n.original.message_id));
    assert_int_equal(r->original.date_ms, n.original.date_ms);
    assert_int_equal(r->date_ms, n.date_ms);
    assert_int_equal(r->kind, NOTICE_DELAY);
    assert_int_equal(r->further_count, 3);
    assert_true(span_equal(r->subject, SPAN("Delayed:\r  one ")));
    assert_true(span_equal(r->original.subject, n.original.subject));
    assert_true(span_equal(r->original.to, n.original.to));
    assert_true(span_equal(q->delivered.queue_id, in_mailbox.queue_id));
    assert_true(span_equal(q->delivered.mailbox, in_mailbox.mailbox));
    assert_true(r->original.is_whole && span_equal(r->original.header, n.original.header));
    assert_int_equal(r->recipient_count, 2);
    assert_true(span_equal(r->recipients[0].address, SPAN("bob@b.test")));
    assert_true(span_equal(r->recipients[0].original, SPAN("team@b.test")));
    assert_true(span_equal(r->recipients[1].address, SPAN("eve@b.test")));
    assert_int_equal(r->recipients[1].original.len, 0);
    assert_int_equal(request.questions[1].notice.recipient_count, 0);
    assert_int_equal(request.questions[1].notice.original.header.len, 0);
    assert_int_equal(request.questions[1].notice.further_count, 0);
    assert_int_equal(request.questions[1].notice.kind, NOTICE_NOT_A_BOUNCE);
    assert_int_equal(request.questions[1].delivered.queue_id.len, 0);
    assert_int_equal(request.questions[2].notice.recipient_count, 2);
    buffer_free(&out);
}

/* But for what tells that it may be a message of ours. */
static void a_header_without_a_signature_is_not_told(void **state)
{
    (void)state;
    static const struct {
        const char *header, *told;
    } cases[] = {
        {"From: ann@example.org\nX-Secret: yes\n", ""},
        {"Received: from pc\r\n\tby mx.example.org;\r\nFrom: a@b\r\nsubject: one\r\n",
         "Received: from pc\r\n\tby mx.example.org;\r\nsubject: one\r\n"},
        {"Bcc: eve@b.test\nCC: bob@b.test", "CC: bob@b.test\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct error e = {""};
        struct notice n = full();
        n.original.header = span_of(cases[i].header);
        evidence_lines_add_question(&out, &n, SPAN_NONE, &nowhere);
        assert_null(strstr(buffer_text(&out), "whole"));
        assert_true(parse(buffer_span(&out), &e));
        struct span told = request.questions[0].notice.original.header;
        if (!span_equal(told, span_of(cases[i].told)))
            fail_msg("%s: %.*s", cases[i].header, SPAN_F(told));
        assert_int_equal(request.questions[0].notice.further_count, 3);
        buffer_free(&out);
    }
}

/* What is missing could be what tells that a message is ours. */
static void what_does_not_fit_is_told_of(void **state)
{
    (void)state;
    static char text[EVIDENCE_LONGEST_QUESTION];
    memset(text, 'a', sizeof text);
    memcpy(text, "Cc:", 3);
    struct notice_recipient nobody[] = {{.original = {"team@b.test", 11}}};
    static struct notice_recipient many[EVIDENCE_MOST_RECIPIENTS + 10];
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i].address = SPAN("bob@b.test");
    struct span longest = span_make(text, sizeof text);
    const struct {
        const char *name;
        struct notice n;
        size_t further;
    } cases[] = {
        {"nothing", {.subject = SPAN("one")}, 0},
        {"subject", {.subject = longest}, 1},
        {"subject of the message", {.original = {.subject = longest}}, 1},
        {"recipients of the message", {.original = {.to = longest}}, 1},
        {"header", {.original = {.header = longest}}, 1},
        {"header that would fit alone",
         {.subject = SPAN("one"), .original = {.header = span_first(longest, sizeof text - 50)}},
         1},
        {"recipients", {.recipients = many, .recipient_count = COUNT_OF(many)}, 10},
        {"nobody", {.recipients = nobody, .recipient_count = 1, .further_count = 2}, 3},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct error e = {""};
        evidence_lines_add_question(&out, &cases[i].n, SPAN_NONE, &nowhere);
        assert_true(out.len <= EVIDENCE_LONGEST_QUESTION);
        assert_true(parse(buffer_span(&out), &e));
        if (request.questions[0].notice.further_count != cases[i].further)
            fail_msg("%s: %zu", cases[i].name, request.questions[0].notice.further_count);
        buffer_free(&out);
    }
}

/* So that a notice can't make the question longer than the server takes. */
static void a_question_is_bounded(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static struct notice_recipient many[MANY];
    static char name[900];
    struct buffer out = BUFFER_EMPTY, header = BUFFER_EMPTY;
    struct error e = {""};
    memset(name, 'a', sizeof name);
    for (size_t i = 0; i < MANY; i++)
        many[i].address = many[i].original = span_make(name, sizeof name);
    buffer_add_text(&header, "DKIM-Signature: v=1\n");
    while (header.len < EVIDENCE_LONGEST_QUESTION - 100)
        buffer_add_text(&header, " \n"); /* each of them takes more than it is long */
    struct notice n = full();
    n.recipients = many;
    n.recipient_count = MANY;
    n.original.header = buffer_span(&header);
    evidence_lines_add_question(&out, &n, SPAN_NONE, &nowhere);
    assert_true(out.len <= EVIDENCE_LONGEST_QUESTION);
    assert_null(strstr(buffer_text(&out), "header"));
    assert_null(strstr(buffer_text(&out), "whole"));
    assert_true(parse(buffer_span(&out), &e));
    size_t told = request.questions[0].notice.recipient_count;
    assert_true(told > 2);
    assert_int_equal(request.questions[0].notice.further_count, MANY - told + 3 + 1);
    static char too_long[999] = "long";
    const struct span ids[] = {SPAN("two\nlines"), span_make(too_long, sizeof too_long)};
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        n.original.message_id = ids[i];
        buffer_clear(&out);
        evidence_lines_add_question(&out, &n, SPAN_NONE, &nowhere);
        assert_true(parse(buffer_span(&out), &e));
        assert_int_equal(request.questions[0].notice.original.message_id.len, 0);
    }
    buffer_free(&out);
    buffer_free(&header);
}

static void what_is_said_wrongly_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "message-id 1@a\n",
        "header a: b\n",
        "notice\ncolour a\n",
        "subject a\n",
        "notice\nkind of\n",
        "notice\nkind \n",
        "notice\ndated now\n",
        "notice\nfurther -1\n",
        "notice\nfurther many\n",
        "notice\nwritten then\n",
        "notice\nwritten -1\n",
        "notice\noriginal a@b\n",
        "notices\n",
        "notice\n\n",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = {""};
        if (parse(span_of(cases[i]), &e) || !e.text[0])
            fail_msg("%s", cases[i]);
    }
}

static void there_are_not_too_many(void **state)
{
    (void)state;
    static const struct {
        const char *before, *line;
        int most;
    } cases[] = {
        {"", "me a@b.test\n", EVIDENCE_MOST_ME},
        {"", "notice\n", EVIDENCE_MOST_NOTICES},
        {"notice\n", "recipient a@b.test\n", EVIDENCE_MOST_RECIPIENTS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct error e = {""};
        buffer_add_text(&out, cases[i].before);
        for (int k = 0; k < cases[i].most; k++)
            buffer_add_text(&out, cases[i].line);
        if (!parse(buffer_span(&out), &e))
            fail_msg("%s: %s", cases[i].line, e.text);
        buffer_add_text(&out, cases[i].line);
        if (parse(buffer_span(&out), &e))
            fail_msg("%s: too many", cases[i].line);
        buffer_free(&out);
    }
}

static void answers_are_read_as_they_were_meant(void **state)
{
    (void)state;
    static const struct {
        struct evidence e;
        const char *line;
    } cases[] = {
        {{0}, "- - - - - - - - "},
        {{.is_sent = ANSWER_YES, .sent_to = ANSWER_NO}, "yes no - - - - - - "},
        {{.is_sent = ANSWER_NO, .wrote_to = ANSWER_YES}, "no - yes - - - - - "},
        {{.own_signature = ANSWER_YES, .own_domain = {"example.org", 11}},
         "- - - yes - - example.org - "},
        {{.is_sent = ANSWER_YES, .account_is_suspect = true}, "yes - - - - yes - - "},
        {{.own_tag = ANSWER_YES,
          .sent_to = ANSWER_YES,
          .tagged = {"1k18vnm3nvg", 11},
          .tagged_message_id = {"1 2@a", 5}},
         "- yes - - yes - - 1k18vnm3nvg 1 2@a"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct evidence e;
        evidence_lines_add_answer(&out, &cases[i].e);
        struct span all = buffer_span(&out), line = span_cut(&all, '\n');
        assert_true(span_equal(line, span_of(cases[i].line)));
        assert_true(evidence_lines_parse_answer(&e, line));
        assert_true(e.is_sent == cases[i].e.is_sent && e.sent_to == cases[i].e.sent_to &&
                    e.wrote_to == cases[i].e.wrote_to &&
                    e.own_signature == cases[i].e.own_signature && e.own_tag == cases[i].e.own_tag);
        assert_true(span_equal(e.own_domain, cases[i].e.own_domain));
        assert_true(span_equal(e.tagged, cases[i].e.tagged));
        assert_true(span_equal(e.tagged_message_id, cases[i].e.tagged_message_id));
        buffer_free(&out);
    }
    struct evidence e = {.tagged_message_id = SPAN("1@a\nyes")};
    struct buffer out = BUFFER_EMPTY;
    evidence_lines_add_answer(&out, &e); /* one line, whatever it is */
    assert_string_equal(buffer_text(&out), "- - - - - - - - \n");
    buffer_free(&out);
    assert_true(evidence_lines_parse_answer(&e, SPAN("- - - - - no - - ")));
    assert_false(e.account_is_suspect);
    assert_false(evidence_lines_parse_answer(&e, SPAN("")));
    assert_false(evidence_lines_parse_answer(&e, SPAN("yes no - maybe - - - - ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_question_is_read_as_it_was_meant, clear),
        cmocka_unit_test_teardown(a_header_without_a_signature_is_not_told, clear),
        cmocka_unit_test_teardown(what_does_not_fit_is_told_of, clear),
        cmocka_unit_test_teardown(a_question_is_bounded, clear),
        cmocka_unit_test_teardown(what_is_said_wrongly_is_refused, clear),
        cmocka_unit_test_teardown(there_are_not_too_many, clear),
        cmocka_unit_test_teardown(answers_are_read_as_they_were_meant, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
