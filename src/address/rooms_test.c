#include "base/test.h"

#include "address/rooms.h"

#define ALICE SPAN("alice@example.org")
#define BOB SPAN("bob@example.org")
enum { AGE = ROOM_KNOWN_MS };

static void what_is_told_is_known(void **state)
{
    struct rooms r = {0};
    assert_true(rooms_find(&r, ALICE, 1000) == ROOM_AMPLE);
    rooms_note(&r, ALICE, 70, 1000);
    rooms_note(&r, BOB, 0, 1000);
    assert_int_equal(rooms_find(&r, ALICE, 1001), 70);
    assert_int_equal(rooms_find(&r, BOB, 1001), 0);
    rooms_note(&r, ALICE, 50, 1002);
    assert_int_equal(rooms_find(&r, ALICE, 1003), 50);
    rooms_note(&r, ALICE, ROOM_AMPLE, 1004);
    assert_true(rooms_find(&r, ALICE, 1005) == ROOM_AMPLE);
    assert_int_equal(rooms_find(&r, BOB, 1005), 0);
    rooms_forget(&r);
    assert_true(rooms_find(&r, BOB, 1006) == ROOM_AMPLE);
    rooms_note(&r, BOB, 3, 1007);
    rooms_forget(&r);
}

static void what_is_old_is_forgotten(void **state)
{
    struct rooms r = {0};
    int64_t t = 1000000;
    rooms_note(&r, ALICE, 70, t);
    assert_int_equal(rooms_find(&r, ALICE, t + AGE), 70);
    assert_int_equal(rooms_find(&r, ALICE, t + 2 * AGE - 1), 70);
    assert_true(rooms_find(&r, ALICE, t + 2 * AGE) == ROOM_AMPLE);
    rooms_note(&r, BOB, 5, t + AGE); /* alice's is old now */
    assert_int_equal(rooms_find(&r, ALICE, t + AGE + 1), 70);
    rooms_note(&r, ALICE, ROOM_AMPLE, t + AGE + 2); /* the old one goes too */
    assert_true(rooms_find(&r, ALICE, t + AGE + 3) == ROOM_AMPLE);
    rooms_note(&r, ALICE, 1, t + 3 * AGE); /* all before was too old */
    assert_true(rooms_find(&r, BOB, t + 3 * AGE) == ROOM_AMPLE);
    rooms_note(&r, BOB, 2, t + 4 * AGE);
    rooms_note(&r, BOB, 3, t + 5 * AGE);
    assert_true(rooms_find(&r, ALICE, t + 5 * AGE) == ROOM_AMPLE);
    assert_int_equal(rooms_find(&r, BOB, t + 5 * AGE), 3);
    rooms_forget(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_is_known),
        cmocka_unit_test(what_is_old_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
