#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *text;  /* a configuration */
    const char *shown; /* its last list, or, behind "!", a part of what is wrong */
} cases[] = {
    {"dns-list Zen.example points 5", "zen.example points 5"},
    {"dns-list zen.example points 127.0.0.2=5 127.0.0.10/31=3",
     "zen.example points 127.0.0.2=5 127.0.0.10/31=3"},
    {"dns-list zen.example points 127.0.0.2=5 1", "zen.example points 127.0.0.2=5 1"},
    {"dns-list ok.example points -4", "ok.example points -4"},
    {"dns-list k1.zen.example see https://zen.example/ points 5 name zen.example about client",
     "k1.zen.example name zen.example points 5 see https://zen.example/"},
    {"dns-list d.example points 2 about sender", "d.example about sender points 2"},
    {"dns-list d.example about hello points 2", "d.example about hello points 2"},
    {"dns-list zen.example points 5 see \"#a\"", "zen.example points 5 see \"#a\""},
    {"dns-list a.example points 1\ndns-list b.example points 1", "b.example points 1"},
    {"dns-list a.example points 1\ndns-list a.example about sender points 1",
     "a.example about sender points 1"},
    {"dns-list", "!for example: dns-list zen.example"},
    {"dns-list zen.example", "!\"zen.example\" has no points behind it. Write it as dns-list"},
    {"dns-list zen.example points", "!\"points\" has no value behind it"},
    {"dns-list zen.example points about client", "!\"points\" has no value behind it"},
    {"dns-list zen points 1", "!\"zen\" is no name of a list in the DNS"},
    {"dns-list zen..example points 1", "!is no name of a list in the DNS"},
    {"dns-list zen.example points 0", "!\"0\" is no number of points"},
    {"dns-list zen.example points 101", "!\"101\" is no number of points"},
    {"dns-list zen.example points five", "!\"five\" is no number of points"},
    {"dns-list zen.example points 10.0.0.2=5", "!\"10.0.0.2=5\" is no number of points"},
    {"dns-list zen.example points 126.0.0.0/7=5", "!is no number of points"},
    {"dns-list zen.example points 127.0.0.2=", "!\"127.0.0.2=\" is no number of points"},
    {"dns-list zen.example points ::1=5", "!\"::1=5\" is no number of points"},
    {"dns-list zen.example points 5 about recipient", "!\"recipient\" is nothing that a list is"},
    {"dns-list zen.example points 5 name \"my list\"", "!can't be told to those who are refused"},
    {"dns-list zen.example points 5 colour red", "!\"colour\" is no number of points"},
    {"dns-list zen.example colour red", "!\"colour\" is no setting of a list"},
    {"dns-list zen.example points 5 see a see b", "!\"see\" stands twice"},
    {"dns-list a.example points 1\ndns-list A.example points 2",
     "!x:2: there already is a dns-list of this zone"},
};

static void lists_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error why = {""};
        struct buffer shown = BUFFER_EMPTY;
        bool is_bad = cases[i].shown[0] == '!';
        bool ok = options_parse(&o, "x", span_of(cases[i].text), &why);
        if (ok == is_bad)
            print_error("%s: %s\n", cases[i].text, why.text);
        assert_int_equal(ok, !is_bad);
        if (is_bad) {
            if (!strstr(why.text, cases[i].shown + 1))
                print_error("%s\n", why.text);
            assert_non_null(strstr(why.text, cases[i].shown + 1));
        } else {
            dns_list_print(&shown, &o.entry.dns_lists[o.entry.dns_list_count - 1]);
            assert_string_equal(buffer_text(&shown), cases[i].shown);
            options_free(&o);
        }
        buffer_free(&shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
