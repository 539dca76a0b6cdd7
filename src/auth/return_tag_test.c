/* There and back. Two were made by another program, by what return_tag.h says (Python's hmac, with
 * the secret "tops3cr3t", on day 20819). */
#include "base/test.h"

#include "auth/return_tag.h"
#include "mail/address.h"

#include <string.h>

enum { DAY = 86400, TODAY = 20819 /* 1 January 2027 */ };
static const struct span secrets[] = {SPAN("tops3cr3t"), SPAN("before")};
static const struct signing_secrets ours = {secrets, 2};
static const struct span queue_id = SPAN("1k18vnm3nvg");
#define MADE "alice+1k18vnm3nvg-ymak-ze6wjnvc07kdj@example.org"
#define STEADY "alice+spjfxkwjsv6-ymak-5ccfqpa9d97br@example.org"

static enum return_tag_answer check(const char *address, int64_t days, struct return_tag *t,
                                    struct arena *a)
{
    return return_tag_check(&ours, span_of(address), (TODAY + days) * DAY + 5, t, a);
}

static void as_another_program_has_it(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct return_tag t;
    struct span made, alice = SPAN("alice@example.org");
    assert_true(return_tag_make(&ours, alice, queue_id, TODAY, &made, &a));
    assert_string_equal(arena_text(&a, made), MADE);
    struct span token = return_tag_token(&ours, alice, SPAN("example.net"), TODAY, &a);
    assert_true(return_tag_make(&ours, alice, token, TODAY, &made, &a));
    assert_string_equal(arena_text(&a, made), STEADY);
    assert_int_equal(check(MADE, 3, &t, &a), RETURN_TAG_TRUE);
    assert_true(!t.is_steady && span_equal(t.id, queue_id) && span_equal(t.sender, alice));
    assert_int_equal(t.day, TODAY);
    assert_false(return_tag_is_for(&ours, &t, SPAN("example.net")));
    assert_int_equal(check(STEADY, 3, &t, &a), RETURN_TAG_TRUE);
    assert_true(t.is_steady && span_equal(t.sender, alice));
    assert_true(return_tag_is_for(&ours, &t, SPAN("Example.NET")));
    assert_false(return_tag_is_for(&ours, &t, SPAN("example.com")));
    arena_clear(&a);
}

static void who_gets_a_tag(void **state)
{
    static const struct {
        const char *sender;
        bool gets;
    } cases[] = {
        {"alice@example.org", true},
        {"Alice.Smith@Example.org", true},
        {"alice+shop@example.org", true},
        {"a", false},
        {"", false},
        {"postmaster@example.org", true},
        {"a23456789012345678901234567890123@example.org", true}, /* 64 octets with the tag */
        {"a234567890123456789012345678901234@example.org", false},
        {"\"a b\"@example.org", false},
        {"alice@[192.0.2.1]", false},
        {"b\xC3\xBCrger@example.org", false},
        {"SRS0=abcd=EF=example.net=alice@example.org", false},
        {"prvs=4012abcdef=alice@example.org", false},
        {"list+bob=example.net@example.org", false},
        {"list-bounces@example.org", false},
        {"news-20270101@example.org", false},
        {"a+1k18vnm3nvg-ymak-ze6wjnvc07kdj@example.org", false}, /* it has one */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span made = SPAN_NONE;
        struct return_tag t;
        bool gets = return_tag_make(&ours, span_of(cases[i].sender), queue_id, TODAY, &made, &a);
        if (gets != cases[i].gets)
            fail_msg("%s: %.*s", cases[i].sender, SPAN_F(made));
        if (gets) {
            assert_true(address_local(made).len <= 64);
            assert_int_equal(return_tag_check(&ours, made, TODAY * DAY, &t, &a), RETURN_TAG_TRUE);
            assert_true(span_equal(t.sender, span_of(cases[i].sender)));
        }
        arena_clear(&a);
    }
}

static void without_a_secret_there_is_none(void **state)
{
    static const struct signing_secrets none = {NULL, 0};
    struct arena a = ARENA_EMPTY;
    struct span made;
    struct return_tag t;
    assert_false(return_tag_make(&none, SPAN("alice@example.org"), queue_id, TODAY, &made, &a));
    assert_int_equal(return_tag_check(&none, SPAN(MADE), TODAY * DAY, &t, &a),
                     RETURN_TAG_OTHER_SECRET);
    arena_clear(&a);
}

