#include "base/test.h"

#include "mail/bad_links.h"
#include "mail/domain.h"
#include "mail/links.h"

#include <string.h>

static const char table[] = "# what has been seen\n"
                            "bad.example  phishing, seen in October\n"
                            "\n"
                            "https://Files.Example:8443/s/abc\ta copy of our log-in page\r\n"
                            "files.example/s/abc/fine ours\n"
                            "!files.example/s/abc/help  our own page\n"
                            "!good.bad.example\n"
                            "bücher.example no books\n"
                            "192.0.2.7 a hacked camera\n"
                            "https://all.example/ all of it\n";

static void a_link_is_found_by_host_and_path(void **state)
{
    static const struct {
        const char *link, *why; /* NULL: it is not there; "!": it is good */
    } cases[] = {
        {"https://bad.example/", "phishing, seen in October"},
        {"http://www.BAD.example/x?y", "phishing, seen in October"},
        {"https://notbad.example/", NULL},
        {"https://good.bad.example/x", "!"},
        {"https://a.good.bad.example/x", "!"},
        {"https://files.example/", NULL},
        {"https://files.example/s/ab", NULL},
        {"https://files.example/s/abc?x=1", "a copy of our log-in page"},
        {"http://files.example:80/s/abcdef", "a copy of our log-in page"},
        {"http://files.example/s/abc/fine/x", "ours"},
        {"http://files.example/s/abc/help", "!"},
        {"http://www.files.example/s/abc", NULL},
        {"http://xn--bcher-kva.example", "no books"},
        {"http://BÜCHER.example", "no books"},
        {"https://all.example", "all of it"},
        {"http://192.0.2.7:8080/cam", "a hacked camera"},
        {"https://bad.example@other.example/", NULL},
        {"https://other.example@bad.example/", "phishing, seen in October"},
    };
    struct arena a = ARENA_EMPTY;
    struct bad_links l = {.by_host = MAP_EMPTY};
    struct error e;
    assert_true(bad_links_parse(&l, "links", span_of(table), &a, &e));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span link = span_of(cases[i].link), host;
        assert_true(domain_to_lower_ascii(link_host(link), &host, &a));
        const struct bad_link *found = bad_links_find(&l, host, link);
        const char *why = !found ? NULL : found->is_good ? "!" : arena_text(&a, found->why);
        if (!why != !cases[i].why || (why && strcmp(why, cases[i].why) != 0))
            fail_msg("%s: %s", cases[i].link, why ? why : "nothing");
    }
    bad_links_free(&l);
    arena_clear(&a);
}

static void what_is_no_link_is_told(void **state)
{
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"bad.example\nlocalhost why", "links:2: \"localhost\" is no host (bad.example)"},
        {"/path", "links:1: \"/path\" is no host"},
        {"!", "links:1: \"\" is no host"},
        {"ü..example", "is no host"},
        {"bad.example \x01", "is no reason"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct bad_links l = {.by_host = MAP_EMPTY};
        struct error e = {""};
        if (bad_links_parse(&l, "links", span_of(cases[i].text), &a, &e) ||
            !strstr(e.text, cases[i].problem))
            fail_msg("%s: %s", cases[i].text, e.text);
        bad_links_free(&l);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_found_by_host_and_path),
        cmocka_unit_test(what_is_no_link_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
