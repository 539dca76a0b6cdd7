#include "base/test.h"

#include "smtp/parameters.h"

static const struct parameter_offer everything = {true,
                                                  true,
                                                  true,
                                                  true,
                                                  .auth = true,
                                                  .requiretls = true,
                                                  .mt_priority = true,
                                                  .max_priority = 9,
                                                  .deliverby = true,
                                                  .min_by = 60,
                                                  .now_ms = 1764000000000,
                                                  .max_hold = 3600000};
static const struct parameter_offer nothing = {false, false, false, false};

static void mail_parameters_are_read(void **state)
{
    struct mail_parameters p;
    struct reply problem;
    assert_true(mail_parameters_parse(SPAN(""), &nothing, &p, &problem));
    assert_true(p.size == 0 && p.body == BODY_UNSTATED && p.ret == RET_UNSTATED && !p.smtputf8 &&
                p.envid.len == 0);
    assert_true(
        mail_parameters_parse(SPAN(" SIZE=123  body=8bitmime SmtpUtf8\tRET=full ENVID=a+2Bb"),
                              &everything, &p, &problem));
    assert_true(p.size == 123 && p.body == BODY_8BITMIME && p.ret == RET_FULL && p.smtputf8);
    assert_true(span_equal(p.envid, SPAN("a+2Bb")));
    assert_true(mail_parameters_parse(SPAN("BODY=7BIT RET=HDRS"), &everything, &p, &problem));
    assert_true(p.body == BODY_7BIT && p.ret == RET_HDRS && !p.smtputf8);
    assert_true(mail_parameters_parse(SPAN("MT-PRIORITY=-4"), &everything, &p, &problem));
    assert_int_equal(p.priority, -4);
    struct parameter_offer with_binary = everything;
    with_binary.binary = true;
    assert_false(mail_parameters_parse(SPAN("BODY=BINARYMIME"), &everything, &p, &problem));
    assert_int_equal(problem.code, 501);
    assert_true(mail_parameters_parse(SPAN("BODY=BinaryMIME"), &with_binary, &p, &problem));
    assert_int_equal(p.body, BODY_BINARYMIME);
}

