#include "base/test.h"

#include "mail/links.h"

static void assert_span(struct span a, struct span b)
{
    if (!span_equal(a, b))
        fail_msg("\"%.*s\", not \"%.*s\"", SPAN_F(a), SPAN_F(b));
}

static void links_are_found_in_text(void **state)
{
    struct span rest = SPAN(
        "See https://a.test/x?y=1, (http://b.test) and www.c.test. Not xhttp://d.test or https:/e; "
        "[https://h.test/]; http://i.test/x; "
        "詳細はhttps://f.test。またはhttps://g.test/hを参照 «http://bücher.test»");
    static const struct span expected[] = {
        SPAN("https://a.test/x?y=1"), SPAN("http://b.test"),     SPAN("www.c.test"),
        SPAN("https://h.test/"),      SPAN("http://i.test/x"),   SPAN("https://f.test"),
        SPAN("https://g.test/h"),     SPAN("http://bücher.test")};
    struct span link;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(links_next(&rest, &link));
        assert_span(link, expected[i]);
    }
    assert_false(links_next(&rest, &link));
}

static void hosts_are_where_links_lead(void **state)
{
    static const struct {
        struct span link, host;
    } cases[] = {
        {SPAN("https://www.example.org:8443/x?u=a@b.test"), SPAN("www.example.org")},
        {SPAN("https://bank.test@evil.test/login"), SPAN("evil.test")},
        {SPAN("https://ann@bank.test@evil.test/"), SPAN("evil.test")},
        {SPAN("http://a.test\\@b.test/"), SPAN("a.test")},
        {SPAN("evil.test/?x=https://bank.test/"), SPAN("evil.test")},
        {SPAN("evil.test://bank.test/"), SPAN("evil.test")},
        {SPAN("//evil.test/x"), SPAN("evil.test")},
        {SPAN("https:\\\\evil.test\\x"), SPAN("evil.test")},
        {SPAN("https:/evil.test/x"), SPAN("evil.test")},
        {SPAN("https:evil.test/x"), SPAN("evil.test")},
        {SPAN("/index.html"), SPAN("")},
        {SPAN("example.org/x"), SPAN("example.org")},
        {SPAN("https://localhost/x"), SPAN("")},
        {SPAN("mailto:a@b.test"), SPAN("b.test")},
        {SPAN("click here"), SPAN("")},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_span(link_host(cases[i].link), cases[i].host);
}

static void a_site_is_what_was_registered(void **state)
{
    static const struct {
        struct span host, site;
    } cases[] = {{SPAN("mail.example.org"), SPAN("example.org")},
                 {SPAN("example.org"), SPAN("example.org")},
                 {SPAN("www.ya.ru"), SPAN("ya.ru")},
                 {SPAN("a.b.example.co.uk"), SPAN("example.co.uk")},
                 {SPAN("www.com.test"), SPAN("com.test")},
                 {SPAN("test"), SPAN("test")}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_span(link_site(cases[i].host), cases[i].site);
    assert_true(links_same_site(SPAN("login.example.org"), SPAN("www.Example.org")));
    assert_false(links_same_site(SPAN("example.org"), SPAN("example.org.evil.test")));
    assert_false(links_same_site(SPAN(""), SPAN("")));
}

static void some_texts_look_like_links(void **state)
{
    static const struct {
        struct span text;
        bool is;
    } cases[] = {{SPAN("www.example.org"), true},
                 {SPAN(" https://example.org/x "), true},
                 {SPAN("example.org"), true},
                 {SPAN("example.org/"), true},
                 {SPAN("ya.ru"), true},
                 {SPAN("e.g"), false},
                 {SPAN("www.example.org is ours"), false},
                 {SPAN("www.ann@example.org"), false},
                 {SPAN("Sign in"), false},
                 {SPAN("alice@example.org"), false},
                 {SPAN("3.14"), false},
                 {SPAN("Version 2.0"), false},
                 {SPAN(""), false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(link_looks_like_one(cases[i].text), cases[i].is);
}

static void links_can_be_shown_without_harm(void **state)
{
    static const struct {
        const char *link, *shown;
    } cases[] = {
        {"https://www.bad.example/a.b?c.d", "hxxps://www[.]bad[.]example/a.b?c.d"},
        {"HTTP://bad.example", "hxxp://bad[.]example"},
        {"www.bad.example/x", "www[.]bad[.]example/x"},
        {"https://bank.example@bad.example/", "hxxps://bank.example@bad[.]example/"},
        {"https://bad.example/123456789012345678901234567890",
         "hxxps://bad[.]example/12345678901234567890…"},
        {"https://bad.example/12345678901234567890", "hxxps://bad[.]example/12345678901234567890"},
        {"ftp://x", "ftp://x"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer shown = BUFFER_EMPTY;
        link_add_defanged(&shown, span_of(cases[i].link), 40);
        assert_string_equal(buffer_text(&shown), cases[i].shown);
        buffer_free(&shown);
    }
}

static void gateways_lead_elsewhere(void **state)
{
    static const struct {
        struct span link, host;
    } cases[] = {
        {SPAN("https://www.example.org/x"), SPAN("www.example.org")},
        {SPAN("https://eu.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbad.example%2Fx&d=1"),
         SPAN("bad.example")},
        {SPAN("https://urldefense.com/v3/__https://bad.example/x__;!!abc"), SPAN("bad.example")},
        {SPAN("https://urldefense.proofpoint.com/v2/url?u=https-3A__bad.example_x&d=DwM"),
         SPAN("bad.example")},
        {SPAN("https://www.google.com/url?http=1&q=https://bad.example/"), SPAN("bad.example")},
        {SPAN("https://evil-urldefense.com/?https://bank.example/"), SPAN("evil-urldefense.com")},
        {SPAN("https://urldefense.com/about"), SPAN("urldefense.com")},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_span(link_leads_to(cases[i].link), cases[i].host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_are_found_in_text),
        cmocka_unit_test(hosts_are_where_links_lead),
        cmocka_unit_test(a_site_is_what_was_registered),
        cmocka_unit_test(some_texts_look_like_links),
        cmocka_unit_test(links_can_be_shown_without_harm),
        cmocka_unit_test(gateways_lead_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
