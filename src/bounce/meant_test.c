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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slip_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
