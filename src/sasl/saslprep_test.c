#include "base/test.h"

#include "sasl/saslprep.h"

/* The first five are those of RFC 4013 3. */
static const struct {
    struct span text;
    const char *form; /* NULL: refused */
    bool is_refused_to_keep;
} cases[] = {
    {SPAN("I\xc2\xadX"), "IX", false},
    {SPAN("user"), "user", false},
    {SPAN("USER"), "USER", false},
    {SPAN("\xc2\xaa"), "a", false},
    {SPAN("\xe2\x85\xa8"), "IX", false},
    {SPAN("\x07"), NULL, false},
    {SPAN("\xd8\xa7\x31"), NULL, false}, /* Arabic that does not end in it */
    {SPAN("pass word ~"), "pass word ~", false},
    {SPAN("p\xc2\xa0w"), "p w", false},     /* no-break space */
    {SPAN("a\xcc\x88"), "\xc3\xa4", false}, /* a and diaeresis: one character */
    {SPAN("\xe2\x82\xac"), "\xe2\x82\xac", false},
    {SPAN(""), NULL, false},
    {SPAN("\xc2\xad"), NULL, false}, /* nothing is left */
    {SPAN("a\0b"), NULL, false},
    {SPAN("\xff"), NULL, false},
    {SPAN("\xc3"), NULL, false},
    {SPAN("tab\t"), NULL, false},
    {SPAN("\xf0\x9f\x94\x91"), "\xf0\x9f\x94\x91", true}, /* younger than Unicode 3.2 */
};

static void forms(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        bool ok = saslprep_add(&out, cases[i].text, false);
        if (ok != (cases[i].form != NULL) ||
            (ok && !span_equal(buffer_span(&out), span_of(cases[i].form))))
            fail_msg("row %zu gives %s", i, ok ? buffer_text(&out) : "nothing");
        buffer_clear(&out);
        assert_int_equal(saslprep_add(&out, cases[i].text, true),
                         cases[i].form != NULL && !cases[i].is_refused_to_keep);
        buffer_free(&out);
    }
}

static void none_is_too_long(void **state)
{
    struct buffer out = BUFFER_EMPTY, text = BUFFER_EMPTY;
    for (int i = 0; i < SASLPREP_LONGEST; i++)
        buffer_add_char(&text, 'x');
    assert_true(saslprep_add(&out, buffer_span(&text), true));
    buffer_add_char(&text, 'x');
    assert_false(saslprep_add(&out, buffer_span(&text), true));
    buffer_free(&out);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(none_is_too_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
