#include "base/test.h"

#include "base/answers.h"

static const struct dns_answer *get(const struct answers *a, const char *name, int64_t now)
{
    return answers_get(a, span_of(name), DNS_TXT, now);
}

static void put(struct answers *a, const char *name, enum dns_result result, uint32_t ttl)
{
    struct span records[] = {SPAN("\1x")};
    const struct dns_answer answer = {
        .result = result, .records = records, .count = result == DNS_FOUND, .ttl = ttl};
    answers_put(a, span_of(name), DNS_TXT, &answer, 0);
}

static void an_answer_is_known_as_long_as_it_is_good(void **state)
{
    struct answers a = {0};
    assert_null(get(&a, "a.test", 0));
    put(&a, "A.test", DNS_FOUND, 5);
    put(&a, "no.test", DNS_NO_NAME, 5);
    put(&a, "down.test", DNS_FAILED, 5);
    put(&a, "now.test", DNS_FOUND, 0);
    put(&a, "long.test", DNS_FOUND, 86400);
    assert_true(span_equal(get(&a, "a.TEST", 4999)->records[0], SPAN("\1x")));
    assert_null(get(&a, "a.test", 5000));
    assert_null(answers_get(&a, SPAN("a.test"), DNS_MX, 0));
    assert_int_equal(get(&a, "no.test", 1)->result, DNS_NO_NAME);
    assert_null(get(&a, "down.test", 1));
    assert_null(get(&a, "now.test", 0));
    assert_non_null(get(&a, "long.test", 59999));
    assert_null(get(&a, "long.test", 60000));
    put(&a, "a.test", DNS_NO_RECORD, 9); /* a newer one takes its place */
    assert_int_equal(get(&a, "a.test", 6000)->result, DNS_NO_RECORD);
    answers_free(&a);
}

static void what_was_first_goes_first(void **state)
{
    struct answers a = {0};
    struct buffer name = BUFFER_EMPTY;
    for (int i = 0; i < 3 * ANSWERS_MOST; i++) {
        buffer_clear(&name);
        buffer_printf(&name, "%d.test", i);
        put(&a, buffer_text(&name), DNS_FOUND, 60);
        assert_true(a.younger.map.count + a.older.map.count <= 2 * ANSWERS_MOST);
        assert_true(a.older.arena.total <= ANSWERS_MOST_BYTES + 4096);
    }
    assert_null(get(&a, "0.test", 0));
    assert_non_null(get(&a, buffer_text(&name), 0));
    buffer_free(&name);
    answers_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_known_as_long_as_it_is_good),
        cmocka_unit_test(what_was_first_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
