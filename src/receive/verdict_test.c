#include "base/test.h"

#include "outcome/wait_asked.h"
#include "receive/verdict.h"

#include <string.h>

/* What we tell a client that is too fast; a server of our own kind understands it. */
static void who_is_too_fast_is_told_when_to_come_back(void **state)
{
    static const struct {
        struct client_refusal why;
        int code;
        const char *words;
        int64_t wait_ms; /* as our own client reads it */
    } cases[] = {
        {{.is_rate = true, .event = CLIENT_CONNECTION, .rate = {60, 60000}, .wait_ms = 1},
         421,
         "4.7.0 Too many connections from 192.0.2.1; at most 60 a minute are taken. Please try "
         "again in 1 second",
         1000},
        {{.is_rate = true, .event = CLIENT_MESSAGE, .rate = {100, 3600000}, .wait_ms = 35001},
         450,
         "4.7.1 Too many messages from 192.0.2.1; at most 100 an hour are taken. Please try again "
         "in 36 seconds",
         36000},
        {{.is_rate = true, .event = CLIENT_RECIPIENT, .rate = {5, 90000}, .wait_ms = 121000},
         450,
         "4.7.1 Too many recipients from 192.0.2.1; at most 5 each 90 seconds are taken. Please "
         "try again in 3 minutes",
         180000},
        {{.is_rate = true,
          .is_network = true,
          .event = CLIENT_MESSAGE,
          .rate = {1, 86400000},
          .wait_ms = 86400000},
         450,
         "4.7.1 Too many messages from the network 192.0.2.1; at most 1 a day are taken. Please "
         "try again in 24 hours",
         86400000},
        {{.is_rate = true, .event = CLIENT_MESSAGE, .rate = {1, 7200000}, .wait_ms = 120000},
         450,
         "4.7.1 Too many messages from 192.0.2.1; at most 1 each 2 hours are taken. Please try "
         "again in 120 seconds",
         120000},
        {{.sessions = 20},
         421,
         "4.7.0 Too many connections from 192.0.2.1 at a time; at most 20 are taken. Please try "
         "again in a few minutes",
         0},
        {{.sessions = 20, .is_network = true},
         421,
         "4.7.0 Too many connections from the network 192.0.2.1 at a time; at most 20 are taken. "
         "Please try again in a few minutes",
         0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer text = BUFFER_EMPTY;
        struct reply r = verdict_limit(&cases[i].why, SPAN("192.0.2.1"), &a);
        status_add(&text, r.status);
        buffer_printf(&text, " %.*s", SPAN_F(r.text));
        assert_int_equal(r.code, cases[i].code);
        assert_string_equal(buffer_text(&text), cases[i].words);
        assert_int_equal(wait_asked_for(r.text), cases[i].wait_ms);
        buffer_free(&text);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_too_fast_is_told_when_to_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
