#include "base/test.h"

#include "mail/mime.h"

#include <string.h>

/* RFC 2045 5 and 6, RFC 2046 5.1.1: what the fields of a header say. */
static void what_an_entity_is(void **state)
{
    static const struct {
        const char *header;
        enum mime_kind kind;
        enum mime_encoding encoding;
        const char *type, *boundary;
    } cases[] = {
        {"", MIME_LEAF, MIME_7BIT, "text", ""},
        {"Content-Type: TEXT/Html; charset=x\r\n", MIME_LEAF, MIME_7BIT, "text", ""},
        {"Content-Type: text\r\n", MIME_LEAF, MIME_7BIT, "text", ""},
        {"Content-Type: multipart\r\n", MIME_LEAF, MIME_7BIT, "text", ""},
        {"content-type : multipart/mixed;boundary=a\r\n", MIME_MULTIPART, MIME_7BIT, "multipart",
         "a"},
        {"Content-Type: multipart/x; boundary=\"a b\\\"c\"\r\n", MIME_MULTIPART, MIME_7BIT,
         "multipart", "a b\"c"},
        {"Content-Type:\r\n (a \\) (b)) multipart (c) / mixed\r\n\t; x=\"boundary=no;\" ; "
         "BOUNDARY\r\n"
         " = (d) a=b/c ; y=z\r\n",
         MIME_MULTIPART, MIME_7BIT, "multipart", "a=b/c"},
        {"Content-Type: multipart/mixed; boundary=\"a\r\n b \"\r\n", MIME_MULTIPART, MIME_7BIT,
         "multipart", "a b"},
        {"Content-Type: multipart/mixed; boundary\r\n", MIME_MULTIPART, MIME_7BIT, "multipart", ""},
        {"Content-Type: multipart/mixed; x; boundary=b\r\n", MIME_MULTIPART, MIME_7BIT, "multipart",
         "b"},
        {"Content-Type: Multipart/Signed; boundary=b\r\n", MIME_SIGNED, MIME_7BIT, "multipart",
         "b"},
        {"Content-Type: message/RFC822\r\n", MIME_MESSAGE, MIME_7BIT, "message", ""},
        {"Content-Type: message/delivery-status\r\n", MIME_LEAF, MIME_7BIT, "message", ""},
        {"Content-Transfer-Encoding: 8BIT\r\n", MIME_LEAF, MIME_8BIT, "text", ""},
        {"Content-Transfer-Encoding:\r\n binary (x)\r\n", MIME_LEAF, MIME_BINARY, "text", ""},
        {"Content-Transfer-Encoding: Quoted-Printable;\r\n", MIME_LEAF, MIME_QUOTED, "text", ""},
        {"Content-Transfer-Encoding: base64\r\n", MIME_LEAF, MIME_BASE64, "text", ""},
        {"Content-Transfer-Encoding: base-64\r\n", MIME_LEAF, MIME_UNKNOWN, "text", ""},
        {"Content-Transfer-Encoding:\r\n", MIME_LEAF, MIME_7BIT, "text", ""},
    };
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mime_entity e;
        buffer_clear(&text);
        buffer_printf(&text, "%s\r\nbody", cases[i].header);
        mime_parse(buffer_span(&text), false, &e);
        if (e.kind != cases[i].kind || e.encoding != cases[i].encoding ||
            !mime_is(&e, cases[i].type, NULL) ||
            !span_equal(span_make(e.boundary, e.boundary_length), span_of(cases[i].boundary)))
            fail_msg("%s: kind %d, encoding %d, boundary \"%.*s\"", cases[i].header, (int)e.kind,
                     (int)e.encoding, (int)e.boundary_length, e.boundary);
        assert_false(e.is_ambiguous);
        assert_true(span_equal(e.header, span_of(cases[i].header)));
        assert_true(span_equal(e.separator, SPAN("\r\n")) && span_equal(e.body, SPAN("body")));
    }
    buffer_free(&text);
}

/* "P" preamble, "d" delimiter, "p" part, "E" epilogue, each with its text. */
static void a_multipart_has_these_pieces(void **state)
{
    static const struct {
        const char *body, *pieces;
    } cases[] = {
        {"pre\r\n--b\r\none\r\n--b--\r\nepi", "P<pre>d<.--b.>p<one>d<.--b--.>E<epi>"},
        {"--b\r\n--b\r\n\r\n--b--", "P<>d<--b.>p<>d<--b.>p<>d<.--b-->E<>"},
        {"--b \t\r\none\n--b-- \r\n", "P<>d<--b \t.>p<one>d<.--b-- .>E<>"},
        {"--b\r\none\r\n--bb\r\n --b\r\n--b-\r\n-b", "P<>d<--b.>p<one.--bb. --b.--b-.-b>"},
        {"nothing", "P<nothing>"},
        {"", "P<>"},
        {"--b--\r\nall", "P<>d<--b--.>E<all>"},
        {"--b--\r\n--b\r\nx", "P<>d<--b--.>E<--b.x>"},
        {"--b\r\none\r\n\r\n--b\r\n", "P<>d<--b.>p<one.>d<.--b.>p<>"},
    };
    struct buffer text = BUFFER_EMPTY, found = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mime_entity e;
        struct span piece;
        buffer_clear(&text);
        buffer_clear(&found);
        buffer_printf(&text, "Content-Type: multipart/mixed; boundary=b\r\n\r\n%s", cases[i].body);
        mime_parse(buffer_span(&text), false, &e);
        struct mime_pieces pieces = mime_pieces_start(&e);
        for (enum mime_piece kind; (kind = mime_pieces_next(&pieces, &piece)) != MIME_END;) {
            buffer_printf(&found, "%c<", "PdpE"[kind]);
            for (size_t k = 0; k < piece.len; k++) /* a line end as a dot */
                if (piece.at[k] != '\r')
                    buffer_add_char(&found, piece.at[k] == '\n' ? '.' : piece.at[k]);
            buffer_add_char(&found, '>');
        }
        assert_string_equal(buffer_text(&found), cases[i].pieces);
    }
    buffer_free(&text);
    buffer_free(&found);
}

static void two_fields_may_contradict_each_other(void **state)
{
    static const struct {
        struct span header;
        bool is_ambiguous;
    } cases[] = {
        {SPAN("Content-Type: text/plain\r\nContent-Type: text/plain; charset=x\r\n\r\n"), false},
        {SPAN("Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n"), true},
        {SPAN("Content-Type: multipart/x; boundary=a\r\nContent-Type: multipart/x; "
              "boundary=b\r\n\r\n"),
         true},
        {SPAN("Content-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding: 8BIT\r\n\r\n"), false},
        {SPAN("Content-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding: base64\r\n\r\n"),
         true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct mime_entity e;
        mime_parse(cases[i].header, false, &e);
        assert_int_equal(e.is_ambiguous, cases[i].is_ambiguous);
    }
    struct mime_entity e; /* of a digest */
    mime_parse(SPAN("\r\nSubject: x\r\n"), true, &e);
    assert_int_equal(e.kind, MIME_MESSAGE);
    mime_parse(SPAN("Content-Type: text/plain\r\n\r\n"), true, &e);
    assert_int_equal(e.kind, MIME_LEAF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_entity_is),
        cmocka_unit_test(a_multipart_has_these_pieces),
        cmocka_unit_test(two_fields_may_contradict_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
