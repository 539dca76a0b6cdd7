#include "base/test.h"

#include "base/buffer.h"
#include "login/next_hop_line.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *line;
    const char *read; /* "host port name password token-file"; "": nothing; NULL: a problem */
} cases[] = {
    {"smart.example.net relay@example.org secret", "smart.example.net|0|relay@example.org|secret|"},
    {"  smart.example.net:587\trelay\t a secret, with blanks # and all \r", "smart.example.net|587|relay|a secret, with blanks # and all|"},
    {"192.0.2.7 us b\xc3\xbc", "192.0.2.7|0|us|b\xc3\xbc|"},
    {"192.0.2.7:25 us x", "192.0.2.7|25|us|x|"},
    {"[2001:db8::7]:465 us x", "2001:db8::7|465|us|x|"},
    {"[192.0.2.7] us x", "192.0.2.7|0|us|x|"},
    {"2001:db8::7 us x", "2001:db8::7|0|us|x|"},
    {"smart.example.net us token-file:/run/tokens/us", "smart.example.net|0|us||/run/tokens/us"},
    {"", ""}, {"  \t", ""}, {"# smart.example.net us x", ""},
    {"smart.example.net", NULL}, {"smart.example.net us", NULL}, {"smart.example.net us ", NULL},
    {"smart.example.net:0 us x", NULL}, {"smart.example.net:99999 us x", NULL}, {"us@example.net us x", NULL},
    {"smart.example.net us token-file:", NULL}, {"smart.example.net us token-file:run/us", NULL},
    {"smart.example.net us x\xff", NULL}, {"smart.example.net us x\1y", NULL}, {"smart.example.net u\1s x", NULL},
    {"[] us x", NULL}, {"[ us x", NULL},
};
/* clang-format on */

static void lines_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct next_hop_line l;
        struct error e = {""};
        struct buffer read = BUFFER_EMPTY;
        int result = next_hop_line_parse(span_of(cases[i].line), &l, &e);
        if (result > 0)
            buffer_printf(&read, "%.*s|%u|%.*s|%.*s|%.*s", SPAN_F(l.host), l.port, SPAN_F(l.name),
                          SPAN_F(l.password), SPAN_F(l.token_file));
        bool is_fine = cases[i].read ? result >= 0 && !strcmp(buffer_text(&read), cases[i].read)
                                     : result < 0 && e.text[0];
        if (!is_fine)
            fail_msg("row %zu: %d %s %s", i, result, buffer_text(&read), e.text);
        buffer_free(&read);
    }
}

static void a_line_is_for_one_login(void **state)
{
    struct next_hop_line l;
    struct error e;
    assert_int_equal(next_hop_line_parse(SPAN("Smart.example.net:587 us x"), &l, &e), 1);
    assert_true(next_hop_line_is_for(&l, SPAN("smart.example.NET"), 587, SPAN("us")));
    assert_false(next_hop_line_is_for(&l, SPAN("smart.example.net"), 25, SPAN("us")));
    assert_false(next_hop_line_is_for(&l, SPAN("smart.example.net"), 587, SPAN("US")));
    assert_false(next_hop_line_is_for(&l, SPAN("smart.example.org"), 587, SPAN("us")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(a_line_is_for_one_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
