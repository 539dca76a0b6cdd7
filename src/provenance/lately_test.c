/* Is a notice about something that was sent lately? */
#include "base/test.h"

#include "provenance/lately.h"

#include <stdio.h>

enum { DAY = 86400 };

static const struct span me[] = {SPAN("ann@home.test"), SPAN("sales@home.test")};

/* What ann has sent: a message to bob, at that subject. */
struct record {
    const char *subject, *to;
    bool is_plain, is_short;
    int64_t since_ms;
    size_t asked;
};

static bool look(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of)
{
    struct record *r = arg;
    struct arena a = ARENA_EMPTY;
    const struct lately_sent sent = {lately_subject(span_of(r->subject), &a),
                                     lately_address(span_of(r->to), &a), r->is_plain};
    r->asked++;
    r->since_ms = since_ms;
    bool goes_on = !span_equal(sender, me[0]) || see(of, &sent);
    arena_clear(&a);
    return goes_on && !r->is_short;
}

static bool is_none(struct record *r, const struct notice *n, bool minds_plain)
{
    const struct lately_record record = {look, r};
    const struct evidence e = {.me = me, .me_count = 2};
    return lately_is_none(&record,
                          &(struct lately_question){n, &e, INT64_C(100) * DAY * 1000, minds_plain});
}

static void what_may_be_it_is_taken_for_it(void **state)
{
    (void)state;
#define LONG_WORDS "The minutes of our meeting on Monday about the new roof of the"
    static const struct {
        const char *sent, *to; /* with this subject, to bob@b.test if nobody is named */
        const char *subject, *named, *returned_to, *cc, *quoting;
        bool is_like;
    } cases[] = {
        {"Lunch?", NULL, "Lunch?", NULL, NULL, NULL, NULL, true},
        {"Lunch?", NULL, " LUNCH? ", NULL, NULL, NULL, NULL, true},
        {"Lunch?", NULL, "[EXTERN] Lunch?", NULL, NULL, NULL, NULL, true},
        {"Lunch on Monday", NULL, "Lunch on Mo", NULL, NULL, NULL, NULL, true},
        {LONG_WORDS " old barn", NULL, LONG_WORDS, NULL, NULL, NULL, NULL, true},
        {"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", NULL,
         "Gr\xc3\xbc\xc3\x9f"
         "e",
         NULL, NULL, NULL, NULL, true},
        {"Minutes of  Monday", NULL, "Minutes\tof Monday", NULL, NULL, NULL, NULL, true},
        {"=?utf-8?q?" LONG_WORDS, NULL, "Lunch", NULL, NULL, NULL, NULL, true},
        {"hi", NULL, "hi", NULL, NULL, NULL, NULL, true},
        {"hi", NULL, "White watches", NULL, NULL, NULL, NULL, false},
        {"Lunch?", NULL, "a", NULL, NULL, NULL, NULL, false},
        {"", NULL, "Cheap watches", NULL, NULL, NULL, NULL, false},
        {"Lunch?", NULL, "", NULL, NULL, NULL, NULL, false},
        {"Lunch?", NULL, "Cheap watches", NULL, NULL, NULL, NULL, false},
        {"Lunch?", NULL, "Cheap watches", "eve@c.test", "eve@c.test", NULL, NULL, false},
        {"Lunch?", NULL, "Cheap watches", "Bob@B.test", NULL, NULL, NULL, true},
        {"Lunch?", NULL, "Cheap watches", "eve@c.test", "Bob <BOB@b.test>", NULL, NULL, true},
        {"Lunch?", NULL, "Cheap watches", "eve@c.test", "x@c.test, bob@b.test", NULL, NULL, true},
        {"Lunch?", NULL, "Cheap watches", "eve@c.test", NULL, "bob@b.test", NULL, true},
        {"Lunch on Monday", NULL, "", "eve@c.test", NULL, NULL, "Undeliverable: lunch on monday",
         true},
        {"Lunch?", NULL, "", "eve@c.test", NULL, NULL, "Launch? Lunch? Undelivered", false},
        {"Lunch?", "Eve@c.test", "Cheap watches", "eve@C.test", NULL, NULL, NULL, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct record r = {cases[i].sent, cases[i].to ? cases[i].to : "bob@b.test"};
        struct notice_recipient named = {.original = span_of(cases[i].named)};
        char header[100];
        snprintf(header, sizeof header, "Cc: %s\r\n", cases[i].cc ? cases[i].cc : "");
        const struct notice n = {.subject = span_of(cases[i].quoting),
                                 .recipients = &named,
                                 .recipient_count = cases[i].named != NULL,
                                 .original = {.subject = span_of(cases[i].subject),
                                              .to = span_of(cases[i].returned_to),
                                              .header = span_of(header)}};
        if (is_none(&r, &n, true) == cases[i].is_like)
            fail_msg("case %zu: %s", i, cases[i].subject);
    }
}

static void what_it_looks_through(void **state)
{
    (void)state;
    enum { MANY = 51 };
    static struct notice_recipient many[MANY];
    struct notice n = {0};
    struct record r = {.subject = "Lunch?", .to = "bob@b.test"};
    assert_true(is_none(&r, &n, true));
    assert_int_equal(r.asked, 2); /* in the name of sales, too */
    assert_int_equal(r.since_ms, INT64_C(72) * DAY * 1000);
    r.is_plain = true;
    assert_true(is_none(&r, &n, false));
    assert_false(is_none(&r, &n, true));
    assert_int_equal(r.asked, 5); /* enough was seen */

    r = (struct record){.is_short = true};
    assert_false(is_none(&r, &n, false));
    r = (struct record){0};
    n.further_count = 1;
    assert_false(is_none(&r, &n, false));
    n = (struct notice){.recipients = many, .recipient_count = MANY};
    assert_false(is_none(&r, &n, false));
    n.recipient_count--;
    assert_true(is_none(&r, &n, false));
    const struct lately_record record = {look, &r};
    const struct evidence nobody = {0};
    assert_false(lately_is_none(&record, &(struct lately_question){&n, &nobody, 0, false}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_be_it_is_taken_for_it),
        cmocka_unit_test(what_it_looks_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
