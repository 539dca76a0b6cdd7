/* Archives as zlib, gzip(1) and Python's zipfile make them; bombs, and broken ones. */
#include "base/test.h"

#include "mail/packed.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 };

/* Two files, one stored, one deflated, as zipfile writes them; with a comment at the end. */
static const char archive[] =
    "PK\003\004\024\000\000\000\000\000\000\000!\000 "
    "0:6\006\000\000\000\006\000\000\000\005\000\000\000a.txthello\012"
    "PK\003\004\024\000\000\000\010\000\000\000!\000\316\213o&"
    "\005\000\000\000\024\000\000\000\005\000\000\000b.txtKL\304\004\000"
    "PK\001\002\024\003\024\000\000\000\000\000\000\000!\000 "
    "0:"
    "6\006\000\000\000\006\000\000\000\005\000\000\000\000\000\000\000\000\000\000\000\200\001\000"
    "\000\000\000a.txt"
    "PK\001\002\024\003\024\000\000\000\010\000\000\000!\000\316\213o&"
    "\005\000\000\000\024\000\000\000\005\000\000\000\000\000\000\000\000\000\000\000\200\001)"
    "\000\000\000b.txt"
    "PK\005\006\000\000\000\000\002\000\002\000f\000\000\000Q\000\000\000\007\000comment";

/* A copy that ends where its memory ends. */
static struct span exact(struct span s)
{
    char *at = malloc(s.len ? s.len : 1);
    memcpy(at, s.at, s.len);
    return span_make(at, s.len);
}

static void gzip_goes_both_ways(void **state)
{
    struct buffer packed = BUFFER_EMPTY, twice = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct error e;
    gzip_add(&packed, SPAN("hello\n"));
    assert_true(gzip_is_one(buffer_span(&packed)));
    buffer_add_span(&twice, buffer_span(&packed));
    buffer_add_span(&twice, buffer_span(&packed));
    struct span whole = exact(buffer_span(&twice));
    assert_true(gzip_unpack(&out, whole, MOST, &e));
    assert_string_equal(buffer_text(&out), "hello\nhello\n");
    for (size_t cut = packed.len + 2; cut < whole.len; cut++) {
        struct span piece = exact(span_first(whole, cut));
        buffer_clear(&out);
        assert_false(gzip_unpack(&out, piece, MOST, &e));
        free((void *)(uintptr_t)piece.at);
    }
    free((void *)(uintptr_t)whole.at);
    buffer_free(&packed);
    buffer_free(&twice);
    buffer_free(&out);
}

static void a_bomb_ends_at_the_limit(void **state)
{
    struct buffer zeros = BUFFER_EMPTY, packed = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct error e;
    buffer_reserve(&zeros, 4 * MOST);
    memset(zeros.at, 0, 4 * MOST);
    zeros.len = 4 * MOST;
    gzip_add(&packed, buffer_span(&zeros));
    assert_true(packed.len < MOST / 10);
    assert_false(gzip_unpack(&out, buffer_span(&packed), MOST, &e));
    assert_string_equal(e.text, "it unpacks to more than 1 MB");
    assert_true(out.len <= MOST + 1);
    buffer_clear(&out);
    assert_true(gzip_unpack(&out, buffer_span(&packed), 4 * MOST, &e));
    assert_int_equal(out.len, 4 * MOST);
    buffer_free(&zeros);
    buffer_free(&packed);
    buffer_free(&out);
}

static void archives_are_read(void **state)
{
    struct span whole = exact(span_make(archive, sizeof archive - 1)), name;
    struct buffer out = BUFFER_EMPTY;
    struct zip z;
    struct error e = {""};
    assert_true(zip_is_one(whole));
    assert_true(zip_start(&z, whole, &e));
    assert_int_equal(zip_next(&z, &name, &out, MOST, &e), 1);
    assert_true(span_equal(name, SPAN("a.txt")));
    assert_string_equal(buffer_text(&out), "hello\n");
    buffer_clear(&out);
    if (zip_next(&z, &name, &out, MOST, &e) != 1)
        fail_msg("%s", e.text);
    assert_string_equal(buffer_text(&out), "aaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(zip_next(&z, &name, &out, MOST, &e), 0);
    assert_true(zip_start(&z, whole, &e));
    assert_int_equal(zip_next(&z, &name, &out, 5, &e), -1); /* too large */
    buffer_free(&out);
    free((void *)(uintptr_t)whole.at);
}

static void broken_archives_are_told(void **state)
{
    static const struct {
        size_t at;
        char to;
        const char *says;
    } changes[] = {
        {0x51 + 8, 1, "encrypted"},    {0x51 + 10, 1, "not read"}, {0x51 + 42, 1, "broken"},
        {0x51, 'x', "broken"},         {0x51 + 21, 'x', "broken"}, {0xb7 + 4, 1, "of a kind"},
        {0xb7 + 12, 'x', "of a kind"}, {0xb7, 'x', "cut off"},
    };
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct span whole = exact(span_make(archive, sizeof archive - 1)), name;
        struct buffer out = BUFFER_EMPTY;
        struct zip z;
        struct error e = {""};
        ((char *)(uintptr_t)whole.at)[changes[i].at] = changes[i].to;
        if ((zip_start(&z, whole, &e) && zip_next(&z, &name, &out, MOST, &e) == 1) ||
            !strstr(e.text, changes[i].says))
            fail_msg("case %zu: %s", i, e.text);
        buffer_free(&out);
        free((void *)(uintptr_t)whole.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_goes_both_ways),
        cmocka_unit_test(a_bomb_ends_at_the_limit),
        cmocka_unit_test(archives_are_read),
        cmocka_unit_test(broken_archives_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