static void what_comes_back_is_checked(void **state)
{
    static const struct {
        const char *change, *to; /* in MADE */
        int64_t days;
        enum return_tag_answer answer;
    } cases[] = {
        {"", "", 0, RETURN_TAG_TRUE},
        {"", "", 28, RETURN_TAG_TRUE},
        {"", "", 29, RETURN_TAG_TOO_OLD},
        {"", "", -1, RETURN_TAG_TRUE},
        {"", "", -2, RETURN_TAG_TOO_OLD},
        {"", "", 32768, RETURN_TAG_TRUE}, /* the days come again in 89 years */
        {"alice", "ALICE", 0, RETURN_TAG_TRUE},
        {"example.org", "EXAMPLE.ORG", 0, RETURN_TAG_TRUE},
        {"1k18vnm3nvg-ymak-ze6wjnvc07kdj", "1K18VNM3NVG-YMAK-ZE6WJNVC07KDJ", 0, RETURN_TAG_TRUE},
        {"alice", "carol", 0, RETURN_TAG_FORGED},
        {"alice", "alic", 0, RETURN_TAG_FORGED},
        {"example.org", "example.net", 0, RETURN_TAG_FORGED},
        {"1k18vnm3nvg", "1k18vnm3nvh", 0, RETURN_TAG_FORGED},
        {"ymak", "ymam", 0, RETURN_TAG_FORGED},
        {"07kdj", "07kdk", 0, RETURN_TAG_FORGED},
        {"ze6wj", "ye6wj", 0, RETURN_TAG_FORGED},
        {"ymak", "7mak", 0, RETURN_TAG_FORGED}, /* the letter of the other secret */
        {"ymak", "dmak", 0, RETURN_TAG_OTHER_SECRET},
        {"alice+", "+", 0, RETURN_TAG_NONE},
        {"alice+", "alice", 0, RETURN_TAG_NONE},
        {"alice+", "alice-", 0, RETURN_TAG_NONE},
        {"07kdj", "07kd", 0, RETURN_TAG_NONE},
        {"07kdj", "07kdjj", 0, RETURN_TAG_NONE},
        {"07kdj", "07kdu", 0, RETURN_TAG_NONE}, /* no letter of ours */
        {"-ymak-", "-yma-k", 0, RETURN_TAG_NONE},
        {"-ymak-", "+ymak-", 0, RETURN_TAG_NONE},
        {"@example.org", "", 0, RETURN_TAG_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct return_tag t;
        const char *at = strstr(MADE, cases[i].change);
        assert_non_null(at);
        struct span changed = arena_printf(&a, "%.*s%s%s", (int)(strlen(MADE) - strlen(at)), MADE,
                                           cases[i].to, at + strlen(cases[i].change));
        enum return_tag_answer answer = check(arena_text(&a, changed), cases[i].days, &t, &a);
        if (answer != cases[i].answer)
            fail_msg("case %zu: %.*s: %d", i, SPAN_F(changed), (int)answer);
        arena_clear(&a);
    }
}

static void old_secrets_are_good_for_checking(void **state)
{
    const struct signing_secrets before = {&secrets[1], 1}, after = {secrets, 1};
    struct arena a = ARENA_EMPTY;
    struct return_tag t;
    struct span made, alice = SPAN("alice@example.org");
    struct span token = return_tag_token(&before, alice, SPAN("example.net"), TODAY, &a);
    assert_true(return_tag_make(&before, alice, token, TODAY, &made, &a));
    assert_int_equal(return_tag_check(&ours, made, TODAY * DAY, &t, &a), RETURN_TAG_TRUE);
    assert_true(return_tag_is_for(&ours, &t, SPAN("example.net")));
    assert_int_equal(return_tag_check(&after, made, TODAY * DAY, &t, &a), RETURN_TAG_OTHER_SECRET);
    arena_clear(&a);
}

/* A server that greylists wants the same sender again. */
static void a_message_keeps_its_tag_for_a_week(void **state)
{
    static const struct {
        int64_t accepted_s, now_s, day;
    } cases[] = {
        {TODAY * DAY, TODAY * DAY, TODAY},
        {TODAY * DAY + DAY - 1, TODAY * DAY + DAY, TODAY},
        {TODAY * DAY + 5, (TODAY + 7) * DAY + 4, TODAY},
        {TODAY * DAY + 5, (TODAY + 7) * DAY + 5, TODAY + 7},
        {TODAY * DAY, (TODAY + 365) * DAY, TODAY + 364}, /* it was held */
        {TODAY * DAY, (TODAY - 1) * DAY, TODAY},         /* the clock was set back */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(return_tag_day(cases[i].accepted_s, cases[i].now_s), cases[i].day);
        assert_true(return_tag_day_is_of(cases[i].day, cases[i].accepted_s));
        assert_false(return_tag_day_is_of(cases[i].day + 1, cases[i].accepted_s));
        assert_false(return_tag_day_is_of(cases[i].day - 1, cases[i].accepted_s));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_another_program_has_it),
        cmocka_unit_test(who_gets_a_tag),
        cmocka_unit_test(without_a_secret_there_is_none),
        cmocka_unit_test(what_comes_back_is_checked),
        cmocka_unit_test(old_secrets_are_good_for_checking),
        cmocka_unit_test(a_message_keeps_its_tag_for_a_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
