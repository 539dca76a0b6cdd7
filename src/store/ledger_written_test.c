/* To whom somebody has written, as the ledger has it. */
#include "base/test.h"

#include "store/journal_trial.h"
#include "store/ledger.h"

static struct ledger *ledger;
static struct error error;
static struct arena arena;

static int begin(void **state)
{
    trial_begin();
    ledger = ledger_open(":memory:", &error);
    assert_non_null(ledger);
    return 0;
}

static int end(void **state)
{
    ledger_close(&ledger);
    arena_clear(&arena);
    return trial_tear_down(state);
}

/* From `sender` to `named`, and to whom an alias leads besides. */
static void mail(message_id id, const char *sender, const char *named, const char *member,
                 enum outcome_kind kind)
{
    struct recipient to[] = {{.address = span_of(named), .is_expanded = *member != 0},
                             {.address = span_of(member), .parent = 1}};
    const struct envelope e = {.id = id,
                               .accepted_ms = (int64_t)id,
                               .reverse_path = span_of(sender),
                               .size = 6,
                               .recipients = to,
                               .recipient_count = *member ? 2 : 1};
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    for (size_t i = *member != 0; i < e.recipient_count; i++)
        trial_add_outcome(&c, id, i, kind);
    assert_true(trial_write(c));
}

static size_t asked;

static bool is_like(void *arg, struct span address)
{
    asked++;
    return span_starts_nocase(address, span_of(arg));
}

static void expect(const char *sender, const char *like, const char *address, int64_t time_ms)
{
    struct written found = {0};
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
    asked = 0;
    int got = ledger_written_to(ledger, span_of(sender), is_like, (void *)(uintptr_t)like, &arena,
                                &found, &error);
    assert_int_equal(got, address != NULL);
    if (!address)
        return;
    assert_true(span_equal(found.address, span_of(address)));
    assert_int_equal(found.time_ms, time_ms);
}

static void the_newest_that_arrived_is_found(void **state)
{
    mail(1, "ann@example.org", "bob@example.net", "", OUTCOME_RELAYED);
    mail(2, "Ann@Example.org", "Bob@example.net", "", OUTCOME_DELIVERED);
    mail(3, "ann@example.org", "bobby@example.net", "", OUTCOME_FAILED);
    mail(4, "ann@example.org", "bobette@example.net", "", OUTCOME_DELAYED);
    expect("ann@example.org", "bob", "Bob@example.net", 2);
    expect("ann@example.org", "bobby", NULL, 0);
    expect("ann@example.org", "bobette", NULL, 0);
    expect("ann@example.org", "carol", NULL, 0);
}

/* Neither what others wrote, nor where an alias led. */
static void only_what_the_sender_named_is_asked_about(void **state)
{
    mail(1, "eve@example.org", "bob@example.net", "", OUTCOME_DELIVERED);
    mail(2, "ann@example.org", "team@example.net", "bob@example.net", OUTCOME_DELIVERED);
    expect("ann@example.org", "bob", NULL, 0);
    assert_int_equal(asked, 1);
    expect("nobody@example.org", "bob", NULL, 0);
    expect("", "bob", NULL, 0);
    assert_int_equal(asked, 0);
}

static void no_more_is_looked_at_than_is_allowed(void **state)
{
    mail(1, "ann@example.org", "bob@example.net", "", OUTCOME_DELIVERED);
    for (message_id id = 2; id <= 200; id++)
        mail(id, "ann@example.org", "x@example.net", "", OUTCOME_DELIVERED);
    expect("ann@example.org", "bob", "bob@example.net", 1);
    assert_int_equal(asked, 200);
    mail(201, "ann@example.org", "x@example.net", "", OUTCOME_DELIVERED);
    expect("ann@example.org", "bob", NULL, 0);
    assert_int_equal(asked, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_that_arrived_is_found),
        TEST(only_what_the_sender_named_is_asked_about),
        TEST(no_more_is_looked_at_than_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
