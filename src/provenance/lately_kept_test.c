/* What is kept of what was sent lately. */
#include "base/test.h"

#include "provenance/lately_kept.h"

static struct lately_kept kept;

static int end(void **state)
{
    (void)state;
    lately_kept_free(&kept);
    return 0;
}

static void note(uint64_t id, const char *subject, const char *to, bool is_plain)
{
    lately_kept_note(&kept, id, &(struct lately_sent){span_of(subject), span_of(to), is_plain});
}

static bool see(void *of, const struct lately_sent *s)
{
    buffer_printf(of, "%.*s%.*s%s ", SPAN_F(s->subject), SPAN_F(s->to), s->is_plain ? "plain" : "");
    return !span_equal(s->to, SPAN("enough"));
}

static void each_word_is_told_of_until_its_latest_message_is_too_old(void **state)
{
    (void)state;
    static const struct {
        uint64_t since;
        const char *told;
    } cases[] = {
        {1, "plain ann two bob one "},
        {2, "plain ann two bob "},
        {3, "plain ann bob "},
        {4, "ann bob "},
        {5, "bob "},
        {6, ""},
    };
    note(1, "one", "bob", false);
    note(5, "", "bob", false);
    note(2, "two", "ann", true);
    note(3, "", "bob", true);
    note(4, "", "ann", false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        assert_true(lately_kept_see(&kept, cases[i].since, see, &out));
        if (!span_equal(buffer_span(&out), span_of(cases[i].told)))
            fail_msg("since %u: %s", (unsigned)cases[i].since, buffer_text(&out));
        buffer_free(&out);
    }
}

static void enough_is_enough(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    note(1, "one", "bob", false);
    note(2, "two", "enough", false);
    assert_false(lately_kept_see(&kept, 1, see, &out));
    assert_string_equal(buffer_text(&out), "enough ");
    buffer_free(&out);
}

static void messages_are_known_in_whatever_order_they_came(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    assert_int_equal(lately_kept_rows(&kept, 1), 0);
    for (uint64_t i = 0; i < MANY; i++)
        lately_kept_add(&kept, i * 7 % MANY * 2 + 1, 3);
    lately_kept_add(&kept, 1, 4); /* twice changes nothing */
    assert_int_equal(kept.count, MANY);
    for (uint64_t id = 1; id < 2 * MANY; id++)
        assert_int_equal(lately_kept_rows(&kept, id), id % 2 ? 3 : 0);
    assert_int_equal(lately_kept_rows(&kept, 2 * MANY), 0);
}

static void the_same_again_takes_no_memory(void **state)
{
    (void)state;
    assert_int_equal(lately_kept_bytes(&kept), 0);
    note(1, "one", "bob", false);
    lately_kept_add(&kept, 1, 1);
    size_t bytes = lately_kept_bytes(&kept);
    assert_true(bytes > 0);
    for (uint64_t id = 2; id < 10; id++)
        note(id, "one", "bob", true);
    assert_int_equal(lately_kept_bytes(&kept), bytes);
    note(1, "two", "bob", false);
    assert_true(lately_kept_bytes(&kept) > bytes);
    lately_kept_free(&kept);
    assert_int_equal(lately_kept_bytes(&kept), 0);
}

#define KEPT_TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEPT_TEST(each_word_is_told_of_until_its_latest_message_is_too_old),
        KEPT_TEST(enough_is_enough),
        KEPT_TEST(messages_are_known_in_whatever_order_they_came),
        KEPT_TEST(the_same_again_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
