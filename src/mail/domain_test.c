/* IDNA 2008 as browsers and other mail servers do it (UTS 46, nontransitional). */
#include "base/test.h"

#include "mail/domain.h"

static void domains_become_ascii(void **state)
{
    static const struct {
        const char *domain, *ascii; /* NULL: there can be no such name */
    } cases[] = {
        {"example.org", "example.org"},
        {"Example.ORG", "Example.ORG"}, /* the DNS knows no case */
        {"_odd.example.org", "_odd.example.org"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"bücher.example", "xn--bcher-kva.example"},
        {"BÜCHER.example", "xn--bcher-kva.example"},
        {"bu\xcc\x88"
         "cher.example",
         "xn--bcher-kva.example"},                   /* u and its dots apart */
        {"straße.example", "xn--strae-oqa.example"}, /* not strasse: that was IDNA 2003 */
        {"sub.bücher.example", "sub.xn--bcher-kva.example"},
        {"παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"},
        {"例え。テスト", "xn--r8jz45g.xn--zckzah"},   /* an ideographic full stop parts labels */
        {"ü\xe2\x80\x8b.example", "xn--tda.example"}, /* what can't be seen is no part of it */
        {"ü..example", NULL},
        {"ü。。example", NULL},
        {"\xe2\x80\x8b.example", NULL}, /* nothing is left of the label */
        {"℀.example", NULL},            /* it means a/c */
        {"☃\xef\xbf\xbd.example", NULL},
        {"\xd7\x90"
         "a\xd9\xa0.example",
         NULL}, /* letters of both directions in one label */
        {"\xcc\x88"
         "x.example",
         NULL}, /* begins with a combining mark */
        {"üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.example", NULL},
        {"\xc3.example", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span ascii = SPAN_NONE;
        bool ok = domain_to_ascii(span_of(cases[i].domain), &ascii, &a);
        if (ok != (cases[i].ascii != NULL) || (ok && !span_equal(ascii, span_of(cases[i].ascii))))
            fail_msg("%s: %d \"%.*s\"", cases[i].domain, ok, SPAN_F(ascii));
        arena_clear(&a);
    }
}

static void and_back_for_people(void **state)
{
    static const struct {
        const char *domain, *unicode;
    } cases[] = {
        {"example.org", "example.org"},
        {"xn--bcher-kva.example", "bücher.example"},
        {"www.xn--strae-oqa.example", "www.straße.example"},
        {"xn--.example", "xn--.example"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span lower, unicode = domain_to_unicode(span_of(cases[i].domain), &a);
        if (!span_equal(unicode, span_of(cases[i].unicode)))
            fail_msg("%s: %.*s", cases[i].domain, SPAN_F(unicode));
        assert_true(domain_to_lower_ascii(SPAN("Example.ORG"), &lower, &a));
        assert_true(span_equal(lower, SPAN("example.org")));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(domains_become_ascii),
                                       cmocka_unit_test(and_back_for_people)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
