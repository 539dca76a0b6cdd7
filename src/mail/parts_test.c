#include "base/test.h"

#include "mail/parts.h"

#include <string.h>

/* The parts as "type/subtype:body|". */
static void list(struct buffer *out, struct span message)
{
    struct parts p;
    struct mime_entity e;
    buffer_clear(out);
    parts_start(&p, message);
    while (parts_next(&p, &e))
        buffer_printf(out, "%.*s/%.*s:%.*s|", SPAN_F(e.type), SPAN_F(e.subtype), SPAN_F(e.body));
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"

static void parts_of_messages(void **state)
{
    static const struct {
        const char *message, *parts;
    } cases[] = {
        {"", "text/plain:|"},
        {"A: b\n\nc\n", "text/plain:c\n|"},
        {MIXED "--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\n",
         "text/plain:one|text/html:two|"},
        {MIXED "pre\n--b\n\none\n--b--\nepilogue\n--b\n\nno\n", "text/plain:one|"},
        {MIXED "--b\n\ncut o", "text/plain:cut o|"},
        {MIXED "no parts\n", ""},
        {"Content-Type: multipart/mixed\n\n--b\n\none\n", "multipart/mixed:--b\n\none\n|"},
        {MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c\n\ntwo\n"
               "--c--\n--b\n\nthree\n--b--\n",
         "text/plain:one|text/plain:two|text/plain:three|"},
        /* the inner one never ends */
        {MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n"
               "--b\n\ntwo\n--b--\n",
         "text/plain:one|text/plain:two|"},
        /* nothing is parted by what it names */
        {MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n--d\n\none\n--d--\n"
               "--b\n\ntwo\n--b--\n",
         "multipart/alternative:--d\n\none\n--d--|text/plain:two|"},
        {MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n\n--b\n\ntwo\n--b--\n",
         "text/plain:two|"},
        {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ny\n--b--\n",
         "message/rfc822:Subject: x\n\ny|"},
        {MIXED "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; "
               "boundary=c\n\n--c\n\nx\n--c--\n--b--\n",
         "message/rfc822:Content-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c--|"},
        /* a header broken in its middle goes on; a text that only looks so does not */
        {MIXED "--b\nContent-Type: text/html\nX-Long:\nbroken off\nX-More: a\nb\n\ntext\n--b--\n",
         "text/html:text|"},
        {MIXED "--b\nX-Long:\nbroken off\nContent-Type: text/html\n\ntext\n--b--\n",
         "text/html:text|"},
        {MIXED "--b\nContent-Type: text/html\nno empty line\nNote: here\n\ntext\n--b--\n",
         "text/html:no empty line\nNote: here\n\ntext|"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        list(&out, span_of(cases[i].message));
        assert_string_equal(buffer_text(&out), cases[i].parts);
    }
    buffer_free(&out);
}

static void what_is_too_deep_is_one_part(void **state)
{
    struct buffer message = BUFFER_EMPTY, out = BUFFER_EMPTY;
    for (int i = 0; i < 100; i++)
        buffer_printf(&message, "Content-Type: multipart/mixed; boundary=b%d.\n\n--b%d.\n", i, i);
    buffer_add_text(&message, "\ntext\n");
    list(&out, buffer_span(&message));
    assert_true(span_starts(buffer_span(&out), SPAN("multipart/mixed:--b20.")));
    assert_int_equal(span_find_char(buffer_span(&out), '|'), out.len - 1);
    buffer_free(&message);
    buffer_free(&out);
}

static void around_the_part(void **state)
{
    struct parts p;
    struct mime_entity e;
    parts_start(&p, SPAN(MIXED "--b\n\none\n--b--\n"));
    assert_true(parts_next(&p, &e));
    assert_true(mime_is(parts_around(&p), "multipart", "mixed"));
    assert_false(parts_next(&p, &e));
    parts_start(&p, SPAN("\nalone\n"));
    assert_true(parts_next(&p, &e));
    assert_null(parts_around(&p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_messages),
        cmocka_unit_test(what_is_too_deep_is_one_part),
        cmocka_unit_test(around_the_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
