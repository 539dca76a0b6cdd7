/* RFC 6376 3.4.3 to 3.4.5. What is hashed is compared by its hash and length, in pieces of every
 * size. */
#include "base/test.h"

#include "auth/dkim_body.h"

#include <string.h>

static void has_form(const char *body, const char *form, bool is_relaxed, uint64_t limit,
                     size_t at_once)
{
    struct dkim_body b;
    unsigned char want[SHA256_LENGTH];
    struct span rest = span_of(body);
    dkim_body_start(&b, is_relaxed, limit);
    for (; rest.len; rest = span_skip(rest, at_once)) {
        struct span part = span_first(rest, at_once);
        char *piece = test_malloc(part.len); /* nothing is read beyond it */
        memcpy(piece, part.at, part.len);
        dkim_body_add(&b, span_make(piece, part.len));
        test_free(piece);
    }
    dkim_body_end(&b);
    sha256(span_first(span_of(form), limit > strlen(form) ? strlen(form) : (size_t)limit), want);
    if (b.length != strlen(form) || memcmp(b.hash, want, sizeof want) != 0)
        fail_msg("\"%s\" in pieces of %zu: %llu octets, and not \"%s\"", body, at_once,
                 (unsigned long long)b.length, form);
    dkim_body_free(&b);
}

static const struct {
    const char *body, *simple, *relaxed;
} cases[] = {
    {"", "\r\n", ""},
    {"\r\n", "\r\n", ""},
    {"\r\n\r\n\r\n", "\r\n", ""},
    {"\r\n \r\n\t\r\n", "\r\n \r\n\t\r\n", ""},
    {"a\r\n", "a\r\n", "a\r\n"},
    {"a", "a\r\n", "a\r\n"},
    {"a\r\n\r\n \r\n", "a\r\n\r\n \r\n", "a\r\n"},
    {"a\r\n\r\n \r\nb\r\n\r\n", "a\r\n\r\n \r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
    {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"}, /* 3.4.5 */
    {"\r\na", "\r\na\r\n", "\r\na\r\n"},
    {"a\nb\rc\r\n", "a\nb\rc\r\n", "a\nb\rc\r\n"}, /* no line ends */
    {"a \rb\r", "a \rb\r\r\n", "a \rb\r\r\n"},
    {"a\r\r\n", "a\r\r\n", "a\r\r\n"},
    {"one two  three\tfour five six seven eight \r\n", NULL,
     "one two three four five six seven eight\r\n"},
    {"a  ", "a  \r\n", "a\r\n"},
};

static void bodies_have_two_forms(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t at_once = 1; at_once < 20; at_once++) {
            if (cases[i].simple)
                has_form(cases[i].body, cases[i].simple, false, DKIM_ALL_OF_IT, at_once);
            has_form(cases[i].body, cases[i].relaxed, true, DKIM_ALL_OF_IT, at_once);
        }
}

static void so_much_is_hashed(void **state)
{
    for (uint64_t limit = 0; limit < 12; limit++)
        for (size_t at_once = 1; at_once < 12; at_once++) {
            has_form("a  b\r\n\r\nc\r\n\r\n", "a b\r\n\r\nc\r\n", true, limit, at_once);
            has_form("a  b\r\n\r\nc\r\n\r\n", "a  b\r\n\r\nc\r\n", false, limit, at_once);
        }
}

static void large_bodies_are_hashed(void **state)
{
    struct buffer body = BUFFER_EMPTY, form = BUFFER_EMPTY;
    for (int i = 0; i < 5000; i++) {
        buffer_printf(&body, "line  %d \r\n", i);
        buffer_printf(&form, "line %d\r\n", i);
    }
    for (int i = 0; i < 40000; i++) {
        buffer_add_char(&body, 'x');
        buffer_add_char(&form, 'x');
    }
    buffer_add_text(&form, "\r\n");
    static const size_t sizes[] = {1, 7, 4096, 16384, 1000000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        has_form(buffer_text(&body), buffer_text(&form), true, DKIM_ALL_OF_IT, sizes[i]);
    buffer_free(&body);
    buffer_free(&form);
}

static void few_forms_are_made_at_a_time(void **state)
{
    struct dkim_bodies b = {0};
    const struct dkim_body *first = dkim_bodies_want(&b, true, DKIM_ALL_OF_IT);
    assert_ptr_equal(dkim_bodies_want(&b, true, DKIM_ALL_OF_IT), first);
    for (uint64_t i = 1; i < DKIM_MOST_FORMS; i++)
        assert_non_null(dkim_bodies_want(&b, true, i));
    assert_null(dkim_bodies_want(&b, false, DKIM_ALL_OF_IT));
    assert_ptr_equal(dkim_bodies_want(&b, true, DKIM_ALL_OF_IT), first);
    dkim_bodies_add(&b, SPAN("ab\r\n"));
    dkim_bodies_end(&b);
    assert_int_equal(first->length, 4);
    dkim_bodies_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_have_two_forms),
        cmocka_unit_test(so_much_is_hashed),
        cmocka_unit_test(large_bodies_are_hashed),
        cmocka_unit_test(few_forms_are_made_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
