#include "guard/print.h"

#include "base/test.h"

#include <stdio.h>

static unsigned distance(const char *one, const char *other)
{
    uint64_t a = print_text(span_of(one)), b = print_text(span_of(other));
    assert_true(a && b);
    return (unsigned)__builtin_popcountll(a ^ b);
}

#define LETTER(name, more)                                                                         \
    "Dear " name ",\n\nour annual meeting takes place on Friday in the usual room, and we would "  \
    "be glad to see you there again. Please tell us until Wednesday whether you are going to "     \
    "come, and whether you bring somebody, so that there is enough coffee for all of us. Who "     \
    "wants to say something about the new building may do so after the break.\n" more              \
    "\nKind regards\nAlice\n"
static const char letter[] = LETTER("Bob", "");

static void the_same_letter_to_others_has_nearly_the_same_print(void **state)
{
    static const char *const same[] = {
        LETTER("Carol", ""),
        LETTER("Mister Dave Miller", "The room is number 1204.\n"),
        LETTER("Bob", "See https://example.org/x/123\n"),
        LETTER("Bob", "> what you wrote stands here, and it is about something else\n"),
        LETTER("BOB", "\r\n"),
    };
    for (size_t i = 0; i < COUNT_OF(same); i++)
        assert_in_range(distance(letter, same[i]), 0, 10);
    char with_signature[2000];
    snprintf(with_signature, sizeof with_signature,
             "%s-- \nSomething else in each message, as long as it likes to be\n", letter);
    assert_int_equal(distance(letter, with_signature), 0);
}

static void other_letters_have_another_print(void **state)
{
    static const char *const other[] = {
        ("Dear Bob,\n\nthank you for the pictures of your holidays, which we have looked at with "
         "all the children around the table. The one with the boat hangs in the kitchen now.\n"
         "Kind regards\nAlice\n"),
        ("Your invoice of this month is attached. Please pay it until the end of the month, and "
         "write the number of the invoice into the field for the purpose of the payment.\n"),
        "明天上午十点在老地方开会,请大家准时参加,并带上上周讨论的文件和新的计划。",
    };
    for (size_t i = 0; i < COUNT_OF(other); i++)
        assert_in_range(distance(letter, other[i]), 16, 64);
}

static void texts_without_spaces_have_prints_too(void **state)
{
    assert_in_range(
        distance(
            "王先生,您好:明天上午十点在老地方开会,请大家准时参加,并带上上周讨论的文件和新的计划。",
            "李女士,您好:明天上午十点在老地方开会,请大家准时参加,并带上上周讨论的文件和新的计划。"),
        0, 10);
}

static void what_is_too_short_has_none(void **state)
{
    static const char *const texts[] = {
        "",
        "Thanks!\n",
        "Thank you.\n> A long text that was quoted and has no place in what is being said here at "
        "all, as it was written by somebody else altogether\n",
        "OK\n-- \nAlice Example, Example and Sons, the house at the corner of the street with the "
        "green door, open every day from nine to five\n",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(print_text(span_of(texts[i])), 0);
}

static void names_differ_by_key_and_kind_and_not_by_case(void **state)
{
    uint64_t bob = print_name(1, 'r', SPAN("bob@example.org"));
    assert_true(bob == print_name(1, 'r', SPAN("BOB@Example.org")));
    assert_true(bob != print_name(2, 'r', SPAN("bob@example.org")));
    assert_true(bob != print_name(1, 'n', SPAN("bob@example.org")));
    assert_true(print_name(1, 'r', SPAN_NONE) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_letter_to_others_has_nearly_the_same_print),
        cmocka_unit_test(other_letters_have_another_print),
        cmocka_unit_test(texts_without_spaces_have_prints_too),
        cmocka_unit_test(what_is_too_short_has_none),
        cmocka_unit_test(names_differ_by_key_and_kind_and_not_by_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
