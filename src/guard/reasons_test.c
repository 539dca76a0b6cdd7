#include "guard/reasons.h"

#include "base/test.h"

static void each_signal_has_a_sentence_and_a_name(void **state)
{
    for (int s = 0; s < SIGNAL_COUNT; s++) {
        struct buffer text = BUFFER_EMPTY;
        struct guard_reason r = {.signal = (enum guard_signal)s, .count = 12, .limit = 10};
        enum guard_signal again;
        reason_add(&text, &r);
        assert_true(text.len > 20 && text.at[text.len - 1] == '.');
        assert_true(signal_parse(span_of(signal_name(r.signal)), &again) && again == r.signal);
        buffer_free(&text);
    }
    enum guard_signal none;
    assert_false(signal_parse(SPAN("nothing"), &none));
}

static void sentences_have_their_numbers(void **state)
{
    static const struct {
        struct guard_reason reason;
        const char *sentence;
    } table[] = {
        {{SIGNAL_NEW_HOUR, 41, 40, 0},
         "It wrote to 41 new recipients within an hour, people to whom it had not written before; "
         "up to 40 would not stand out."},
        {{SIGNAL_FAILURE_RULE, 10, 9, 60},
         "10 of the 60 new recipients of the last 24 hours do not exist: so it is with lists of "
         "guessed or old addresses; up to 9 would not stand out."},
        {{SIGNAL_REPORTED, 1, 0, 0},
         "1 recipient complained within a day; up to 0 would not stand "
         "out."},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buffer text = BUFFER_EMPTY;
        reason_add(&text, &table[i].reason);
        assert_string_equal(buffer_text(&text), table[i].sentence);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signal_has_a_sentence_and_a_name),
        cmocka_unit_test(sentences_have_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
