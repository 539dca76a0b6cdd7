#include "outcome/report_to.h"

#include "base/test.h"

#include <string.h>

static void a_failure_that_nobody_hears_of_has_a_reason(void **state)
{
    static const struct {
        enum origin origin;
        const char *from, *owner;
        unsigned notify;
        const char *why; /* part of it */
    } cases[] = {
        {ORIGIN_SMTP, "", "", 0, "null"},
        {ORIGIN_FORWARD, "", "", 0, "null"},
        {ORIGIN_SMTP, "", "", NOTIFY_FAILURE, "null"},
        {ORIGIN_SMTP, "", "owner@example.org", 0, NULL},
        {ORIGIN_SMTP, "s@example.org", "", 0, NULL},
        {ORIGIN_SMTP, "s@example.org", "", NOTIFY_FAILURE | NOTIFY_DELAY, NULL},
        {ORIGIN_SMTP, "s@example.org", "", NOTIFY_NEVER, "asked not to be told"},
        {ORIGIN_SMTP, "s@example.org", "", NOTIFY_SUCCESS, "asked not to be told"},
        {ORIGIN_NOTIFICATION, "", "", 0, "does not tell postmaster"},
        {ORIGIN_TO_POSTMASTER, "", "", 0, "never reported"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recipient to = {.address = SPAN("bob@example.net"),
                               .parameters = {.notify = cases[i].notify},
                               .reverse_path = span_of(cases[i].owner)};
        const struct envelope e = {.origin = cases[i].origin,
                                   .reverse_path = span_of(cases[i].from),
                                   .recipients = &to,
                                   .recipient_count = 1};
        const char *why = report_why_nobody(&e, 0);
        if (cases[i].why)
            assert_non_null(strstr(why, cases[i].why));
        else
            assert_string_equal(why, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_that_nobody_hears_of_has_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
