#include "base/test.h"

#include "base/memory.h"
#include "config/options_change.h"

#include <string.h>

static void add(void *arg, const struct option_change *c)
{
    buffer_printf(arg, "%s: \"%.*s\" \"%.*s\"%s\n", c->option, SPAN_F(c->was), SPAN_F(c->is),
                  c->needs_restart ? " later" : "");
}

static void parse(struct options *o, const char *text)
{
    struct error e;
    if (!options_parse(o, "test.conf", span_of(text), &e))
        fail_msg("%s", e.text);
}

static void what_changes_is_told(void **state)
{
    static const struct {
        const char *was, *is, *told;
    } cases[] = {
        {"", "", ""},
        {"max-errors 20", "", ""}, /* it is the default */
        {"expire 5d", "expire 120h", ""},
        {"max-errors 5", "max-errors 7", "max-errors: \"5\" \"7\"\n"},
        {"hostname a.test", "hostname b.test\nexpire 2d",
         "hostname: \"a.test\" \"b.test\"\nexpire: \"5d\" \"2d\"\n"},
        {"users a", "users \"a b\"", "users: \"a\" \"\"a b\"\"\n"},
        {"drop a", "", "drop: \"a\" \"\"\"\" later\n"},
        /* lists: what is gone, then what is new; order and repetition do not matter */
        {"listen 127.0.0.1:25\nlisten 127.0.0.2:25", "listen 127.0.0.2:25\nlisten 127.0.0.3:25",
         "listen: \"127.0.0.1:25\" \"\"\nlisten: \"\" \"127.0.0.3:25\"\n"},
        {"listen 127.0.0.1:25", "listen 127.0.0.1:25 max-sessions 7",
         "listen: \"127.0.0.1:25\" \"\"\nlisten: \"\" \"127.0.0.1:25 max-sessions 7\"\n"},
        {"trusted ::1\ntrusted 127.0.0.1", "trusted 127.0.0.1\ntrusted ::1", ""},
        {"route * mx", "", "route: \"* mx\" \"\"\n"},
        {"", "aliases x", "aliases: \"\" \"x\"\n"},
        /* what waits for a restart */
        {"state a", "state b", "state: \"a\" \"b\" later\n"},
        {"loops 1\nsegment-size 64MB", "loops 2\nsegment-size 65MB",
         "segment-size: \"64MB\" \"65MB\" later\nloops: \"1\" \"2\" later\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options was, is;
        struct buffer told = BUFFER_EMPTY;
        parse(&was, cases[i].was);
        parse(&is, cases[i].is);
        options_compare(&was, &is, add, &told);
        assert_string_equal(buffer_text(&told), cases[i].told);
        buffer_free(&told);
        options_free(&was);
        options_free(&is);
    }
}

static void what_can_not_change_stays(void **state)
{
    struct options was, fresh;
    struct error e = {0};
    parse(&was, "state a\nloops 3\nexpire 2d\nsegment-size 5MB\nmax-message-size 2MB");
    parse(&fresh, "state b\nloops 4\nexpire 3d\nsegment-size 64MB\nmax-message-size 3MB");
    assert_true(options_keep(&fresh, &was, &e));
    options_free(&was); /* nothing is borrowed */
    assert_true(span_equal(fresh.state, SPAN("a")));
    assert_int_equal(fresh.loops, 3);
    assert_int_equal(fresh.segment_size, 5 << 20);
    assert_int_equal(fresh.expire, 3 * 86400000LL);
    options_free(&fresh);

    /* a message that fits into the new segments only */
    parse(&was, "segment-size 5MB\nmax-message-size 2MB");
    parse(&fresh, "segment-size 64MB\nmax-message-size 4MB");
    assert_false(options_keep(&fresh, &was, &e));
    assert_non_null(strstr(e.text, "segment-size"));
    options_free(&was);
    options_free(&fresh);
}

static void the_last_reference_frees(void **state)
{
    struct options *o = memory_new(sizeof *o);
    options_defaults(o);
    const struct options *a = o, *b = options_ref(a);
    options_unref(&a);
    assert_null(a);
    assert_true(span_equal(b->hostname, SPAN("plainpost.test"))); /* a sanitizer would notice */
    options_unref(&b);
    options_unref(&b); /* none: nothing happens */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changes_is_told),
        cmocka_unit_test(what_can_not_change_stays),
        cmocka_unit_test(the_last_reference_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
