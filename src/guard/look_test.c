#include "guard/look.h"

#include "base/test.h"
#include "guard/print.h"

#define WORDS                                                                                      \
    "our annual meeting takes place on Friday in the usual room and we would be glad to see you"

static void expect(const char *message, const char *links, bool has_text)
{
    struct arena a = ARENA_EMPTY;
    struct look l;
    struct buffer found = BUFFER_EMPTY;
    look_at(span_of(message), &a, &l);
    for (size_t i = 0; i < l.link_count; i++)
        buffer_printf(&found, "%.*s ", SPAN_F(l.links[i]));
    if (!span_equal(span_trim(buffer_span(&found)), span_of(links)) || has_text != (l.text != 0))
        fail_msg("%s\nlinks %s, text %llx", message, buffer_text(&found),
                 (unsigned long long)l.text);
    buffer_free(&found);
    arena_clear(&a);
}

static void links_and_text_are_found(void **state)
{
    static const struct {
        const char *message, *links;
        bool has_text;
    } table[] = {
        {"Subject: x\r\n\r\n" WORDS, "", true},
        {"Subject: " WORDS "\r\n\r\nshort\r\n", "", false},
        {"\r\nSee https://Shop.TEST/Sale/?id=123#top and www.b.test, or http://shop.test/sale\r\n",
         "shop.test shop.test/sale www.b.test", false},
        {"\r\nhttps://a.test https://b.test https://c.test/x http://c.test/y http://c.test/z\r\n",
         "a.test b.test c.test/x c.test/y", false},
        {"Content-Type: text/html\r\n\r\n<p>" WORDS "</p><a href=\"https://c.test/x?a\">go</a>"
         "<a href=\"mailto:d@e.test\">write</a>",
         "c.test c.test/x", true},
        {"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
         "aHR0cHM6Ly9kLnRlc3Qv\r\n",
         "d.test", false},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" WORDS
         "\r\n--b\r\nContent-Disposition: Attachment\r\n\r\nhttps://e.test/\r\n--b--\r\n",
         "", true},
        {"Content-Type: application/pdf\r\n\r\nhttps://f.test/ " WORDS, "", false},
        {"", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++)
        expect(table[i].message, table[i].links, table[i].has_text);
}

/* A letter is the same in whatever form it comes. */
static void the_form_does_not_matter(void **state)
{
    static const char *const forms[] = {
        "\r\n" WORDS "\r\n",
        "Content-Type: text/html\r\n\r\n<html><b>" WORDS "</b></html>\r\n",
        "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain"
        "\r\n\r\n" WORDS "\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>something else\r\n--b--\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct arena a = ARENA_EMPTY;
        struct look l;
        look_at(span_of(forms[i]), &a, &l);
        assert_true(l.text == print_text(span_of(WORDS)));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_and_text_are_found),
        cmocka_unit_test(the_form_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
