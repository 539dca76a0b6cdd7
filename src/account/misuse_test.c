/* Which messages of a revoked account were somebody else's. */
#include "base/test.h"

#include "account/inside.h"
#include "account/misuse.h"
#include "base/memory.h"
#include "guard/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY = 42, HOUR = 3600 * 1000, DAY = 24 * HOUR };
static const int64_t FROM = INT64_C(1795392000000), UNTIL = INT64_C(1795392000000) + 3 * HOUR;
#define ALICE SPAN("alice@example.org")
#define LAPTOP SPAN("192.0.2.7"), SPAN("laptop.test")
#define OTHER_OF_NETWORK SPAN("192.0.2.99"), SPAN("laptop.test")
#define PHONE SPAN("IPv6:2001:db8:1::7"), SPAN("phone.test")
#define TABLET SPAN("203.0.113.7"), SPAN("tablet.test")
#define THIEF SPAN("198.51.100.1"), SPAN("thief.invalid")
#define UNKNOWN SPAN_NONE, SPAN_NONE

static char directory[32], path[64];
static struct account_book *book;
static struct error error;

static const struct account_removal removal = {.account = SPAN("alice@example.org"),
                                               .from_ms = FROM,
                                               .until_ms = UNTIL,
                                               .ends_ms = UNTIL + 7 * INT64_C(86400000),
                                               .why = SPAN("removed")};

static void see(struct seen *s, struct span address, struct span name, int64_t first_ms)
{
    *s = (struct seen){.what = account_client(address, name, KEY),
                       .first_minute = (uint32_t)(first_ms / 60000),
                       .last_minute = (uint32_t)(UNTIL / 60000)};
}

/* The laptop is hers from of old, the phone since this morning. */
static void write_account(void)
{
    struct guard_account *guard = memory_new(sizeof *guard);
    struct buffer state = BUFFER_EMPTY;
    see(&guard->clients[0], LAPTOP, FROM - 30 * INT64_C(86400000));
    see(&guard->clients[1], PHONE, FROM - 2 * HOUR);
    see(&guard->clients[2], TABLET,
        FROM + HOUR - limits_usual().of[LIMIT_FRESH_HOURS] * (int64_t)HOUR);
    guard_state_write(&state, guard);
    const struct account_row row = {.name = ALICE, .state = buffer_span(&state)};
    const struct account_change c = {.row = &row, .removal = &removal};
    assert_true(account_book_write(book, ALICE, &c, &error));
    buffer_free(&state);
    free(guard);
}

static int begin(void **state)
{
    strcpy(directory, "/tmp/misuse-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/book", directory);
    book = account_book_open(path, &error);
    write_account();
    return !book;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    account_book_close(&book);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static bool was_misused(struct span account, int64_t sent_ms, struct span address, struct span name)
{
    const struct guard_limits limits = limits_usual();
    const struct misuse_question q = {.account = account,
                                      .sent_ms = sent_ms,
                                      .client_address = address,
                                      .client_name = name,
                                      .key = KEY,
                                      .limits = &limits};
    bool was;
    if (!account_was_misused(book, &q, &was, &error))
        fail_msg("%s", error.text);
    return was;
}

static void by_whom_when_and_from_where(void **state)
{
    static const struct {
        const char *what;
        struct span account;
        int64_t sent_ms;
        struct span address, name;
        bool was_misused;
    } cases[] = {
        {"by the thief", ALICE, FROM + HOUR, THIEF, true},
        {"at the very first", ALICE, FROM, THIEF, true},
        {"and the very last moment", ALICE, UNTIL, THIEF, true},
        {"before", ALICE, FROM - 1, THIEF, false},
        {"after", ALICE, UNTIL + 1, THIEF, false},
        {"by its name in other letters", SPAN("Alice@Example.ORG"), FROM + HOUR, THIEF, true},
        {"by her own computer meanwhile", ALICE, FROM + HOUR, LAPTOP, false},
        {"by that, and its name in other letters", SPAN("Alice@Example.ORG"), FROM + HOUR, LAPTOP,
         false},
        {"by what was new when it began", ALICE, FROM + 2 * HOUR, TABLET, true},
        {"with another address of its provider", ALICE, FROM + HOUR, OTHER_OF_NETWORK, false},
        {"by what calls itself so elsewhere", ALICE, FROM + HOUR, SPAN("198.51.100.1"),
         SPAN("laptop.test"), true},
        {"by a client that is as new as the thief's", ALICE, FROM + HOUR, PHONE, true},
        {"from where is not known any more", ALICE, FROM + HOUR, UNKNOWN, true},
        {"by another account", SPAN("bob@example.org"), FROM + HOUR, THIEF, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (was_misused(cases[i].account, cases[i].sent_ms, cases[i].address, cases[i].name) !=
            cases[i].was_misused)
            fail_msg("%s", cases[i].what);
}

static void what_was_restored_was_nobody_elses(void **state)
{
    struct account_change c = {.removal = &removal, .ends_removal = true};
    assert_true(was_misused(ALICE, FROM + HOUR, THIEF));
    assert_true(account_book_write(book, ALICE, &c, &error));
    assert_false(was_misused(ALICE, FROM + HOUR, THIEF));
}

static void each_time_that_it_was_revoked_counts(void **state)
{
    struct account_removal again = removal;
    again.from_ms = UNTIL + DAY;
    again.until_ms = UNTIL + DAY + HOUR;
    struct account_change c = {.removal = &again};
    assert_true(account_book_write(book, ALICE, &c, &error));
    assert_true(was_misused(ALICE, FROM + HOUR, THIEF));
    assert_false(was_misused(ALICE, UNTIL + HOUR, THIEF));
    assert_true(was_misused(ALICE, UNTIL + DAY + 1, THIEF));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(by_whom_when_and_from_where),
        TEST(what_was_restored_was_nobody_elses),
        TEST(each_time_that_it_was_revoked_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
