#include "bounce/guard_reasons.h"

#include "base/test.h"
#include "bounce/trial_own_texts.h"

#include <string.h>

static void each_signal_has_a_name_and_a_sentence_in_each_language(void **state)
{
    for (int s = 0; s < SIGNAL_COUNT; s++) {
        struct guard_reason r = {
            .signal = (enum guard_signal)s, .count = 12, .limit = 10, .of = 60};
        struct buffer english = BUFFER_EMPTY;
        enum guard_signal again;
        reason_add(&english, NULL, &r);
        assert_true(english.len > 20 && english.at[english.len - 1] == '.');
        assert_true(signal_parse(span_of(signal_name(r.signal)), &again) && again == r.signal);
        for (size_t i = 1; language_at(i); i++) {
            struct buffer other = BUFFER_EMPTY;
            reason_add(&other, language_at(i), &r);
            assert_string_not_equal(buffer_text(&other), buffer_text(&english));
            assert_null(strchr(buffer_text(&other), '%'));
            assert_int_equal(strstr(buffer_text(&english), "12") != NULL,
                             strstr(buffer_text(&other), "12") != NULL);
            buffer_free(&other);
        }
        buffer_free(&english);
    }
    enum guard_signal none;
    assert_false(signal_parse(SPAN("nothing"), &none));
}

static void an_operator_can_replace_each_sentence(void **state)
{
    struct own_texts *own = trial_own_texts();
    for (int s = 0; s < SIGNAL_COUNT; s++) {
        const struct guard_reason r = {
            .signal = (enum guard_signal)s, .count = 12, .limit = 10, .of = 60};
        struct buffer text = BUFFER_EMPTY;
        struct span at;
        reason_add(&text, trial_own_language(own), &r);
        if (!text.len || !trial_is_own(buffer_span(&text), &at))
            fail_msg("%s: %s", signal_name(r.signal), buffer_text(&text));
        buffer_free(&text);
    }
    own_texts_unref(&own);
}

static void sentences_have_their_numbers(void **state)
{
    static const struct {
        const char *language;
        struct guard_reason reason;
        const char *sentence;
    } table[] = {
        {"en",
         {SIGNAL_NEW_HOUR, 41, 40, 0},
         "Within an hour, this account wrote to 41 recipients to whom it had never written. Up to "
         "40 would not stand out."},
        {"en",
         {SIGNAL_FAILURE_RULE, 10, 9, 60},
         "Of the 60 new recipients of the last 24 hours, 10 do not exist. It is so with lists of "
         "guessed or old addresses. Up to 9 would not stand out."},
        {"en", {SIGNAL_REPORTED, 1, 0, 0}, "Within a day, 1 recipient complained."},
        {"en",
         {SIGNAL_CHANGED, 3, 0, 0},
         "Within the last day, the forwarding or the filters of this account were changed, and "
         "then it wrote to many."},
        {"de",
         {SIGNAL_REFUSED, 4, 3, 0},
         "Innerhalb eines Tages haben andere Server 4 Nachrichten für Spam gehalten. Bis zu 3 "
         "würden nicht auffallen."},
        {"ru",
         {SIGNAL_TEXT, 22, 12, 0},
         "Почти один и тот же текст отправлен 22 раза. Если не больше 12, это не привлекло бы "
         "внимания."},
        {"zh", {SIGNAL_LINK, 13, 12, 0}, "同一个新链接被发送了 13 次。不超过 12 则不会引起注意。"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buffer text = BUFFER_EMPTY;
        reason_add(&text, language_find(span_of(table[i].language)), &table[i].reason);
        assert_string_equal(buffer_text(&text), table[i].sentence);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signal_has_a_name_and_a_sentence_in_each_language),
        cmocka_unit_test(an_operator_can_replace_each_sentence),
        cmocka_unit_test(sentences_have_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
