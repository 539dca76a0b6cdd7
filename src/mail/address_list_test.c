#include "base/test.h"

#include "base/buffer.h"
#include "mail/address_list.h"

#include <string.h>

/* "name <address>|…", and "!" where it can't be read. */
static void print(struct buffer *out, const char *text)
{
    struct arena a = ARENA_EMPTY;
    struct address_list l = address_list_start(span_of(text));
    struct listed_address found;
    int result;
    buffer_clear(out);
    while ((result = address_list_next(&l, &found, &a)) > 0) {
        assert_int_equal(found.has_domain, span_find_char(found.address, '@') != SPAN_NOT_FOUND);
        buffer_printf(out, "%s%.*s%s<%.*s>", out->len ? "|" : "", SPAN_F(found.name),
                      found.name.len ? " " : "", SPAN_F(found.address));
    }
    if (result < 0)
        buffer_add_char(out, '!');
    arena_clear(&a);
}

static void lists_are_read(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {" \r\n ", ""},
        {"a@example.org", "<a@example.org>"},
        {"<a@example.org>", "<a@example.org>"},
        {" a@example.org ,\r\n\tb@example.net", "<a@example.org>|<b@example.net>"},
        {",, a@example.org,,", "<a@example.org>"},
        {"a@example.org; b@example.org", "<a@example.org>|<b@example.org>"},
        /* names */
        {"Alice <a@example.org>", "Alice <a@example.org>"},
        {"Alice  Q.\r\n Liddell<a@example.org>", "Alice Q. Liddell <a@example.org>"},
        {"\"Liddell, Alice\" <a@example.org>, b@example.org",
         "Liddell, Alice <a@example.org>|<b@example.org>"},
        {"\"say \\\"hi\\\" @ <home>\" <a@example.org>", "say \"hi\" @ <home> <a@example.org>"},
        {"=?utf-8?Q?J=C3=BCrgen?= <j@example.org>", "Jürgen <j@example.org>"},
        {"=?utf-8?B?w4QsIMOW?= <j@example.org>", "Ä, Ö <j@example.org>"},
        {"Jürgen <j@example.org>", "Jürgen <j@example.org>"},
        {"a@example.org <a@example.org>", "a@example.org <a@example.org>"},
        {"[ANN] news <n@example.org>", "[ANN] news <n@example.org>"},
        /* comments */
        {"a@example.org (Alice)", "Alice <a@example.org>"},
        {"root (Cron Daemon)", "Cron Daemon <root>"},
        {"(one) a (two) @ (three) example . (four) org (Alice (Q.) L\\))",
         "Alice (Q.) L) <a@example.org>"},
        {"a@example.org (, b@example.org)", ", b@example.org <a@example.org>"},
        {"a@example.org (no end, b@example.org", "!"},
        /* groups */
        {"undisclosed-recipients:;", ""},
        {"Undisclosed recipients: ;, a@example.org", "<a@example.org>"},
        {"friends: a@example.org, Bob <b@example.org>; c@example.org",
         "<a@example.org>|Bob <b@example.org>|<c@example.org>"},
        {"\"my, friends\":a@example.org;", "<a@example.org>"},
        {"friends: a@example.org, b@example.org", "<a@example.org>|<b@example.org>"},
        {"one: two: a@example.org;;", "!"},
        {":a@example.org;", "!"},
        /* local parts */
        {"bob", "<bob>"},
        {"Bob <bob>", "Bob <bob>"},
        {"first.last, x", "<first.last>|<x>"},
        {"\"strange one\"@example.org", "<\"strange one\"@example.org>"},
        {"a\\b@example.org", "!"},
        {".a@example.org", "!"},
        {"a..b@example.org", "!"},
        {"a.@example.org", "!"},
        {"a b@example.org", "!"},
        {"Alice Liddell", "!"},
        {"Alice Liddell, b@example.org", "!"},
        /* domains */
        {"a@[192.0.2.1]", "<a@[192.0.2.1]>"},
        {"a@[IPv6:2001:db8::1], b@x.test", "<a@[IPv6:2001:db8::1]>|<b@x.test>"},
        {"a@bücher.test", "<a@bücher.test>"},
        {"a@", "!"},
        {"a@example..org", "!"},
        {"a@example.org.", "!"},
        {"a@b@example.org", "!"},
        {"a@-x.test", "!"},
        /* brackets */
        {"<@x.test,@y.test:a@example.org>", "<a@example.org>"},
        {"<>", ""},
        {"Nobody <>, a@example.org", "<a@example.org>"},
        {"<a@example.org", "!"},
        {"<a@example.org>>", "!"},
        {"<a@example.org> Alice", "!"},
        {"a@example.org b@example.org", "!"},
        {"x@example.org, <a@example.org> Alice", "<x@example.org>!"},
        {"<@x.test a@example.org>", "!"},
        {"a@example.org>", "!"},
        {"\"no end", "!"},
        {"a\x01@example.org", "!"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print(&out, cases[i].text);
        if (strcmp(buffer_text(&out), cases[i].want) != 0)
            fail_msg("%s: %s, not %s", cases[i].text, buffer_text(&out), cases[i].want);
    }
    buffer_free(&out);
}

/* An address without a domain can be completed where it stands. */
static void the_end_of_a_local_part_is_known(void **state)
{
    static const struct {
        const char *text;
        size_t end;
    } cases[] = {{"root (Cron Daemon)", 4}, {"Bob <bob>", 8},      {" < bob (x) > ", 6},
                 {"first . last , x", 12},  {"friends: bob;", 12}, {"\"a b\"", 5}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct address_list l = address_list_start(span_of(cases[i].text));
        struct listed_address found;
        assert_int_equal(address_list_next(&l, &found, &a), 1);
        assert_false(found.has_domain);
        assert_int_equal(found.end - cases[i].text, cases[i].end);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(the_end_of_a_local_part_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
