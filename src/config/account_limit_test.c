#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *lines, *printed, *problem;
} cases[] = {
    {"account-limit * message 100 recipients 500/1h 2000/1d",
     "* message 100 recipients 500/1h 2000/1d", ""},
    {"account-limit Alice@Example.ORG recipients 20/1m",
     "alice@example.org message none recipients 20/1m", ""},
    {"account-limit news recipients none message none", "news message none recipients none", ""},
    {"account-limit news message 5", "news message 5 recipients none", ""},
    {"account-limit", "", "for example: account-limit * message 100 recipients 500/1h 2000/1d"},
    {"account-limit *", "", "\"*\" has no limit behind it"},
    {"account-limit message 5", "", "\"message\" is no account"},
    {"account-limit * size 5", "", "\"size\" is no limit; there are message and recipients"},
    {"account-limit * message", "", "\"message\" has no value behind it"},
    {"account-limit * message 0", "", "\"0\" is no number of recipients"},
    {"account-limit * message 5 message 6", "", "\"message\" stands twice"},
    {"account-limit * recipients message 6", "", "\"recipients\" has no value behind it"},
    {"account-limit * recipients 500", "", "a number in a time: 60/1m"},
    {"account-limit * recipients 500/1h none", "", "\"none\" can't stand beside a rate"},
    {"account-limit * recipients 500/1h 400/60m", "", "\"400/60m\" is a second rate"},
    {"account-limit * recipients 5/1m 5/2m 5/3m 5/4m 5/5m", "", "\"5/5m\" is one rate too many"},
    {"account-limit a message 5\naccount-limit A message 6", "",
     "there already is an account-limit for this account"},
};

static void lines_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e = {""};
        struct buffer again = BUFFER_EMPTY;
        if (options_parse(&o, "test.conf", span_of(cases[i].lines), &e)) {
            account_limit_print(&again, &o.sending.limits[o.sending.limit_count - 1]);
            options_free(&o);
        }
        if (strcmp(buffer_text(&again), cases[i].printed) != 0 ||
            !strstr(e.text, cases[i].problem) || !cases[i].problem[0] != !e.text[0])
            fail_msg("%s: %s %s", cases[i].lines, e.text, buffer_text(&again));
        buffer_free(&again);
    }
}

static void an_account_has_its_own_line_or_that_of_all(void **state)
{
    static const struct {
        const char *lines, *account;
        uint64_t message; /* 0: there is no line */
    } rows[] = {
        {"", "alice", 0},
        {"account-limit bob message 5", "alice", 0},
        {"account-limit bob message 5", "BOB", 5},
        {"account-limit * message 7\naccount-limit bob message 5", "alice", 7},
        {"account-limit * message 7\naccount-limit bob message 5", "bob", 5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct options o;
        struct error e = {""};
        assert_true(options_parse(&o, "test.conf", span_of(rows[i].lines), &e));
        const struct account_limit *l =
            account_limit_for(o.sending.limits, o.sending.limit_count, span_of(rows[i].account));
        if ((l ? l->message : 0) != rows[i].message)
            fail_msg("%s: %s", rows[i].lines, rows[i].account);
        options_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(an_account_has_its_own_line_or_that_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
