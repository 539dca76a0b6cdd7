#include "base/test.h"

#include "base/json.h"

/* The reader has three names that are ours too; it is not asked for those. */
#define json_object reader_object
#define json_array reader_array
#define json_null reader_null
#include <jansson.h>
#undef json_object
#undef json_array
#undef json_null
#include <string.h>

static void a_document_is_written(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    json_text(&j, "text", SPAN("x"));
    json_number(&j, "least", INT64_MIN);
    json_number(&j, "most", INT64_MAX);
    json_bool(&j, "yes", true);
    json_bool(&j, "no", false);
    json_null(&j, "none");
    json_member_array(&j, "list");
    json_element_text(&j, SPAN("a"));
    json_element_text(&j, SPAN(""));
    json_object(&j);
    json_end(&j);
    json_array(&j);
    json_end(&j);
    json_end(&j);
    json_member_object(&j, "inner");
    json_null(&j, "z");
    json_end(&j);
    json_end(&j);
    assert_string_equal(buffer_text(&out),
                        "{\"text\":\"x\",\"least\":-9223372036854775808,"
                        "\"most\":9223372036854775807,\"yes\":true,\"no\":false,\"none\":null,"
                        "\"list\":[\"a\",\"\",{},[]],\"inner\":{\"z\":null}}");
    buffer_free(&out);
}

/* Every text of two bytes and every character of Unicode is read back by another reader: RFC 8259
 * 7, 8.1. */
static void expect_read_back(struct span text, struct span want)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_array(&j);
    json_element_text(&j, text);
    json_end(&j);
    json_t *read = json_loadb(out.at, out.len, JSON_ALLOW_NUL, NULL);
    assert_non_null(read);
    json_t *element = json_array_get(read, 0);
    struct span found = span_make(json_string_value(element), json_string_length(element));
    assert_true(span_equal(found, want));
    for (size_t i = 0; i < out.len; i++)
        assert_true((unsigned char)out.at[i] >= ' ' && out.at[i] != 0x7F);
    json_decref(read);
    buffer_free(&out);
}

static void any_text_is_read_back(void **state)
{
    for (unsigned c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
        char text[4];
        size_t n = 0;
        if (c >= 0xD800 && c < 0xE000)
            continue;
        if (c < 0x80) {
            text[n++] = (char)c;
        } else if (c < 0x800) {
            text[n++] = (char)(0xC0 | c >> 6);
            text[n++] = (char)(0x80 | (c & 63));
        } else if (c < 0x10000) {
            text[n++] = (char)(0xE0 | c >> 12);
            text[n++] = (char)(0x80 | (c >> 6 & 63));
            text[n++] = (char)(0x80 | (c & 63));
        } else {
            text[n++] = (char)(0xF0 | c >> 18);
            text[n++] = (char)(0x80 | (c >> 12 & 63));
            text[n++] = (char)(0x80 | (c >> 6 & 63));
            text[n++] = (char)(0x80 | (c & 63));
        }
        expect_read_back(span_make(text, n), span_make(text, n));
    }
}

#define FFFD "\xef\xbf\xbd"

static void what_is_not_utf8_is_replaced(void **state)
{
    expect_read_back(SPAN("a\xff"
                          "b"),
                     SPAN("a" FFFD "b"));
    expect_read_back(SPAN("\xc3"), SPAN(FFFD));
    expect_read_back(SPAN("\xed\xa0\x80"), SPAN(FFFD FFFD FFFD)); /* a surrogate */
    expect_read_back(SPAN("\xc0\xaf"), SPAN(FFFD FFFD));          /* overlong */
    expect_read_back(SPAN("\"\\\n/"), SPAN("\"\\\n/"));
}

static void arrays_and_objects_nest_deeply(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    for (int i = 0; i < 30; i++) {
        json_array(&j);
        json_object(&j);
        json_null(&j, "a");
        json_member_array(&j, "b");
        json_end(&j);
        json_end(&j);
    }
    for (int i = 0; i < 30; i++)
        json_end(&j);
    json_t *read = json_loadb(out.at, out.len, 0, NULL);
    assert_non_null(read);
    json_decref(read);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_written),
        cmocka_unit_test(any_text_is_read_back),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(arrays_and_objects_nest_deeply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
