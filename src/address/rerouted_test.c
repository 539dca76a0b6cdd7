/* Two readings of the aliases, and whose mail goes elsewhere in the second. */
#include "base/test.h"

#include "address/directory_inside.h"
#include "address/rerouted.h"

static struct directory *directory_of(const struct options *o, const char *aliases)
{
    struct error e;
    struct directory *d = directory_parse(
        "users", SPAN("alice@example.org\nbob@example.org\nalice@example.com\n"), o, &e);
    assert_non_null(d);
    d->aliases.arena = &d->arena;
    if (!aliases_parse(&d->aliases, "aliases", span_of(aliases), &e))
        fail_msg("%s: %s", aliases, e.text);
    return d;
}

/* "alice@example.org>thief@example.net", and "+" where there are others. */
static void look(const char *before, const char *now, struct buffer *out)
{
    struct options o;
    struct arena a = ARENA_EMPTY;
    struct reroutings r;
    options_defaults(&o);
    struct directory *was = directory_of(&o, before), *is = directory_of(&o, now);
    directory_rerouted(was, is, &r, &a);
    for (size_t i = 0; i < r.count; i++)
        buffer_printf(out, "%s%.*s>%.*s%s", i ? " " : "", SPAN_F(r.at[i].account),
                      SPAN_F(r.at[i].to), r.at[i].has_others ? "+" : "");
    if (r.are_too_many)
        buffer_add_text(out, "too many");
    directory_unref(&was);
    directory_unref(&is);
    arena_clear(&a);
    options_free(&o);
}

#define THIEF "thief@example.net"

static void who_gets_mail_anew_is_found(void **state)
{
    static const struct {
        const char *before, *now, *found;
    } cases[] = {
        {"", "", ""},
        {"", "alice@example.org: " THIEF, "alice@example.org>" THIEF},
        {"", "Alice@example.org: \\alice, " THIEF, "alice@example.org>" THIEF},
        {"", "alice@example.org: x@example.net, y@example.net", "alice@example.org>x@example.net+"},
        {"alice@example.org: bob", "alice@example.org: bob, " THIEF, "alice@example.org>" THIEF},
        {"alice@example.org: bob, carol", "alice@example.org: CAROL, bob", ""},
        {"alice@example.org: bob, carol", "alice@example.org: bob", ""},
        {"alice@example.org: " THIEF, "", ""},
        {"", "alice@example.org: alice@example.org", ""},
        {"", "alice@example.org: alice@example.com", "alice@example.org>alice@example.com"},
        {"", "@example.org: " THIEF, ""},
        {"", "bob: " THIEF, "bob>" THIEF " bob@example.org>" THIEF},
        {"", "bob: bob@example.org", ""},
        {"bob: carol", "bob: carol\nbob@example.org: carol, bob", ""},
        {"bob@example.org: " THIEF, "bob@example.org: " THIEF "\nbob: " THIEF, "bob>" THIEF},
        {"", "nobody-here@example.net: " THIEF, "nobody-here@example.net>" THIEF},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        look(cases[i].before, cases[i].now, &out);
        if (!span_equal(buffer_span(&out), span_of(cases[i].found)))
            fail_msg("row %zu: \"%s\"", i, buffer_text(&out));
        buffer_free(&out);
    }
}

static void add_aliases(struct buffer *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_printf(table, "user%zu@example.org: " THIEF "\n", i);
}

static void add_list(struct buffer *table, size_t count)
{
    buffer_add_text(table, "bob@example.org: bob");
    for (size_t i = 1; i < count; i++)
        buffer_printf(table, ", member%zu@example.net", i);
}

static void a_table_made_anew_and_a_list_say_nothing(void **state)
{
    static const struct {
        void (*add)(struct buffer *table, size_t count);
        size_t count;
        bool is_found;
        const char *is;
    } cases[] = {
        {add_aliases, MOST_REROUTED, true, NULL},
        {add_aliases, MOST_REROUTED + 1, false, "too many"},
        {add_list, 1000, true, NULL},
        {add_list, 1001, false, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer table = BUFFER_EMPTY, out = BUFFER_EMPTY;
        cases[i].add(&table, cases[i].count);
        look("", buffer_text(&table), &out);
        if (cases[i].is_found != (span_find_char(buffer_span(&out), '>') != SPAN_NOT_FOUND))
            fail_msg("row %zu: \"%s\"", i, buffer_text(&out));
        if (cases[i].is)
            assert_string_equal(buffer_text(&out), cases[i].is);
        buffer_free(&table);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_gets_mail_anew_is_found),
        cmocka_unit_test(a_table_made_anew_and_a_list_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