/* RFC 4865. */
static void times_are_counted_from_now(void **state)
{
    static const struct {
        const char *text;
        int64_t release_s; /* from 2025-11-24T16:00:00Z */
    } cases[] = {
        {"", -1764000000},
        {"HOLDFOR=0", 0},
        {"HOLDFOR=90", 90},
        {"HOLDUNTIL=2025-11-24T16:00:05Z", 5},
        {"HOLDUNTIL=2025-11-24T17:00:05+01:00", 5},
        {"HOLDUNTIL=2025-11-24T15:00:05-01:00", 5},
        {"HOLDUNTIL=1999-01-01T00:00:00Z", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mail_parameters p;
        struct reply problem;
        assert_true(mail_parameters_parse(span_of(cases[i].text), &everything, &p, &problem));
        assert_int_equal(p.release_ms, everything.now_ms + cases[i].release_s * 1000);
    }
}

/* RFC 2852 4. */
static void a_deadline_is_read(void **state)
{
    static const struct {
        const char *text;
        enum by_mode by;
        int64_t seconds;
        bool is_traced;
    } cases[] = {
        {"BY=120;R", BY_RETURN, 120, false},
        {"BY=+120;N", BY_NOTIFY, 120, false},
        {"by=120;rt", BY_RETURN, 120, true},
        {"BY=-5;NT", BY_NOTIFY, -5, true},
        {"BY=900;N HOLDFOR=60", BY_NOTIFY, 900, false},
        {"HOLDFOR=60 BY=900;N", BY_NOTIFY, 900, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mail_parameters p;
        struct reply problem;
        assert_true(mail_parameters_parse(span_of(cases[i].text), &everything, &p, &problem));
        assert_int_equal(p.by, cases[i].by);
        assert_int_equal(p.by_ms, everything.now_ms + cases[i].seconds * 1000);
        assert_int_equal(p.by_trace, cases[i].is_traced);
    }
}

#define TEN "1234567890"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* RFC 1870 4, 6152 2, 6531 3.4, 3461 4.3 and 4.4; 0: it is fine. */
static void mail_parameters_are_checked(void **state)
{
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        {"SIZE=0", 0},
        {"SIZE=99999999999999999999", 0},
        {"SIZE=100000000000000000000", 501},
        {"SIZE", 501},
        {"SIZE=-1", 501},
        {"SIZE=1 SIZE=x", 501},
        {"BODY", 501},
        {"BODY=8BIT", 501},
        {"SMTPUTF8=yes", 555},
        {"RET", 501},
        {"RET=BODY", 501},
        {"RET=FULL RET=FULL", 501},
        {"ENVID", 501},
        {"ENVID=", 501},
        {"ENVID=" HUNDRED, 0},
        {"ENVID=" HUNDRED "1", 501},
        {"ENVID=a ENVID=b", 501},
        {"ENVID=a=b", 501},
        {"ENVID=+41+7E", 0},
        {"AUTH=<>", 0},
        {"AUTH=alice+40example.org", 0},
        {"AUTH", 501},
        {"AUTH=", 501},
        {"AUTH=a+", 501},
        {"AUTH=a=b", 501},
        {"MT-PRIORITY=0", 0},
        {"MT-PRIORITY=9", 0},
        {"mt-priority=-9", 0},
        {"MT-PRIORITY", 501},
        {"MT-PRIORITY=", 501},
        {"MT-PRIORITY=-", 501},
        {"MT-PRIORITY=-0", 501},
        {"MT-PRIORITY=+1", 501},
        {"MT-PRIORITY=10", 501},
        {"MT-PRIORITY=x", 501},
        {"MT-PRIORITY=1 MT-PRIORITY=2", 501},
        {"MT-PRIORITY=0 MT-PRIORITY=0", 501},
        {"ENVID=a+", 501},
        {"ENVID=a+4", 501},
        {"ENVID=a+4g", 501},
        {"ENVID=a+2b", 501}, /* upper case alone */
        {"ENVID=\xc3\xbc", 501},
        {"REQUIRETLS", 0},
        {"requiretls", 0},
        {"REQUIRETLS=yes", 501},
        {"HOLDFOR=0", 0},
        {"HOLDFOR=3600", 0},
        {"holdfor=000000001", 0},
        {"HOLDFOR=3601", 501},
        {"HOLDFOR=1234567890", 501},
        {"HOLDFOR=-1", 501},
        {"HOLDFOR=", 501},
        {"HOLDFOR", 501},
        {"HOLDFOR=1 HOLDFOR=1", 501},
        {"HOLDFOR=1 HOLDUNTIL=2025-11-24T16:30:00Z", 501},
        {"HOLDUNTIL=2025-11-24T17:00:00Z", 0},
        {"HOLDUNTIL=2025-11-24T17:00:01Z", 501},
        {"HOLDUNTIL=2025-11-24T18:00:00+01:00", 0},
        {"HOLDUNTIL=2025-11-24T18:00:01+01:00", 501},
        {"HOLDUNTIL=2025-11-24T10:30:00.25-06:30", 0},
        {"HOLDUNTIL=1999-01-01T00:00:00Z", 0}, /* it is over */
        {"HOLDUNTIL=2025-11-24T16:30:00", 501},
        {"HOLDUNTIL=2025-11-24T16:30Z", 501},
        {"HOLDUNTIL=2025-11-24T16:30:00.Z", 501},
        {"HOLDUNTIL=2025-13-24T16:30:00Z", 501},
        {"HOLDUNTIL=2025-11-24", 501},
        {"HOLDUNTIL=tomorrow", 501},
        {"HOLDUNTIL=", 501},
        {"BY=60;R", 0},
        {"by=+999999999;rt", 0},
        {"BY=59;R", 555}, /* less than we promise */
        {"BY=59;N", 0},
        {"BY=0;N", 0},
        {"BY=-999999999;NT", 0},
        {"BY=0;R", 501},
        {"BY=-60;R", 501},
        {"BY=1000000000;N", 501},
        {"BY=60", 501},
        {"BY=;R", 501},
        {"BY=+;R", 501},
        {"BY=--1;N", 501},
        {"BY=60;", 501},
        {"BY=60;X", 501},
        {"BY=60;RX", 501},
        {"BY=60;T", 501},
        {"BY=60;RTT", 501},
        {"BY=60;R;T", 501},
        {"BY", 501},
        {"BY=60;R BY=60;R", 501},
        {"BY=3600;R HOLDFOR=3600", 0},
        {"BY=3599;R HOLDFOR=3600", 501}, /* RFC 4865 5.2.2 */
        {"HOLDFOR=3600 BY=3599;N", 501},
        {"=x", 555},
        {"NOTIFY=NEVER", 555},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mail_parameters p;
        struct reply problem = {0};
        bool ok = mail_parameters_parse(span_of(cases[i].text), &everything, &p, &problem);
        assert_int_equal(ok, cases[i].code == 0);
        assert_int_equal(problem.code, cases[i].code);
        assert_true(ok || (status_equal(problem.status, STATUS(5, 5, 4)) && problem.text.len));
    }
}

static void a_priority_is_lowered_to_what_is_allowed(void **state)
{
    static const struct {
        const char *text;
        int max, priority;
        bool is_lowered;
    } cases[] = {
        {"MT-PRIORITY=9", 9, 9, false},
        {"MT-PRIORITY=9", 4, 4, true},
        {"MT-PRIORITY=4", 4, 4, false},
        {"MT-PRIORITY=1", 0, 0, true},
        {"MT-PRIORITY=0", 0, 0, false},
        {"MT-PRIORITY=-9", 0, -9, false},
        {"", 0, 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parameter_offer offer = {.mt_priority = true, .max_priority = cases[i].max};
        struct mail_parameters p;
        struct reply problem;
        assert_true(mail_parameters_parse(span_of(cases[i].text), &offer, &p, &problem));
        assert_int_equal(p.priority, cases[i].priority);
        assert_int_equal(p.is_lowered, cases[i].is_lowered);
        assert_int_equal(p.has_priority, *cases[i].text != 0);
    }
}

static void what_was_not_offered_is_unknown(void **state)
{
    static const char *const mail[] = {
        "SIZE=1",        "BODY=7BIT", "SMTPUTF8",
        "RET=FULL",      "ENVID=x",   "AUTH=<>",
        "REQUIRETLS",    "HOLDFOR=5", "HOLDUNTIL=2025-11-24T16:30:00Z",
        "MT-PRIORITY=3", "BY=60;R"};
    static const char *const rcpt[] = {"NOTIFY=NEVER", "ORCPT=rfc822;a@example.org"};
    struct reply problem;
    for (size_t i = 0; i < COUNT_OF(mail); i++) {
        struct mail_parameters p;
        assert_true(mail_parameters_parse(span_of(mail[i]), &everything, &p, &problem));
        assert_false(mail_parameters_parse(span_of(mail[i]), &nothing, &p, &problem));
        assert_int_equal(problem.code, 555);
    }
    for (size_t i = 0; i < COUNT_OF(rcpt); i++) {
        struct rcpt_parameters p;
        assert_true(rcpt_parameters_parse(span_of(rcpt[i]), &everything, &p, &problem));
        assert_false(rcpt_parameters_parse(span_of(rcpt[i]), &nothing, &p, &problem));
        assert_int_equal(problem.code, 555);
    }
}

/* RFC 3461 4.1, 4.2; 6533 3. */
static void rcpt_parameters_are_read_and_checked(void **state)
{
    static const struct {
        const char *text;
        int code;
        unsigned notify;
        const char *orcpt;
    } cases[] = {
        {"", 0, 0, ""},
        {"NOTIFY=NEVER", 0, NOTIFY_NEVER, ""},
        {"notify=success,Failure,DELAY", 0, 7, ""},
        {"NOTIFY=DELAY ORCPT=rfc822;a+2Bb@example.org", 0, NOTIFY_DELAY,
         "rfc822;a+2Bb@example.org"},
        {"NOTIFY=NEVER,SUCCESS", 501, 0, ""},
        {"NOTIFY=ALWAYS", 501, 0, ""},
        {"NOTIFY=", 501, 0, ""},
        {"NOTIFY", 501, 0, ""},
        {"NOTIFY=DELAY NOTIFY=DELAY", 501, 0, ""},
        {"ORCPT=utf-8;\\x{FC}@example.org", 0, 0, "utf-8;\\x{FC}@example.org"},
        {"ORCPT=utf-8;\xc3\xbc@example.org", 0, 0, "utf-8;\xc3\xbc@example.org"},
        {"ORCPT=utf-8;\xff@example.org", 501, 0, ""},
        {"ORCPT=utf-8;a\x01@example.org", 501, 0, ""},
        {"ORCPT=utf-8;a\x7f@example.org", 501, 0, ""},
        {"ORCPT=rfc822;\xc3\xbc@example.org", 501, 0, ""},
        {"ORCPT=a@example.org", 501, 0, ""},
        {"ORCPT=rfc822;", 501, 0, ""},
        {"ORCPT=;a@example.org", 501, 0, ""},
        {"ORCPT=rfc822;a=b@example.org", 501, 0, ""},
        {"ORCPT=rfc822;a+zz@example.org", 501, 0, ""},
        {"ORCPT=rfc822;a@example.org+4", 501, 0, ""},
        {"ORCPT=rfc822;a ORCPT=rfc822;b", 501, 0, ""},
        {"ORCPT=rfc822;" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED, 501, 0, ""},
        {"SIZE=1", 555, 0, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rcpt_parameters p;
        struct reply problem = {0};
        bool ok = rcpt_parameters_parse(span_of(cases[i].text), &everything, &p, &problem);
        assert_int_equal(problem.code, cases[i].code);
        assert_int_equal(ok, cases[i].code == 0);
        assert_true(!ok ||
                    (p.notify == cases[i].notify && span_equal(p.orcpt, span_of(cases[i].orcpt))));
    }
}

/* RFC 3461 4: "+" and "=" and what is not between "!" and "~" is written as + and two digits. */
static void xtext_goes_both_ways(void **state)
{
    struct buffer all = BUFFER_EMPTY, coded = BUFFER_EMPTY, back = BUFFER_EMPTY;
    xtext_encode(&coded, SPAN("a+b=c \t\x7f\xc3\xbc~!"));
    assert_string_equal(buffer_text(&coded), "a+2Bb+3Dc+20+09+7F+C3+BC~!");
    buffer_clear(&coded);
    for (int i = 0; i < 256; i++)
        buffer_add_char(&all, (char)i);
    xtext_encode(&coded, buffer_span(&all));
    for (size_t i = 0; i < coded.len; i++)
        assert_true(coded.at[i] > ' ' && coded.at[i] <= '~' && coded.at[i] != '=');
    assert_true(xtext_decode(&back, buffer_span(&coded)));
    assert_true(span_equal(buffer_span(&back), buffer_span(&all)));
    buffer_clear(&back);
    assert_true(xtext_decode(&back, SPAN("")));
    assert_int_equal(back.len, 0);
    static const char *const bad[] = {"+", "+4", "a+", "+4G", "+2b", "++41"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(xtext_decode(&back, span_of(bad[i])));
    buffer_free(&all);
    buffer_free(&coded);
    buffer_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_parameters_are_read),
        cmocka_unit_test(a_deadline_is_read),
        cmocka_unit_test(mail_parameters_are_checked),
        cmocka_unit_test(times_are_counted_from_now),
        cmocka_unit_test(a_priority_is_lowered_to_what_is_allowed),
        cmocka_unit_test(what_was_not_offered_is_unknown),
        cmocka_unit_test(rcpt_parameters_are_read_and_checked),
        cmocka_unit_test(xtext_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
