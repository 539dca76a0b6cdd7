#include "base/test.h"

#include "milter/packet.h"

#include <string.h>

static void packets_are_read(void **state)
{
    static const struct {
        struct span input;
        enum packet_result result;
        char kind;
        const char *data;
        size_t left;
    } cases[] = {
        {SPAN(""), PACKET_MORE, 0, "", 0},
        {SPAN("\0\0\0"), PACKET_MORE, 0, "", 3},
        {SPAN("\0\0\0\1"), PACKET_MORE, 0, "", 4},
        {SPAN("\0\0\0\1c"), PACKET_DONE, 'c', "", 0},
        {SPAN("\0\0\0\1c\0\0\0\1a"), PACKET_DONE, 'c', "", 5},
        {SPAN("\0\0\0\4qabc"), PACKET_DONE, 'q', "abc", 0},
        {SPAN("\0\0\0\4qab"), PACKET_MORE, 0, "", 7},
        {SPAN("\0\0\0\0c"), PACKET_BAD, 0, "", 5},
        {SPAN("\0\0\0\12c"), PACKET_MORE, 0, "", 5}, /* 10 is all that there may be */
        {SPAN("\0\0\0\13c"), PACKET_BAD, 0, "", 5},
        {SPAN("HTTP/1.1 400 Bad Request"), PACKET_BAD, 0, "", 24},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span rest = cases[i].input;
        struct packet p = {0};
        enum packet_result result = packet_next(&rest, 10, &p);
        assert_int_equal(result, cases[i].result);
        assert_int_equal(rest.len, cases[i].left);
        if (result == PACKET_DONE) {
            assert_int_equal(p.kind, cases[i].kind);
            assert_true(span_equal(p.data, span_of(cases[i].data)));
        }
    }
}

static void what_is_written_is_read_again(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct packet p;
    uint32_t number;
    struct span text;
    packet_add(&out, MILTER_ABORT);
    size_t begin = packet_begin(&out, MILTER_CHANGE_FIELD);
    packet_add_u32(&out, 0x01020304);
    packet_add_text(&out, SPAN("Sub\0ject"));
    packet_add_text(&out, SPAN(""));
    packet_end(&out, begin);
    struct span rest = buffer_span(&out);
    assert_int_equal(packet_next(&rest, 100, &p), PACKET_DONE);
    assert_true(p.kind == MILTER_ABORT && !p.data.len);
    assert_int_equal(packet_next(&rest, 100, &p), PACKET_DONE);
    assert_true(packet_take_u32(&p.data, &number) && number == 0x01020304);
    assert_true(packet_take_text(&p.data, &text) && span_equal(text, SPAN("Subject")));
    assert_true(packet_take_text(&p.data, &text) && !text.len);
    assert_false(packet_take_text(&p.data, &text) || packet_take_u32(&p.data, &number));
    assert_int_equal(rest.len, 0);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_read),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
