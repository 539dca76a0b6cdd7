#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *text;  /* a configuration */
    const char *shown; /* its last filter, or, behind "!", a part of what is wrong */
} cases[] = {
    {"filter inet:127.0.0.1:11332", "inet:127.0.0.1:11332"},
    {"filter inet:[::1]:8891 name x", "inet:[::1]:8891 name x"},
    {"filter unix:/run/a/b on-failure skip", "unix:/run/a/b on-failure skip"},
    {"filter unix:/run/a timeout 30s name a on-failure tempfail", "unix:/run/a name a timeout 30s"},
    {"filter inet:127.0.0.1:1\nfilter inet:127.0.0.1:2", "inet:127.0.0.1:2"},
    {"filter inet:127.0.0.1:1 name a\nlisten 127.0.0.1:25 filters a\nlisten 127.0.0.1:26 filters "
     "no",
     "inet:127.0.0.1:1 name a"},
    {"filter 127.0.0.1:11332", "!\"127.0.0.1:11332\" is no place of a filter. Write it as filter"},
    {"filter inet:localhost:11332", "!is no place of a filter"},
    {"filter inet:127.0.0.1", "!is no place of a filter"},
    {"filter unix:run/a", "!is no place of a filter"},
    {"filter unix:/run/a name", "!\"name\" has no value behind it"},
    {"filter unix:/run/a name a,b", "!\"a,b\" can't be the name of a filter"},
    {"filter unix:/run/a name no", "!\"no\" can't be the name of a filter"},
    {"filter unix:/run/a name a name b", "!\"name\" stands twice"},
    {"filter unix:/run/a colour red", "!\"colour\" is no setting of a filter"},
    {"filter unix:/run/a on-failure pass", "!on-failure can't be \"pass\""},
    {"filter unix:/run/a timeout 1ms", "!timeout must be between 1s and 10m"},
    {"filter unix:/run/a name a\nfilter unix:/run/b name a",
     "!x:2: there already is a filter of this name"},
    {"listen 127.0.0.1:25 filters a", "!x:1: there is no filter a, which a listen names"},
    {"filter unix:/a name a\nlisten 127.0.0.1:25 filters a,b", "!x:2: there is no filter b"},
};

static void filters_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error why;
        struct buffer shown = BUFFER_EMPTY;
        bool is_bad = cases[i].shown[0] == '!';
        assert_int_equal(options_parse(&o, "x", span_of(cases[i].text), &why), !is_bad);
        if (is_bad) {
            if (!strstr(why.text, cases[i].shown + 1))
                print_error("%s\n", why.text);
            assert_non_null(strstr(why.text, cases[i].shown + 1));
        } else {
            mail_filter_print(&shown, &o.filters[o.filter_count - 1]);
            assert_string_equal(buffer_text(&shown), cases[i].shown);
            options_free(&o);
        }
        buffer_free(&shown);
    }
}

static void a_listener_may_choose(void **state)
{
    const struct mail_filter f = {.name = SPAN("b")};
    assert_true(mail_filter_is_among(&f, SPAN_NONE) && mail_filter_is_among(&f, SPAN("b")));
    assert_true(mail_filter_is_among(&f, SPAN("a,b")) && mail_filter_is_among(&f, SPAN("b,c")));
    assert_false(mail_filter_is_among(&f, SPAN("no")) || mail_filter_is_among(&f, SPAN("a,bb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_are_read),
        cmocka_unit_test(a_listener_may_choose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
