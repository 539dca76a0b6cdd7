#include "base/test.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/eight.h"
#include "base/heap.h"
#include "base/index.h"
#include "base/map.h"
#include "base/visible.h"

#include <stdlib.h>

static void spans_are_cut_trimmed_and_compared(void **state)
{
    struct span rest = SPAN("one two\tthree");
    assert_true(span_equal(span_word(&rest), SPAN("one")));
    assert_true(span_equal(span_word(&rest), SPAN("two")));
    assert_true(span_equal(span_word(&rest), SPAN("three")));
    assert_int_equal(span_word(&rest).len, 0);
    rest = SPAN("a=b=c");
    assert_true(span_equal(span_cut(&rest, '='), SPAN("a")));
    assert_true(span_equal(rest, SPAN("b=c")));
    assert_true(span_equal(span_trim(SPAN(" \r\n x y\t")), SPAN("x y")));
    assert_true(span_equal_nocase(SPAN("ExAmple"), SPAN("eXample")));
    assert_false(span_equal(SPAN("a"), SPAN("ab")));
    assert_int_equal(span_find(SPAN("abcabd"), SPAN("abd")), 3);
    assert_true(span_find(SPAN("abc"), SPAN("x")) == SPAN_NOT_FOUND);
    assert_true(span_compare(SPAN("a"), SPAN("ab")) < 0);
}

/* Every byte, at every place, beside bytes at both ends of their range. */
static void eight_bytes_are_marked(void **state)
{
    static const char least[] = {'\t', ' ', '!', 'A', 0x7F}, same[] = {0, ' ', '"', ':', 0x7F};
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t place = 0; place < 8; place++) {
            char text[] = "\x00\xFF\x00\xFF\x00\xFF\x00\xFF", copy[8];
            text[place] = (char)byte;
            uint64_t eight = eight_load(text), mark = UINT64_C(0x80) << 8 * place;
            eight_store(copy, eight);
            assert_memory_equal(copy, text, 8);
            for (size_t i = 0; i < COUNT_OF(least); i++)
                assert_int_equal((eight_from(eight, least[i]) & mark) != 0,
                                 byte >= (unsigned char)least[i]);
            for (size_t i = 0; i < COUNT_OF(same); i++)
                assert_int_equal((eight_equal(eight, same[i]) & mark) != 0,
                                 byte == (unsigned char)same[i]);
            assert_int_equal(eight_before(mark), place);
        }
    assert_int_equal(eight_before(0), 8);
    struct span text = SPAN("one two three: four");
    for (size_t from = 0; from <= text.len; from++) {
        size_t colon = from <= 13 ? 13 - from : text.len - from;
        assert_int_equal(eight_find_any(span_skip(text, from), ";:"), colon);
    }
}

static void numbers_are_read_strictly(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", 10, true, 0},
        {"10", 10, true, 10},
        {"11", 10, false, 0},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"1x", 100, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"9", 5, false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t v = 0;
        assert_int_equal(span_to_u64(span_of(cases[i].text), cases[i].max, &v), cases[i].ok);
        assert_true(v == cases[i].value);
    }
}

static void a_buffer_grows_and_stays_terminated(void **state)
{
    struct buffer b = BUFFER_EMPTY;
    assert_string_equal(buffer_text(&b), "");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&b, "%d,", i);
    assert_int_equal(b.len, 3890);
    assert_int_equal(b.at[b.len], 0);
    buffer_drop(&b, 3886);
    assert_string_equal(b.at, "999,");
    buffer_put_first(&b, SPAN("998,"));
    buffer_put_first(&b, SPAN_NONE);
    assert_string_equal(b.at, "998,999,");
    buffer_clear(&b);
    buffer_printf(&b, "%0*d", 500, 7);
    assert_int_equal(b.len, 500);
    buffer_free(&b);
}

static void numbers_are_added(void **state)
{
    static const struct {
        uint64_t n;
        unsigned least;
        const char *want;
    } cases[] = {{0, 1, "0"},
                 {7, 1, "7"},
                 {10, 1, "10"},
                 {7, 3, "007"},
                 {250, 3, "250"},
                 {1234, 3, "1234"},
                 {0, 20, "00000000000000000000"},
                 {UINT64_MAX, 1, "18446744073709551615"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer b = BUFFER_EMPTY;
        buffer_add_number(&b, cases[i].n, cases[i].least);
        assert_string_equal(buffer_text(&b), cases[i].want);
        buffer_free(&b);
    }
}

/* Where its block is nearly full, the text is written into the next one. */
static void an_arena_prints_whatever_room_is_left(void **state)
{
    for (int len = 0; len < 600; len++) {
        struct arena a = ARENA_EMPTY;
        for (int i = 0; i < 3; i++) {
            struct span text = arena_printf(&a, "%0*d", len + 1, 7);
            const char *behind = arena_new(&a, 16);
            assert_int_equal(text.len, len + 1);
            assert_int_equal(strspn(text.at, "0"), len);
            assert_int_equal(text.at[len], '7');
            assert_int_equal(text.at[len + 1], 0);
            for (int k = 0; k < 16; k++)
                assert_int_equal(behind[k], 0);
        }
        arena_clear(&a);
    }
}

static void an_arena_gives_zeroed_aligned_memory(void **state)
{
    struct arena a = ARENA_EMPTY;
    for (size_t n = 0; n < 3000; n += 7) {
        char *p = arena_new(&a, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i]++, 0);
    }
    assert_string_equal(arena_text(&a, SPAN("kept")), "kept");
    assert_true(span_equal(arena_printf(&a, "%s-%d", "n", 5), SPAN("n-5")));
    arena_clear(&a);
    assert_int_equal(a.total, 0);
}

