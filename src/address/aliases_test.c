#include "base/test.h"

#include "address/expand.h"

#include <string.h>

static bool read_file(void *arg, const char *path, struct buffer *text, struct error *e)
{
    if (strcmp(path, "/members") == 0)
        buffer_add_text(text, "# members\ncarol\n\n  \"dave\", eve@example.net\n");
    else if (strcmp(path, "/commands") == 0)
        buffer_add_text(text, "\"|/bin/x\"\n");
    else if (strcmp(path, "/itself") == 0)
        buffer_add_text(text, ":include:/itself\n");
    else
        return error_set(e, "cannot read %s: No such file or directory", path);
    return true;
}

static bool parse(struct aliases *a, struct arena *arena, const char *text, struct error *e)
{
    *a = (struct aliases){.arena = arena, .read = read_file};
    return aliases_parse(a, "aliases", span_of(text), e);
}

static void add_alias(struct buffer *out, const struct aliases *a, const char *name)
{
    const struct alias *found = aliases_find(a, span_of(name));
    buffer_printf(out, "%s:", name);
    for (size_t i = 0; found && i < found->count; i++)
        buffer_printf(out, " %.*s", SPAN_F(found->targets[i]));
}

static void tables_are_read(void **state)
{
    static const struct {
        const char *text, *name, *found;
    } cases[] = {
        {"root: alice", "root", "root: alice"},
        {"Root:alice,bob", "root", "root: alice bob"},
        {"root  alice@example.org", "root", "root: alice@example.org"},
        {"root : alice", "root", "root: alice"},
        {"# a\n\nroot:\n  alice,\n# b\n\tbob\nx: y", "root", "root: alice bob"},
        {"\"john smith\": john", "john smith", "john smith: john"},
        {"a: \"\\\"o'neil, pat\\\"@example.org\"", "a", "a: \"o'neil, pat\"@example.org"},
        {"info@Example.org carol", "info@example.org", "info@example.org: carol"},
        {"@example.net all@example.org", "@example.net", "@example.net: all@example.org"},
        {"team: :include:/members, bob", "team", "team: carol dave eve@example.net bob"},
        {"team :include:/members", "team", "team: carol dave eve@example.net"},
        {"alice: \\alice, bob", "alice", "alice: alice bob"},
        {"a: b\r\nc: d\r\n", "a", "a: b"},
        {"a: b", "c", "c:"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = ARENA_EMPTY;
        struct aliases a;
        struct error e;
        struct buffer out = BUFFER_EMPTY;
        if (!parse(&a, &arena, cases[i].text, &e))
            fail_msg("%s: %s", cases[i].text, e.text);
        add_alias(&out, &a, cases[i].name);
        assert_string_equal(buffer_text(&out), cases[i].found);
        buffer_free(&out);
        map_free(&a.by_name);
        arena_clear(&arena);
    }
}

static void commands_are_targets_where_somebody_runs_them(void **state)
{
    static const struct {
        const char *text, *found; /* NULL: refused */
    } cases[] = {
        {"a: |/bin/x", "a: |/bin/x"},
        {"a: \"|/bin/x -y, z\", bob", "a: |/bin/x -y, z bob"},
        {"a: |\"/bin/x -y\"", "a: |/bin/x -y"},
        {"a: /var/mail/a", NULL},
        {"a: :include:/commands", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = ARENA_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        struct error e;
        struct aliases a = {.arena = &arena, .read = read_file, .runs_commands = true};
        bool ok = aliases_parse(&a, "aliases", span_of(cases[i].text), &e);
        assert_int_equal(ok, cases[i].found != NULL);
        add_alias(&out, &a, "a");
        if (ok)
            assert_string_equal(buffer_text(&out), cases[i].found);
        buffer_free(&out);
        map_free(&a.by_name);
        arena_clear(&arena);
    }
}

static void faults_are_told_with_their_line(void **state)
{
    static const struct {
        const char *text, *where, *words;
    } cases[] = {
        {"a: b\n\nc:", "aliases:3: ", "leads nowhere"},
        {"a: b\na: c", "aliases:2: ", "keep one of the two"},
        {"a: \"b", "aliases:1: ", "not closed"},
        {": b", "aliases:1: ", "root: alice@example.org"},
        {"@: b", "aliases:1: ", "root: alice@example.org"},
        {"a@b@c: b", "aliases:1: ", "root: alice@example.org"},
        {"a: b c", "aliases:1: ", "comma"},
        {"a: b@", "aliases:1: ", "is no address"},
        {"x: y\na: |run this", "aliases:2: ", "command-user"},
        {"a: /var/mail/a", "aliases:1: ", "files"},
        {"a: b\n  , :include:/gone", "aliases:1: ", "cannot read /gone"},
        {"a: :include:/itself", "/itself:1: ", "included by a file that it includes itself"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = ARENA_EMPTY;
        struct aliases a;
        struct error e = {{0}};
        if (parse(&a, &arena, cases[i].text, &e))
            fail_msg("taken: %s", cases[i].text);
        if (strncmp(e.text, cases[i].where, strlen(cases[i].where)) != 0 ||
            !strstr(e.text, cases[i].words))
            fail_msg("%s: %s", cases[i].text, e.text);
        map_free(&a.by_name);
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_read),
        cmocka_unit_test(commands_are_targets_where_somebody_runs_them),
        cmocka_unit_test(faults_are_told_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
