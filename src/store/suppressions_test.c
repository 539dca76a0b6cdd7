#include "base/test.h"

#include "store/suppressions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[32], path[64];
static struct suppressions *list;
static struct error error;

static int begin(void **state)
{
    strcpy(directory, "/tmp/suppressions-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/list", directory);
    list = suppressions_open(path, &error);
    return !list;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    suppressions_close(&list);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static int add(const char *address, const char *why, message_id message)
{
    const struct suppression what = {span_of(address), 1000, span_of(why), message};
    return suppressions_add(list, &what, &error);
}

/* "why", or NULL */
static const char *find(const char *address)
{
    static char why[100];
    struct arena a = ARENA_EMPTY;
    struct suppression found;
    bool is = suppressions_find(list, span_of(address), &a, &found);
    if (is)
        snprintf(why, sizeof why, "%.*s %lld %llu", SPAN_F(found.why), (long long)found.since_ms,
                 (unsigned long long)found.message);
    arena_clear(&a);
    return is ? why : NULL;
}

static void reopen(void)
{
    suppressions_close(&list);
    list = suppressions_open(path, &error);
    assert_non_null(list);
}

static void who_is_on_the_list_is_found(void **state)
{
    assert_null(find("bob@example.net"));
    assert_int_equal(add("Bob@Example.net", "gone", 0), 1);
    assert_int_equal(add("bob@example.net", "again", 5), 0);
    assert_int_equal(add("carol@example.net", "550 no such user", 7), 1);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(find("bob@example.net"), "gone 1000 0");
        assert_string_equal(find("BOB@EXAMPLE.NET"), "gone 1000 0");
        assert_string_equal(find("carol@example.net"), "550 no such user 1000 7");
        assert_null(find("carol@example.org"));
        reopen();
    }
    assert_int_equal(suppressions_remove(list, SPAN("BOB@example.net"), &error), 1);
    assert_int_equal(suppressions_remove(list, SPAN("bob@example.net"), &error), 0);
    assert_null(find("bob@example.net"));
    reopen();
    assert_null(find("bob@example.net"));
    assert_int_equal(add("bob@example.net", "anew", 0), 1);
    assert_string_equal(find("bob@example.net"), "anew 1000 0");
}

static void collect(void *arg, const struct suppression *one)
{
    buffer_printf(arg, "%.*s ", SPAN_F(one->address));
}

static void it_is_listed_in_pieces(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    static const char *const addresses[] = {"c@x.test", "A@x.test", "b@x.test", "D@x.test"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_int_equal(add(addresses[i], "", 0), 1);
    assert_int_equal(suppressions_list(list, SPAN_NONE, 3, collect, &out, &error), 3);
    assert_string_equal(buffer_text(&out), "A@x.test b@x.test c@x.test ");
    assert_int_equal(suppressions_list(list, SPAN("c@x.test"), 3, collect, &out, &error), 1);
    assert_int_equal(suppressions_list(list, SPAN("D@x.test"), 3, collect, &out, &error), 0);
    assert_string_equal(buffer_text(&out), "A@x.test b@x.test c@x.test D@x.test ");
    buffer_free(&out);
}

static void a_file_that_is_none_is_told(void **state)
{
    suppressions_close(&list);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 2000; i++)
        fputs("no database", f);
    fclose(f);
    assert_null(suppressions_open(path, &error));
    assert_non_null(strstr(error.text, "the list of suppressed addresses: file is not a database"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_on_the_list_is_found),
        TEST(it_is_listed_in_pieces),
        TEST(a_file_that_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
