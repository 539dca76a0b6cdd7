#include "base/test.h"

#include "address/forward.h"
#include "base/buffer.h"

#include <string.h>

#define OWN SPAN("alice@host.example.org")

static void add_shown(struct buffer *out, const struct forward *f)
{
    static const char kinds[] = {'m', 'a', 'c', 'f'};
    for (size_t i = 0; i < f->count; i++)
        buffer_printf(out, "%c(%.*s)", kinds[f->entries[i].kind], SPAN_F(f->entries[i].text));
}

static void lines_are_read(void **state)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"", ""},
        {"\n# nothing\n\n", ""},
        {"bob@example.net", "a(bob@example.net)"},
        {"bob@example.net\n", "a(bob@example.net)"},
        {"\\alice, bob@example.net\n", "m()a(bob@example.net)"},
        {"alice\n", "m()"},
        {"Alice@HOST.example.org\n", "m()"},
        {"alice@HOST.example.org\n", "m()"},
        {"bob\n", "a(bob@host.example.org)"},
        {"\"|/usr/bin/vacation alice\"\n", "c(|/usr/bin/vacation alice)"},
        {"|\"/usr/bin/a, b\"", "c(|/usr/bin/a, b)"},
        {"| procmail\r\n", "c(| procmail)"},
        {"/home/alice/mail\n/home/alice/mail", "f(/home/alice/mail)"},
        {"a@b.test,A@B.test\n#c@d.test\n,, a@b.test", "a(a@b.test)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer shown = BUFFER_EMPTY;
        struct forward f;
        struct error e;
        if (!forward_parse(span_of(cases[i].text), OWN, &f, &a, &e))
            fail_msg("%s: %s", cases[i].text, e.text);
        add_shown(&shown, &f);
        assert_string_equal(buffer_text(&shown), cases[i].shown);
        buffer_free(&shown);
        arena_clear(&a);
    }
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        struct span text;
        const char *words;
    } cases[] = {
        {SPAN("\n\"|x"), "line 2 of .forward has quotes"},
        {SPAN(":include:/etc/passwd"), "line 1 of .forward includes"},
        {SPAN("a@b.test\n|"), "line 2 of .forward has something"},
        {SPAN("a b@c.test"), "line 1 of .forward has something"},
        {SPAN("a@b@c"), "line 1 of .forward has something"},
        {SPAN("a\0b"), "byte of zero"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct forward f;
        struct error e;
        assert_false(forward_parse(cases[i].text, OWN, &f, &a, &e));
        assert_non_null(strstr(e.text, cases[i].words));
        arena_clear(&a);
    }
    struct arena a = ARENA_EMPTY;
    struct buffer many = BUFFER_EMPTY;
    struct forward f;
    struct error e;
    for (int i = 0; i < 100; i++)
        buffer_printf(&many, "a%d@b.test\n", i);
    assert_true(forward_parse(buffer_span(&many), OWN, &f, &a, &e));
    assert_int_equal(f.count, 100);
    buffer_add_text(&many, "one@b.test");
    assert_false(forward_parse(buffer_span(&many), OWN, &f, &a, &e));
    buffer_free(&many);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