static void an_index_finds_what_is_in_it(void **state)
{
    struct thing {
        int other;
        uint64_t key;
    };
    static struct thing things[5000];
    struct index x = INDEX_BY(struct thing, key);
    assert_null(index_get(&x, 1));
    assert_null(index_remove(&x, 1));
    for (uint64_t i = 0; i < 5000; i++) {
        things[i].key = i * 64;
        index_set(&x, &things[i]);
    }
    index_set(&x, &things[7]);
    assert_int_equal(x.count, 5000);
    for (uint64_t i = 0; i < 5000; i += 2)
        assert_ptr_equal(index_remove(&x, i * 64), &things[i]);
    for (uint64_t i = 0; i < 5000; i++)
        assert_ptr_equal(index_get(&x, i * 64), i % 2 ? &things[i] : NULL);
    size_t seen = 0, at = 0;
    while (index_next(&x, &at))
        seen++;
    assert_int_equal(seen, 2500);
    assert_int_equal(x.count, 2500);
    index_free(&x);
    assert_int_equal(x.offset, offsetof(struct thing, key));
}

static void a_map_finds_what_is_in_it(void **state)
{
    struct map m = MAP_EMPTY;
    static int values[2];
    map_set_text(&m, SPAN("a"), &values[0]);
    map_set_text(&m, SPAN("b"), &values[1]);
    assert_ptr_equal(map_get_text(&m, SPAN("b")), &values[1]);
    assert_ptr_equal(map_remove_text(&m, SPAN("a")), &values[0]);
    assert_null(map_get_text(&m, SPAN("a")));
    map_free(&m);
}

static void a_heap_gives_the_earliest_first(void **state)
{
    struct heap h = {0};
    struct heap_node nodes[500] = {0};
    unsigned seed = 42;
    for (int i = 0; i < 500; i++)
        heap_put(&h, &nodes[i], rand_r(&seed) % 1000);
    for (int i = 0; i < 500; i += 3)
        heap_put(&h, &nodes[i], rand_r(&seed) % 1000);
    for (int i = 1; i < 500; i += 5)
        heap_remove(&h, &nodes[i]);
    int64_t last = -1;
    size_t left = 0;
    for (struct heap_node *n; (n = heap_top(&h)); left++) {
        assert_true(n->due >= last);
        last = n->due;
        heap_remove(&h, n);
        assert_false(heap_has(n));
    }
    assert_int_equal(left, 400);
    heap_free(&h);
}

static void hostile_text_becomes_visible(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"grüße", "grüße"},
        {"\x1b[2J", "<U+001B>[2J"},
        {"a\r\nb", "a<U+000D><U+000A>b"},
        {"\xc2\x9b"
         "31m",
         "<U+009B>31m"},
        {"\xe2\x80\xae"
         "gpj.exe",
         "<U+202E>gpj.exe"},
        {"\xff\xc0\xaf", "<FF><C0><AF>"},
        {"\xed\xa0\x80", "<ED><A0><80>"},
        {"0123456789abcdefghijk", "0123456789abcdefghij…"},
    };
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&b);
        visible_add(&b, span_of(cases[i].in), 20);
        assert_string_equal(buffer_text(&b), cases[i].out);
    }
    buffer_clear(&b);
    visible_add_lines(&b, SPAN("a\r\nb\tc\n\rd"), 100);
    assert_string_equal(b.at, "a\nb c\n<U+000D>d");
    buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_cut_trimmed_and_compared),
        cmocka_unit_test(eight_bytes_are_marked),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(a_buffer_grows_and_stays_terminated),
        cmocka_unit_test(numbers_are_added),
        cmocka_unit_test(an_arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(an_arena_prints_whatever_room_is_left),
        cmocka_unit_test(an_index_finds_what_is_in_it),
        cmocka_unit_test(a_map_finds_what_is_in_it),
        cmocka_unit_test(a_heap_gives_the_earliest_first),
        cmocka_unit_test(hostile_text_becomes_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
