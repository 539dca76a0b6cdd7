#include "base/test.h"

#include "queue/lanes.h"

#include <string.h>

/* Each id is the letter of its class. */
static void fill(struct lanes *l, const char *ids)
{
    for (const char *c = ids; *c; c++)
        lanes_add(l,
                  *c == 'u'   ? LANE_URGENT
                  : *c == 'n' ? LANE_NORMAL
                              : LANE_LOW,
                  SPAN("a@example.org"), (uint64_t)*c);
}

static void expect_order(struct lanes *l, const char *order)
{
    char got[64] = "";
    uint64_t id;
    for (size_t n = 0; lanes_take(l, &id); n++)
        got[n] = (char)id;
    assert_string_equal(got, order);
    assert_int_equal(l->count, 0);
}

static void classes_take_turns_and_none_starves(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"nnn", "nnn"},
        {"lllnnnuuu", "unulunnll"},
        {"llu", "ull"},
        {"lluuuuuuuuuuuu", "uuuluuuuuuluuu"},
        {"nnuuuuuuuu", "unuuunuuuu"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lanes l = {0};
        fill(&l, cases[i].in);
        expect_order(&l, cases[i].out);
    }
}

static void senders_take_turns_within_a_class(void **state)
{
    struct lanes l = {0}, more = {0};
    uint64_t id, last = 0;
    for (uint64_t i = 1; i <= 50; i++)
        lanes_add(&l, LANE_NORMAL, SPAN("much@example.org"), i);
    lanes_add(&more, LANE_NORMAL, SPAN("a@example.org"), 100);
    lanes_add_all(&l, &more);
    assert_int_equal(l.count, 51);
    for (size_t i = 0; i < 2 && last != 100; i++) {
        assert_true(lanes_take(&l, &id));
        last = id;
    }
    assert_int_equal(last, 100);
    lanes_free(&l);
}

static void priorities_have_classes(void **state)
{
    assert_int_equal(lane_class_of(9), LANE_URGENT);
    assert_int_equal(lane_class_of(1), LANE_URGENT);
    assert_int_equal(lane_class_of(0), LANE_NORMAL);
    assert_int_equal(lane_class_of(-1), LANE_LOW);
    assert_int_equal(lane_class_of(-9), LANE_LOW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_take_turns_and_none_starves),
        cmocka_unit_test(senders_take_turns_within_a_class),
        cmocka_unit_test(priorities_have_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
