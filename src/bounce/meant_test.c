#include "base/test.h"

#include "bounce/meant.h"

static void one_slip_is_found(void **state)
{
    static const struct {
        const char *address, *meant; /* NULL: nothing is near */
    } cases[] = {
        {"bob@gmial.com", "bob@gmail.com"},
        {"bob@gmai.com", "bob@gmail.com"},
        {"Bob@GMAILL.com", "Bob@gmail.com"},
        {"bob@gmail.con", "bob@gmail.com"},
        {"bob@gmail.co", "bob@gmail.com"},
        {"bob@hotmial.fr", "bob@hotmail.fr"},
        {"bob@yahoo.con", "bob@yahoo.com"},
        {"bob@yaho.co.uk", "bob@yahoo.co.uk"},
        {"bob@iclod.com", "bob@icloud.com"},
        {"a@b@outlok.com", "a@b@outlook.com"},
        {"bob@gmail.com", NULL},
        {"bob@yahoo.de", NULL},
        {"bob@mail.com", NULL}, /* a provider, too */
        {"bob@line.com", NULL},
        {"bob@gmx.ne", NULL}, /* too short to tell */
        {"bob@example.net", NULL},
        {"bob@gmial.example.com", NULL},
        {"bob@gmil.con", NULL}, /* two slips */
        {"bob", NULL},
        {"bob@", NULL},
        {"", NULL},
        {"bob@gmaiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiil.com", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        bool is_found = address_meant(&out, span_of(cases[i].address));
        struct span want = span_of(cases[i].meant);
        if (is_found != (cases[i].meant != NULL) || !span_equal(buffer_span(&out), want))
            fail_msg("%s: \"%.*s\"", cases[i].address, SPAN_F(buffer_span(&out)));
        buffer_free(&out);
    }
}

static void what_was_written_before_is_near(void **state)
{
    static const struct {
        const char *wrong, *known;
        bool is_near;
    } cases[] = {
        {"carol@example.net", "carol@exampel.net", true},
        {"carol@exampl.net", "carol@example.net", true},
        {"carol@example.ne", "carol@example.net", true},
        {"carl@example.net", "carol@example.net", true},
        {"Caroll@Example.NET", "carol@example.net", true},
        {"craol@example.net", "carol@example.net", true},
        {"carol@example.net", "carol@example.net", false}, /* that is what does not exist */
        {"Carol@example.net", "carol@Example.net", false},
        {"carl@exampl.net", "carol@example.net", false}, /* two slips */
        {"barol@example.net", "carol@example.net",
         false},                                      /* the first letter is hardly ever wrong */
        {"bo@example.net", "bob@example.net", false}, /* too short to tell */
        {"ab@example.net", "ac@example.net", false},
        {"carol.jones@example.net", "carol@example.net", false},
        {"carol@mx.example.net", "carol@example.net", false},
        {"postmaster", "postmaste", true},
        {"", "", false},
        {"carol@", "carol@example.net", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (address_is_near(span_of(cases[i].wrong), span_of(cases[i].known)) != cases[i].is_near)
            fail_msg("%s, %s", cases[i].wrong, cases[i].known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slip_is_found),
        cmocka_unit_test(what_was_written_before_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
