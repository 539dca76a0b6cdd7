#include "base/test.h"

#include "login/password.h"

#include <sodium.h>
#include <string.h>

static void a_password_is_known_again(void **state)
{
    struct buffer line = BUFFER_EMPTY, app = BUFFER_EMPTY;
    struct login_line l;
    struct error e;
    buffer_add_text(&line, "alice ");
    assert_true(password_hash(&line, SPAN("p\xc2\xa0w"), &e));
    buffer_add_char(&line, ' ');
    app_password_make(&app, &line, SPAN("phone"));
    assert_int_equal(login_line_parse(buffer_span(&line), &l, &e), 1);
    assert_true(l.hash.len && l.keys.len);
    assert_true(password_is_right(&l, SPAN("p w"))); /* it was prepared */
    assert_true(password_is_right(&l, buffer_span(&app)));
    assert_false(password_is_right(&l, SPAN("p  w")));
    assert_false(password_is_right(&l, span_first(buffer_span(&app), app.len - 1)));
    assert_false(password_is_right(&l, SPAN("")));
    assert_null(strstr(buffer_text(&line), buffer_text(&app)));
    buffer_free(&line);
    buffer_free(&app);
}

static void without_a_hash_nothing_is_right(void **state)
{
    struct login_line l = {SPAN("alice"), SPAN_NONE, SPAN_NONE, SPAN("sender=* app=x:")};
    assert_false(password_is_right(&l, SPAN("x")));
}

static void what_can_be_none(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    assert_false(password_hash(&out, SPAN(""), &e));
    assert_false(password_hash(&out, SPAN("\xff"), &e));
    assert_false(password_hash(&out, SPAN("a\nb"), &e));
    assert_int_equal(out.len, 0);
    buffer_free(&out);
}

static int start(void **state)
{
    return sodium_init() < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_password_is_known_again),
                                       cmocka_unit_test(without_a_hash_nothing_is_right),
                                       cmocka_unit_test(what_can_be_none)};
    return cmocka_run_group_tests(tests, start, NULL);
}
