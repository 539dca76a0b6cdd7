/* Every text of up to eight characters out of CR, LF, ".", "x" and NUL, against RFC 5321 4.5.2 and
 * 2.3.8 written down over the whole text at once. */
#include "base/test.h"

#include "smtp/dots.h"

#include <string.h>

enum { LONGEST = 8 };

struct decoded {
    char message[LONGEST];
    size_t len, taken;
    bool is_over, has_bare_cr, has_bare_lf, has_nul;
};

static bool has_at(struct span s, size_t at, const char *text)
{
    return span_starts(span_skip(s, at), span_of(text));
}

static struct decoded decode(struct span s)
{
    struct decoded d = {.taken = s.len};
    bool at_start = true;
    for (size_t i = 0; i < s.len;) {
        if (at_start && has_at(s, i, ".\r\n")) {
            d.is_over = true;
            d.taken = i + 3;
            return d;
        }
        if (at_start && s.at[i] == '.' && ++i == s.len)
            return d;
        at_start = has_at(s, i, "\r\n");
        if (at_start) {
            memcpy(d.message + d.len, "\r\n", 2);
            d.len += 2;
            i += 2;
            continue;
        }
        if (s.at[i] == '\r' && i + 1 == s.len)
            return d; /* whether it stands alone is not known yet */
        d.has_bare_cr |= s.at[i] == '\r';
        d.has_bare_lf |= s.at[i] == '\n';
        d.has_nul |= s.at[i] == '\0';
        d.message[d.len++] = s.at[i++];
    }
    return d;
}

static void expect_decoded(struct span text, struct decoded want, size_t cut)
{
    struct dots_reader d = {0};
    struct buffer out = BUFFER_EMPTY;
    struct span rest = span_first(text, cut);
    bool is_over = dots_read(&d, &rest, &out);
    size_t taken = cut - rest.len;
    if (!is_over) {
        assert_int_equal(rest.len, 0);
        rest = span_skip(text, cut);
        is_over = dots_read(&d, &rest, &out);
        taken = text.len - rest.len;
    }
    assert_int_equal(is_over, want.is_over);
    assert_int_equal(taken, want.taken);
    assert_true(span_equal(buffer_span(&out), span_make(want.message, want.len)));
    assert_int_equal(d.has_bare_cr, want.has_bare_cr);
    assert_int_equal(d.has_bare_lf, want.has_bare_lf);
    assert_int_equal(d.has_nul, want.has_nul);
    buffer_free(&out);
}

static void every_short_text_is_decoded_as_the_rules_say(void **state)
{
    for (size_t len = 1; len <= LONGEST - 1; len++) {
        size_t count = 1;
        for (size_t i = 0; i < len; i++)
            count *= 5;
        for (size_t number = 0; number < count; number++) {
            char text[LONGEST];
            for (size_t i = 0, n = number; i < len; i++, n /= 5)
                text[i] = "\r\n.x\0"[n % 5];
            struct span s = span_make(text, len);
            struct decoded want = decode(s);
            for (size_t cut = 0; cut <= len; cut += len <= 5 ? 1 : 3)
                expect_decoded(s, want, cut);
        }
    }
}

/* What is written is read back, whatever the message; one that lacks a last CR LF gets it. */
static void every_short_text_survives_the_way(void **state)
{
    for (size_t len = 0; len <= LONGEST - 1; len++) {
        size_t count = 1;
        for (size_t i = 0; i < len; i++)
            count *= 4;
        for (size_t number = 0; number < count; number++) {
            char text[LONGEST];
            for (size_t i = 0, n = number; i < len; i++, n /= 4)
                text[i] = "\r\n.x"[n % 4];
            struct span s = span_make(text, len);
            for (size_t cut = 0; cut <= len; cut += len <= 5 ? 1 : 2) {
                struct dots_writer w = {0};
                struct dots_reader r = {0};
                struct buffer coded = BUFFER_EMPTY, back = BUFFER_EMPTY;
                dots_write(&w, span_first(s, cut), &coded);
                dots_write(&w, span_skip(s, cut), &coded);
                dots_finish(&w, &coded);
                struct span rest = buffer_span(&coded);
                assert_true(dots_read(&r, &rest, &back));
                assert_int_equal(rest.len, 0);
                assert_true(span_starts(buffer_span(&back), s));
                struct span added = span_skip(buffer_span(&back), len);
                bool is_whole = !len || (len > 1 && has_at(s, len - 2, "\r\n"));
                assert_true(span_equal(added, is_whole ? SPAN("") : SPAN("\r\n")));
                buffer_free(&coded);
                buffer_free(&back);
            }
        }
    }
}

static void dots_are_doubled_at_the_start_of_lines(void **state)
{
    struct dots_writer w = {0};
    struct buffer out = BUFFER_EMPTY;
    dots_write(&w, SPAN(".a\r\n.\r\n..b.\r\nc\n.d\r"), &out);
    dots_write(&w, SPAN("\n."), &out);
    dots_finish(&w, &out);
    assert_string_equal(buffer_text(&out), "..a\r\n..\r\n...b.\r\nc\n.d\r\n..\r\n.\r\n");
    buffer_free(&out);
}

static void lines_are_measured(void **state)
{
    struct dots_reader d = {0};
    struct span in = SPAN("..12\r\n123456\r\n1\r\n");
    assert_false(dots_read(&d, &in, NULL)); /* thrown away, and measured all the same */
    assert_int_equal(d.longest_line, 6);
    assert_false(d.has_8bit);
    in = SPAN("1234567890123456\x80"
              "8\r\n.\r\n250");
    assert_true(dots_read(&d, &in, NULL));
    assert_int_equal(d.longest_line, 18);
    assert_true(d.has_8bit);
    assert_true(span_equal(in, SPAN("250")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_text_is_decoded_as_the_rules_say),
        cmocka_unit_test(every_short_text_survives_the_way),
        cmocka_unit_test(dots_are_doubled_at_the_start_of_lines),
        cmocka_unit_test(lines_are_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
