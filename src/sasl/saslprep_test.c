#include "base/test.h"

#include "sasl/saslprep.h"

#include <stdio.h>
#include <string.h>
#include <stringprep.h>

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

/* What libidn makes of it all by itself. */
static void check_as_libidn(const char *text)
{
    char form[SASLPREP_LONGEST + 1];
    struct buffer out = BUFFER_EMPTY;
    snprintf(form, sizeof form, "%s", text);
    bool is_fine = stringprep(form, sizeof form, STRINGPREP_NO_UNASSIGNED, stringprep_saslprep) ==
                       STRINGPREP_OK &&
                   form[0];
    bool ok = saslprep_add(&out, span_of(text), true);
    if (ok != is_fine || (ok && strcmp(buffer_text(&out), form) != 0))
        fail_msg("\"%s\": %d \"%s\", libidn %d \"%s\"", text, ok, buffer_text(&out), is_fine, form);
    buffer_free(&out);
}

/* Unicode's Corrigenda 3 and 4: libidn has the mistakes still. */
static bool was_corrected(uint32_t c)
{
    return c == 0xF951 || c == 0x2F868 || c == 0x2F874 || c == 0x2F91F || c == 0x2F95F ||
           c == 0x2F9BF;
}

static void every_character_is_as_libidn_has_it(void **state)
{
    char text[40];
    for (uint32_t c = 1; c < 0x110000; c += c < 0x30000 ? 1 : 0x101) {
        if ((c >= 0xD800 && c < 0xE000) || was_corrected(c))
            continue;
        int n = stringprep_unichar_to_utf8(c, text);
        text[n] = 0;
        check_as_libidn(text);
        int m = stringprep_unichar_to_utf8(0x0300 + c % 0x50, text + n);
        strcpy(text + n + m, "x");
        check_as_libidn(text);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms),
                                       cmocka_unit_test(every_character_is_as_libidn_has_it),
                                       cmocka_unit_test(none_is_too_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
