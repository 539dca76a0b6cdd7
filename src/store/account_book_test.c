#include "base/test.h"

#include "store/account_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[32], path[64];
static struct account_book *book;
static struct error error;
static struct buffer told;

static int begin(void **state)
{
    strcpy(directory, "/tmp/account-book-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/book", directory);
    book = account_book_open(path, &error);
    return !book;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    account_book_close(&book);
    buffer_free(&told);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void reopen(void)
{
    account_book_close(&book);
    book = account_book_open(path, &error);
    assert_non_null(book);
}

static struct account_row row(const char *name, const char *hold)
{
    return (struct account_row){.name = span_of(name),
                                .state = SPAN("counters\0of it"),
                                .counted = 42,
                                .hold = span_of(hold),
                                .hold_since_ms = hold[0] ? 1000 : 0};
}

static void tell_row(void *arg, const struct account_row *r)
{
    buffer_printf(&told, "%.*s: %.*s\n", SPAN_F(r->name), SPAN_F(r->hold));
}

static void tell_line(void *arg, const struct account_line *l)
{
    buffer_printf(&told, "%lld %.*s by %.*s: %.*s\n", (long long)l->time_ms, SPAN_F(l->what),
                  SPAN_F(l->by), SPAN_F(l->why));
}

static void tell_sample(void *arg, const struct account_sample *s)
{
    buffer_printf(&told, "%llu %.*s %.*s\n", (unsigned long long)s->id, SPAN_F(s->to),
                  SPAN_F(s->subject));
}

static void tell_removal(void *arg, const struct account_removal *r)
{
    buffer_printf(&told, "%.*s %lld %lld %d %.*s\n", SPAN_F(r->account), (long long)r->until_ms,
                  (long long)r->ends_ms, r->is_discarded, SPAN_F(r->why));
}

static const char *all(void)
{
    static char text[1000];
    snprintf(text, sizeof text, "%s", buffer_text(&told));
    buffer_clear(&told);
    return text;
}

static void what_is_written_is_there_after_a_start(void **state)
{
    const struct account_row rows[] = {row("bob@example.org", ""),
                                       row("alice@example.org", "spam")};
    struct arena a = ARENA_EMPTY;
    struct account_row found;
    assert_true(account_book_write_rows(book, rows, COUNT_OF(rows), &error));
    reopen();
    assert_int_equal(account_book_find(book, rows[1].name, &a, &found, &error), 1);
    assert_int_equal(found.state.len, 14);
    assert_memory_equal(found.state.at, rows[1].state.at, 14);
    assert_int_equal(found.counted, 42);
    assert_int_equal(found.hold_since_ms, 1000);
    assert_int_equal(account_book_find(book, SPAN("carol"), &a, &found, &error), 0);
    assert_true(account_book_held(book, tell_row, NULL, &error));
    assert_string_equal(all(), "alice@example.org: spam\n");
    assert_int_equal(account_book_list(book, SPAN_NONE, 1, tell_row, NULL, &error), 1);
    assert_int_equal(account_book_list(book, SPAN("alice@example.org"), 5, tell_row, NULL, &error),
                     1);
    assert_string_equal(all(), "alice@example.org: spam\nbob@example.org: \n");
    arena_clear(&a);
}

static void a_decision_is_one_step(void **state)
{
    const struct account_row held = row("alice", "spam"), free_again = row("alice", "");
    const struct account_line first = {1, SPAN("held"), SPAN("guard"), SPAN("many")},
                              second = {2, SPAN("released"), SPAN("operator"), SPAN("it was me")};
    struct account_sample samples[ACCOUNT_SAMPLES + 2];
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        samples[i] = (struct account_sample){i + 1, SPAN("b@example.net"), SPAN("Win")};
    struct account_change c = {
        .row = &held, .line = &first, .samples = samples, .sample_count = COUNT_OF(samples)};
    assert_true(account_book_write(book, held.name, &c, &error));
    assert_true(account_book_samples(book, held.name, tell_sample, NULL, &error));
    assert_string_equal(all(), "1 b@example.net Win\n2 b@example.net Win\n3 b@example.net Win\n"
                               "4 b@example.net Win\n5 b@example.net Win\n");
    c = (struct account_change){.row = &free_again, .line = &second, .forgets_samples = true};
    assert_true(account_book_write(book, held.name, &c, &error));
    reopen();
    assert_true(account_book_samples(book, held.name, tell_sample, NULL, &error));
    assert_true(account_book_held(book, tell_row, NULL, &error));
    assert_true(account_book_history(book, held.name, 10, tell_line, NULL, &error));
    assert_string_equal(all(), "2 released by operator: it was me\n1 held by guard: many\n");
}

static void a_history_has_an_end(void **state)
{
    const struct account_line line = {7, SPAN("slowed"), SPAN("guard"), SPAN("many")};
    const struct account_change c = {.line = &line};
    for (int i = 0; i < 505; i++)
        assert_true(account_book_write(book, SPAN("alice"), &c, &error));
    assert_true(account_book_history(book, SPAN("alice"), 1000, tell_line, NULL, &error));
    size_t lines = 0;
    for (size_t i = 0; i < told.len; i++)
        lines += told.at[i] == '\n';
    assert_int_equal(lines, 500);
}

static void tell_number(void *arg, uint64_t number, struct span name,
                        const struct account_line *line)
{
    buffer_printf(&told, "%llu %.*s %.*s%s\n", (unsigned long long)number, SPAN_F(name),
                  SPAN_F(line->what), line->is_noted ? ", noted" : "");
}

static void lines_of_all_come_in_their_order(void **state)
{
    uint64_t last;
    assert_true(account_book_end(book, &last, &error));
    assert_int_equal(last, 1);
    for (int i = 0; i < 4; i++) {
        const struct account_line line = {i, SPAN("held"), SPAN("guard"), SPAN("many"), i == 2};
        const struct account_change c = {.line = &line};
        assert_true(account_book_write(book, i % 2 ? SPAN("bob") : SPAN("alice"), &c, &error));
    }
    assert_true(account_book_end(book, &last, &error));
    assert_int_equal(last, 5);
    assert_true(account_book_lines(book, 2, 2, tell_number, NULL, &error));
    assert_string_equal(all(), "2 bob held\n3 alice held, noted\n");
    assert_true(account_book_lines(book, 5, 2, tell_number, NULL, &error));
    assert_string_equal(all(), "");
}

static void removals_come_and_go(void **state)
{
    struct account_removal r = {.account = SPAN("alice"),
                                .from_ms = 500,
                                .until_ms = 1000,
                                .ends_ms = 9000,
                                .why = SPAN("stolen")};
    const struct account_change add = {.removal = &r}, ends = {.removal = &r, .ends_removal = true};
    assert_true(account_book_write(book, r.account, &add, &error));
    r.is_discarded = true;
    assert_true(account_book_write(book, r.account, &add, &error));
    assert_true(account_book_removals(book, tell_removal, NULL, &error));
    assert_string_equal(all(), "alice 1000 9000 1 stolen\n");
    assert_true(account_book_write(book, r.account, &ends, &error));
    assert_true(account_book_removals(book, tell_removal, NULL, &error));
    assert_string_equal(all(), "");
}

static void tell_forwarding(void *arg, const struct account_forwarding *f)
{
    buffer_printf(&told, "%.*s>%.*s\n", SPAN_F(f->name), SPAN_F(f->kept));
}

static void where_mail_went_is_remembered(void **state)
{
    struct account_row alice = row("alice", ""), found = {0};
    const struct account_row bob = row("bob", "");
    const struct account_forwarding of[] = {{SPAN("bob"), SPAN("b")}, {SPAN("carol"), SPAN("c")}};
    struct arena a = ARENA_EMPTY;
    alice.forwarding[FORWARDING_ALIASES] = SPAN("x");
    alice.forwarding[FORWARDING_FILE] = SPAN("y\0z");
    assert_true(account_book_write_rows(book, &alice, 1, &error));
    assert_true(account_book_write_rows(book, &bob, 1, &error));
    alice.forwarding[FORWARDING_ALIASES] = SPAN_NONE; /* stays */
    assert_true(account_book_write_rows(book, &alice, 1, &error));
    reopen();
    assert_int_equal(account_book_find(book, SPAN("alice"), &a, &found, &error), 1);
    assert_true(span_equal(found.forwarding[FORWARDING_ALIASES], SPAN("x")));
    assert_true(span_equal(found.forwarding[FORWARDING_FILE], SPAN("y\0z")));
    assert_int_equal(account_book_aliases(book, SPAN_NONE, 5, tell_forwarding, NULL, &error), 2);
    assert_string_equal(all(), "alice>x\nbob>\n");
    assert_true(account_book_write_aliases(book, of, COUNT_OF(of), &error));
    assert_int_equal(account_book_aliases(book, SPAN("alice"), 5, tell_forwarding, NULL, &error),
                     1);
    assert_string_equal(all(), "bob>b\n"); /* carol has never sent */
    arena_clear(&a);
}

static void tell_owed(void *arg, const struct account_owed *o)
{
    buffer_printf(&told, "%llu %.*s %.*s %.*s %lld\n", (unsigned long long)o->number,
                  SPAN_F(o->account), SPAN_F(account_part_name(o->part)), SPAN_F(o->target),
                  (long long)o->since_ms);
}

static void tell_address(void *arg, struct span to)
{
    buffer_printf(&told, "%.*s\n", SPAN_F(to));
}

static void owe(const char *account, const char *to, struct account_owed o)
{
    const struct account_change c = {.owed = &o, .owed_count = 1, .owed_to = span_of(to)};
    assert_true(account_book_write(book, span_of(account), &c, &error));
}

static void a_letter_is_owed_until_it_is_on_its_way(void **state)
{
    static const char to[] = "alice@example.org";
    const struct account_letter_sent letter = {span_of(to), 3, 5000};
    const struct account_line line = {5000, SPAN("warned"), SPAN("guard"), span_of(to)};
    const struct account_change sent = {.line = &line, .letter = &letter};
    int64_t last_ms;
    owe(to, to,
        (struct account_owed){.part = PART_FORWARDING, .target = SPAN("t@x"), .since_ms = 1});
    owe("bob", "bob@example.org", (struct account_owed){.part = PART_FILTERS, .since_ms = 1});
    owe(to, to, (struct account_owed){.part = PART_PASSWORD, .since_ms = 2});
    /* The same of another name of hers: it is told once, and since when it was so first. */
    owe("alice", to,
        (struct account_owed){.part = PART_FORWARDING, .target = SPAN("t@x"), .since_ms = 3});
    owe("alice", to,
        (struct account_owed){.part = PART_FORWARDING, .target = SPAN("u@x"), .since_ms = 4});
    reopen();
    assert_true(account_book_owed_to(book, tell_address, NULL, &error));
    assert_string_equal(all(), "alice@example.org\nbob@example.org\n");
    assert_true(account_book_owed(book, span_of(to), tell_owed, NULL, &error));
    assert_string_equal(all(),
                        "1 alice@example.org forwarding t@x 1\n3 alice@example.org password  2\n"
                        "5 alice forwarding u@x 4\n");
    assert_true(account_book_last_letter(book, span_of(to), &last_ms, &error) && !last_ms);
    assert_true(account_book_write(book, span_of(to), &sent, &error));
    assert_true(account_book_owed(book, span_of(to), tell_owed, NULL, &error));
    assert_string_equal(all(), "5 alice forwarding u@x 4\n");
    assert_true(account_book_last_letter(book, span_of(to), &last_ms, &error) && last_ms == 5000);
    assert_true(account_book_last_letter(book, SPAN("bob@example.org"), &last_ms, &error));
    assert_int_equal(last_ms, 0);
    for (char target[] = "a@x"; target[0] <= 'z'; target[0]++)
        owe(to, to, (struct account_owed){.target = span_of(target)});
    assert_true(account_book_owed(book, span_of(to), tell_owed, NULL, &error));
    assert_non_null(strstr(buffer_text(&told), " s@x "));
    assert_null(strstr(all(), " t@x ")); /* the first twenty of all */
}

static void what_is_no_database_is_told(void **state)
{
    account_book_close(&book);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 1000; i++)
        fputs("no database ", f);
    fclose(f);
    book = account_book_open(path, &error);
    assert_null(book);
    assert_non_null(strstr(error.text, "accounts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_there_after_a_start, begin, end),
        cmocka_unit_test_setup_teardown(a_decision_is_one_step, begin, end),
        cmocka_unit_test_setup_teardown(a_history_has_an_end, begin, end),
        cmocka_unit_test_setup_teardown(lines_of_all_come_in_their_order, begin, end),
        cmocka_unit_test_setup_teardown(removals_come_and_go, begin, end),
        cmocka_unit_test_setup_teardown(where_mail_went_is_remembered, begin, end),
        cmocka_unit_test_setup_teardown(a_letter_is_owed_until_it_is_on_its_way, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
