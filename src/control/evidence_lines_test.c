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
                           .recipients = recipients,
                           .recipient_count = 2,
                           .original = {.message_id = SPAN("1 2@example.org"),
                                        .from = SPAN("Ann <ann@example.org>"),
                                        .date_ms = 1795730631000,
                                        .is_whole = true,
                                        .header = SPAN(SIGNED)}};
}

static void a_question_is_read_as_it_was_meant(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    struct error e = {""};
    struct notice n = full(), empty = {0};
    evidence_lines_add_me(&out, SPAN("ann@example.org"));
    evidence_lines_add_me(&out, SPAN("ann@home.test"));
    evidence_lines_add_question(&out, &n, SPAN("ann+tag@example.org"));
    evidence_lines_add_question(&out, &empty, SPAN_NONE);
    assert_true(span_find(buffer_span(&out), SPAN("\n\n")) == SPAN_NOT_FOUND); /* would end it */
    assert_true(parse(buffer_span(&out), &e));
    assert_int_equal(request.me_count, 2);
    assert_true(span_equal(request.me[1], SPAN("ann@home.test")));
    assert_int_equal(request.count, 2);
    const struct evidence_question *q = &request.questions[0];
    const struct notice *r = &q->notice;
    assert_true(span_equal(q->came_to, SPAN("ann+tag@example.org")));
    assert_true(span_equal(r->to, n.to) && span_equal(r->original.from, n.original.from));
    assert_true(span_equal(r->original.message_id, n.original.message_id));
    assert_int_equal(r->original.date_ms, n.original.date_ms);
    assert_true(r->original.is_whole && span_equal(r->original.header, n.original.header));
    assert_int_equal(r->recipient_count, 2);
    assert_true(span_equal(r->recipients[0].address, SPAN("bob@b.test")));
    assert_true(span_equal(r->recipients[0].original, SPAN("team@b.test")));
    assert_true(span_equal(r->recipients[1].address, SPAN("eve@b.test")));
    assert_int_equal(r->recipients[1].original.len, 0);
    assert_int_equal(request.questions[1].notice.recipient_count, 0);
    assert_int_equal(request.questions[1].notice.original.header.len, 0);
    buffer_free(&out);
}

static void a_header_without_a_signature_is_not_told(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    struct notice n = full();
    n.original.header = SPAN("From: ann@example.org\n");
    evidence_lines_add_question(&out, &n, SPAN_NONE);
    assert_null(strstr(buffer_text(&out), "header"));
    assert_null(strstr(buffer_text(&out), "whole"));
    buffer_free(&out);
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
    evidence_lines_add_question(&out, &n, SPAN_NONE);
    assert_true(out.len <= EVIDENCE_LONGEST_QUESTION);
    assert_null(strstr(buffer_text(&out), "header"));
    assert_null(strstr(buffer_text(&out), "whole"));
    assert_true(parse(buffer_span(&out), &e));
    assert_true(request.questions[0].notice.recipient_count > 2);
    n.original.message_id = SPAN("two\nlines");
    buffer_clear(&out);
    evidence_lines_add_question(&out, &n, SPAN_NONE);
    assert_true(parse(buffer_span(&out), &e));
    assert_int_equal(request.questions[0].notice.original.message_id.len, 0);
    buffer_free(&out);
    buffer_free(&header);
}

static void what_is_said_wrongly_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "message-id 1@a\n",
        "header a: b\n",
        "notice\nsubject a\n",
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
    struct evidence e;
    assert_false(evidence_lines_parse_answer(&e, SPAN("")));
    assert_false(evidence_lines_parse_answer(&e, SPAN("yes no - maybe - - - - ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_question_is_read_as_it_was_meant, clear),
        cmocka_unit_test_teardown(a_header_without_a_signature_is_not_told, clear),
        cmocka_unit_test_teardown(a_question_is_bounded, clear),
        cmocka_unit_test_teardown(what_is_said_wrongly_is_refused, clear),
        cmocka_unit_test_teardown(there_are_not_too_many, clear),
        cmocka_unit_test_teardown(answers_are_read_as_they_were_meant, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
