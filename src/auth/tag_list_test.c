#include "base/test.h"

#include "auth/tag_list.h"

/* As "name=value|", or what is wrong. */
static void lists_are_read(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {" \r\n ", ""},
        {"v=1", "v=1|"},
        {"v=1;", "v=1|"},
        {" v = 1 ;\r\n\ta=rsa-sha256 ; ", "v=1|a=rsa-sha256|"},
        {"p=", "p=|"},
        {"a=b=c==", "a=b=c==|"},
        {"h=From : To;V=1;v=2", "h=From : To|V=1|v=2|"},
        {"a_9=x", "a_9=x|"},
        {"d=b\xc3\xbc"
         "cher.example",
         "d=b\xc3\xbc"
         "cher.example|"},
        {"v", "!a list of tags has to be written as \"name=value;\""},
        {"v=1;;a=2", "!a list of tags has to be written as \"name=value;\""},
        {"=1", "!a tag has a name that is none"},
        {"1a=1", "!a tag has a name that is none"},
        {"a-b=1", "!a tag has a name that is none"},
        {"a b=1", "!a tag has a name that is none"},
        {"v=1; a=2; v=1", "!the tag v= is there twice"},
        {"v=1\x01", "!the tag v= holds control characters"},
        {"v=\x7f", "!the tag v= holds control characters"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tag_list l;
        struct error e;
        struct buffer got = BUFFER_EMPTY;
        if (!tag_list_parse(&l, span_of(cases[i].text), &e))
            buffer_printf(&got, "!%s", e.text);
        for (size_t t = 0; buffer_text(&got)[0] != '!' && t < l.count; t++)
            buffer_printf(&got, "%.*s=%.*s|", SPAN_F(l.tags[t].name), SPAN_F(l.tags[t].value));
        assert_string_equal(buffer_text(&got), cases[i].want);
        buffer_free(&got);
    }
}

static void lists_have_an_end(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct tag_list l;
    struct error e;
    for (int i = 0; i < MOST_TAGS; i++)
        buffer_printf(&text, "t%d=;", i);
    assert_true(tag_list_parse(&l, buffer_span(&text), &e));
    assert_int_equal(l.count, MOST_TAGS);
    buffer_add_text(&text, "more=");
    assert_false(tag_list_parse(&l, buffer_span(&text), &e));
    assert_string_equal(e.text, "it has more than 64 tags");
    buffer_free(&text);
}

static void tags_are_found(void **state)
{
    static const char text[] = "b= a b ;bh=c";
    struct tag_list l;
    struct error e;
    assert_true(tag_list_parse(&l, span_of(text), &e));
    const struct tag *b = tag_list_find(&l, "b");
    assert_true(span_equal(b->value, SPAN("a b")));
    assert_ptr_equal(b->written.at, text + 2);
    assert_int_equal(b->written.len, 5);
    assert_null(tag_list_find(&l, "B"));
}

static void words_are_parted(void **state)
{
    static const struct {
        const char *value, *want;
    } cases[] = {{"", "|"}, {"a", "a|"}, {" a : b\r\n :c:", "a|b|c||"}, {"::", "|||"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer got = BUFFER_EMPTY;
        struct span rest = span_of(cases[i].value), word;
        while (tag_next_word(&rest, ':', &word))
            buffer_printf(&got, "%.*s|", SPAN_F(word));
        assert_string_equal(buffer_text(&got), cases[i].want);
        buffer_free(&got);
    }
}

static void octets_are_read(void **state)
{
    static const struct {
        const char *value, *want; /* NULL: they are none */
    } cases[] = {
        {"", ""},           {"Zm9v", "foo"},    {"Zm\r\n 9v", "foo"}, {"Zm8=", "fo"},
        {"Zm8", "fo"},      {"Zg==", "f"},      {"Zg", "f"},          {"Zg = =", "f"},
        {"Z", NULL},        {"Zg=", NULL},      {"Zm9v=", NULL},      {"Zm9-", NULL},
        {"Zg==Zg==", NULL}, {"\"Zm9v\"", NULL}, {"====", NULL},       {"Zm9v.", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span octets;
        bool ok = tag_octets(span_of(cases[i].value), &octets, &a);
        if (ok != (cases[i].want != NULL) || (ok && !span_equal(octets, span_of(cases[i].want))))
            fail_msg("\"%s\": %d", cases[i].value, ok);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),  cmocka_unit_test(lists_have_an_end),
        cmocka_unit_test(tags_are_found),  cmocka_unit_test(words_are_parted),
        cmocka_unit_test(octets_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
