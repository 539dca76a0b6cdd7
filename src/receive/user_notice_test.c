#include "base/test.h"

#include "receive/user_notice.h"

static void addresses_that_all_see_are_counted(void **state)
{
    static const struct {
        const char *message;
        size_t count;
    } table[] = {
        {"", 0},
        {"Subject: x\r\n\r\nTo: a@x.test, b@x.test\r\n", 0},
        {"To: a@x.test, \"b, c\" <b@x.test>\r\nCC: team: d@x.test,\r\n e@x.test;\r\n\r\n", 4},
        {"To: undisclosed-recipients:;\r\nBcc: a@x.test, b@x.test\r\n\r\n", 0},
        {"To: a@x.test\r\nTo: b@x.test, c@x.test, d@x.test, e@x.test\r\n\r\n", 4}, /* no more */
    };
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (visible_recipients(span_of(table[i].message), 4) != table[i].count)
            fail_msg("%s: %zu", table[i].message, visible_recipients(span_of(table[i].message), 4));
}

static void a_notice_is_made_when_there_is_something_to_tell(void **state)
{
    static const struct link_finding held = {.fault = LINK_IS_LISTED,
                                             .link = SPAN("https://bad.example/"),
                                             .host = SPAN("bad.example"),
                                             .other = SPAN("other.example"),
                                             .list = SPAN("dbl.example"),
                                             .why = SPAN("why"),
                                             .see = SPAN("")};
    static const struct span message = SPAN("To: a@x.test, b@x.test\r\n\r\nbody\r\n");
    static const struct {
        const char *sender;
        uint64_t warn_from;
        const struct link_finding *held;
        bool is_made;
    } table[] = {
        {"alice@x.test", 0, NULL, false}, {"alice@x.test", 3, NULL, false},
        {"alice@x.test", 2, NULL, true},  {"", 2, NULL, false},
        {"alice@x.test", 0, &held, true}, {"", 0, &held, false},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const struct options o = {.sending.warn_visible_recipients = table[i].warn_from};
        const struct envelope e = {
            .id = 7, .reverse_path = span_of(table[i].sender), .subject = SPAN("hello")};
        struct user_notice *n = user_notice_new(&o, SPAN("alice"), &e, message, table[i].held);
        assert_int_equal(n != NULL, table[i].is_made);
        if (n && table[i].held) {
            assert_int_equal(n->letter.kind, LETTER_HELD_LINK);
            assert_int_equal(n->letter.why, LETTER_LINK_LISTED);
            assert_true(span_equal(n->letter.link, SPAN("hxxps://bad[.]example/")));
            assert_true(span_equal(n->letter.other, SPAN("dbl.example")));
        } else if (n) {
            assert_int_equal(n->letter.kind, LETTER_SHOWN_ADDRESSES);
            assert_int_equal(n->letter.addresses, 2);
            assert_true(span_equal(n->header, SPAN("To: a@x.test, b@x.test\r\n")));
        }
        user_notice_free(&n);
        assert_null(n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_all_see_are_counted),
        cmocka_unit_test(a_notice_is_made_when_there_is_something_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
