#include "guard/forwarding.h"

#include "base/arena.h"
#include "base/test.h"

enum { KEY = 4711, ROOM = 300 };

/* Names, parted by blanks; "*101" stands for so many others. */
static size_t targets_of(const char *text, struct span *at, struct arena *a)
{
    struct span rest = span_of(text), word;
    size_t count = 0;
    while ((word = span_word(&rest)).len) {
        uint64_t more = 0;
        if (word.at[0] != '*') {
            at[count++] = word;
            continue;
        }
        assert_true(span_to_u64(span_skip(word, 1), ROOM, &more));
        for (uint64_t i = 0; i < more; i++)
            at[count++] = arena_printf(a, "member%d@example.net", (int)i);
    }
    return count;
}

static void keep(const char *text, struct buffer *out)
{
    struct arena a = ARENA_EMPTY;
    struct span at[ROOM];
    struct forwarding f;
    size_t count = targets_of(text, at, &a);
    forwarding_of(&f, KEY, at, count);
    forwarding_write(out, &f);
    arena_clear(&a);
}

static void who_is_new_is_found(void **state)
{
    static const struct {
        const char *before, *now;
        size_t count, first;
    } cases[] = {
        {"", "", 0, 0},
        {"", "t@x.test", 1, 0},
        {"bob@x.test", "bob@x.test", 0, 0},
        {"bob@x.test", "BOB@x.test", 0, 0},
        {"bob@x.test carol@x.test", "carol@x.test bob@x.test", 0, 0},
        {"bob@x.test carol@x.test", "bob@x.test", 0, 0},
        {"bob@x.test", "", 0, 0},
        {"bob@x.test", "bob@x.test t@x.test", 1, 1},
        {"bob@x.test", "s@x.test bob@x.test t@x.test", 2, 0},
        {"|procmail", "|mail", 1, 0},
        {"*99 bob@x.test", "*99 bob@x.test t@x.test", 1, 100}, /* becomes a list */
        {"*101", "*101 t@x.test", 0, 0},                       /* was one */
        {"*101", "t@x.test", 0, 0},
        {"t@x.test", "*101", 101, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer kept = BUFFER_EMPTY;
        struct span now[ROOM];
        struct forwarding before;
        size_t count = targets_of(cases[i].now, now, &a);
        keep(cases[i].before, &kept);
        assert_true(kept.len && forwarding_read(&before, buffer_span(&kept)));
        struct forwarding_news n = forwarding_compare(&before, KEY, now, count);
        if (n.count != cases[i].count || n.first != cases[i].first)
            fail_msg("row %zu: %zu, the first at %zu", i, n.count, n.first);
        buffer_free(&kept);
        arena_clear(&a);
    }
}

static void a_long_command_is_looked_at_to_its_end(void **state)
{
    char text[2][1002];
    for (int i = 0; i < 2; i++) {
        memset(text[i], 'x', sizeof text[i]);
        text[i][1000] = (char)('1' + i);
        text[i][1001] = 0;
    }
    const struct span one = span_of(text[0]), other = span_of(text[1]);
    struct forwarding f;
    forwarding_of(&f, KEY, &one, 1);
    assert_int_equal(forwarding_compare(&f, KEY, &one, 1).count, 0);
    assert_int_equal(forwarding_compare(&f, KEY, &other, 1).count, 1);
}

static void the_same_is_kept_the_same(void **state)
{
    static const struct {
        const char *one, *other;
        bool is_same;
    } cases[] = {
        {"", "", true},
        {"a@x.test b@x.test", "b@x.test A@X.TEST a@x.test", true},
        {"a@x.test", "b@x.test", false},
        {"a@x.test", "", false},
        {"*101", "*200", true},
        {"*100", "*101", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer one = BUFFER_EMPTY, other = BUFFER_EMPTY;
        keep(cases[i].one, &one);
        keep(cases[i].other, &other);
        if (span_equal(buffer_span(&one), buffer_span(&other)) != cases[i].is_same)
            fail_msg("row %zu", i);
        buffer_free(&one);
        buffer_free(&other);
    }
}

static void what_was_not_kept_so_is_not_read(void **state)
{
    static const struct {
        const char *at;
        size_t len;
    } cases[] = {
        {"", 0},  {"\x01", 1}, {"\x01\x05\x06", 3}, {"\x02\x05\x05", 3}, {"\x02\x06\x05", 3},
        {"f", 1}, /* 102 */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct forwarding f;
        if (forwarding_read(&f, span_make(cases[i].at, cases[i].len)))
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_new_is_found),
        cmocka_unit_test(a_long_command_is_looked_at_to_its_end),
        cmocka_unit_test(the_same_is_kept_the_same),
        cmocka_unit_test(what_was_not_kept_so_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
