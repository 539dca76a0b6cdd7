#include "base/test.h"

#include "outcome/wait_asked.h"

static void a_wait_is_found_in_words(void **state)
{
    static const struct {
        const char *words;
        int64_t seconds;
    } cases[] = {
        {"Greylisted, please try again in 300 seconds", 300},
        {"4.7.1 Greylisting in action, please come back in 00:04:30", 270},
        {"try again in 5 minutes.", 300},
        {"Rate limit exceeded; retry after 2 hours", 7200},
        {"please wait 90s before the next message", 90},
        {"come back in 1 minute!", 60},
        {"You must wait at least 20 mins", 1200},
        {"Try again in (10) minutes", 600},
        {"delayed for 1 h", 3600},
        {"wait 1000 hours", 86400},
        {"try again later", 0},
        {"too many messages: 300 in 60", 0},
        {"limit is 300 seconds of talk", 0},
        {"in 0 seconds", 0},
        {"in", 0},
        {"in 99999999999999999999 seconds", 0},
        {"in 1:2:3:4:5", 0},
        {"in :", 0},
        {"in 5 \xff", 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (wait_asked_for(span_of(cases[i].words)) != cases[i].seconds * 1000)
            fail_msg("%s: %lld", cases[i].words,
                     (long long)wait_asked_for(span_of(cases[i].words)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_wait_is_found_in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
