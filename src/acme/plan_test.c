/* When certificates are renewed and told of, how patient we are with an authority, and what we make
 * of its words. */
#include "base/test.h"

#include "acme/plan.h"

#include <string.h>

#define HOUR ((int64_t)3600 * 1000)
#define DAY (24 * HOUR)

static void a_certificate_is_renewed_in_time(void **state)
{
    static const struct {
        int64_t life, left;
    } cases[] = {
        {90 * DAY, 30 * DAY}, {365 * DAY, 30 * DAY}, {60 * DAY, 20 * DAY},
        {6 * DAY, 2 * DAY},   {12000, 4000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(plan_renews_ms(1000, 1000 + cases[i].life),
                         1000 + cases[i].life - cases[i].left);
}

static void its_end_is_told_more_loudly_as_it_comes_near(void **state)
{
    static const struct {
        int64_t life, left;
        enum plan_urgency is;
    } cases[] = {
        {90 * DAY, 30 * DAY, PLAN_FINE},
        {90 * DAY, 14 * DAY, PLAN_FINE},
        {90 * DAY, 14 * DAY - 1, PLAN_SOON},
        {90 * DAY, 3 * DAY, PLAN_SOON},
        {90 * DAY, 3 * DAY - 1, PLAN_VERY_SOON},
        {90 * DAY, 1, PLAN_VERY_SOON},
        {90 * DAY, 0, PLAN_OVER},
        {90 * DAY, -DAY, PLAN_OVER},
        {6 * DAY, 2 * DAY, PLAN_FINE},
        {6 * DAY, 36 * HOUR - 1, PLAN_SOON},
        {6 * DAY, 7 * HOUR, PLAN_VERY_SOON},
        {0, 1, PLAN_FINE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (plan_urgency(0, cases[i].life, cases[i].life - cases[i].left) != cases[i].is)
            fail_msg("case %zu", i);
}

static void an_authority_is_asked_less_and_less(void **state)
{
    struct acme_record r = {.wanted = SPAN("a b")};
    int64_t now = 1000 * DAY, last = now;
    size_t in_an_hour = 1;
    for (int i = 0; i < 20; i++) {
        acme_record_failure(&r, SPAN("no"), now, 255);
        int64_t pause = r.again_ms - now;
        assert_in_range(pause, 10 * 60 * 1000, DAY + DAY / 4);
        assert_int_equal(acme_record_due(&r, SPAN("a b"), 0, now), r.again_ms);
        now = r.again_ms;
        in_an_hour += now - last <= HOUR;
    }
    assert_int_equal(r.failures, 20);
    assert_true(r.again_ms - r.tried_ms >= DAY);
    assert_true(in_an_hour <= 4);
}

static void a_failure_of_another_wish_does_not_count(void **state)
{
    struct acme_record r = {.wanted = SPAN("a b")};
    acme_record_failure(&r, SPAN("no"), 1000 * DAY, 0);
    assert_int_equal(acme_record_due(&r, SPAN("a c"), 5, 1000 * DAY), 5);
    assert_int_equal(acme_record_due(&r, SPAN("a b"), 2000 * DAY, 1000 * DAY), 2000 * DAY);
    assert_int_equal(acme_record_due(&r, SPAN("a b"), 0, 900 * DAY), 0); /* the clock was wrong */
    r.failures = 0;
    assert_int_equal(acme_record_due(&r, SPAN("a b"), 7, 1000 * DAY), 7);
}

static void a_record_is_read_as_it_was_written(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct acme_record r = {.wanted = SPAN("https://ca.test/dir mx.test mail.test")}, again;
    acme_record_failure(&r, SPAN("it\nhas two lines"), 123456, 0);
    acme_record_print(&text, &r);
    assert_true(acme_record_parse(&again, buffer_span(&text)));
    assert_int_equal(again.failures, 1);
    assert_int_equal(again.tried_ms, 123456);
    assert_int_equal(again.again_ms, 123456 + 600000);
    assert_true(span_equal(again.wanted, r.wanted));
    assert_true(span_equal(again.why, SPAN("it<U+000A>has two lines")));
    static const char *const none[] = {"",
                                       "1 2\na b\n",
                                       "1 2 3 4\na\n",
                                       "-1 2 3\na\n",
                                       "1 2 3\n",
                                       "1 2 99999999999999999999\na\n"};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(acme_record_parse(&again, span_of(none[i])));
    buffer_free(&text);
}

/* As uacme 1.7.4 writes them. */
static void what_went_wrong_is_said_in_words(void **state)
{
    static const struct {
        const char *said, *words;
    } cases[] = {
        {"uacme: challenge https://localhost:14900/chalZ/jX failed with status invalid\n"
         "uacme: the server reported the following error:\n{\n"
         "    \"type\": \"urn:ietf:params:acme:error:connection\",\n"
         "    \"detail\": \"Get \\\"http://mx.home.test:80/.well-known/x\\\": refused\",\n"
         "    \"status\": 400\n}\nuacme: failed to authorize order at https://localhost/my-order\n",
         "the authority could not reach this server at port 80 of the name; the name must lead "
         "here, and no firewall may be before that port; it says: Get "
         "\"http://mx.home.test:80/.well-known/x\": refused"},
        {"{\n    \"type\": \"urn:ietf:params:acme:error:strange\",\n}\n",
         "the authority refuses it"},
        {"{\n    \"type\": \"urn:ietf:params:acme:error:caa\",\n    \"detail\": \"a \033[1m b\"",
         "a CAA record in the DNS keeps this authority from giving certificates for the name; it "
         "says: a <U+001B>[1m b"},
        {"uacme: curl_get: GET https://localhost:14999/dir failed: Couldn't connect to server\n"
         "uacme: curl_get: waiting 5 seconds before retrying\nuacme: acme_get: curl_get failed\n"
         "uacme: failed to fetch directory at https://localhost:14999/dir\n",
         "the authority can't be reached: curl_get: GET https://localhost:14999/dir failed: "
         "Couldn't connect to server"},
        {"uacme: one\nuacme: identifier 'mx' has no dots\n\n", "identifier 'mx' has no dots"},
        {"", "uacme did not say why"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        acme_explain(&out, span_of(cases[i].said));
        assert_string_equal(buffer_text(&out), cases[i].words);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_renewed_in_time),
        cmocka_unit_test(its_end_is_told_more_loudly_as_it_comes_near),
        cmocka_unit_test(an_authority_is_asked_less_and_less),
        cmocka_unit_test(a_failure_of_another_wish_does_not_count),
        cmocka_unit_test(a_record_is_read_as_it_was_written),
        cmocka_unit_test(what_went_wrong_is_said_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
