/* Notices that were kept out of mailboxes: owed, told, and what is known of the flood. From the
 * journal on a fake disk. */
#include "base/test.h"

#include "outcome/report_to.h"
#include "store/audit.h"
#include "store/journal_trial.h"
#include "store/ledger_flood.h"
#include "store/ledger_owed.h"

#include <string.h>

static const int64_t HOUR = 3600000, DAY = INT64_C(24) * 3600000;
static const int64_t MONDAY = INT64_C(1795392000000);

static struct ledger *ledger;
static struct error error;
static struct arena arena;
static message_id last_id;

#define ALICE "alice@example.org"

static int begin(void **state)
{
    trial_begin();
    ledger = ledger_open(":memory:", &error);
    assert_non_null(ledger);
    last_id = (message_id)MONDAY * 1000;
    return 0;
}

static int end(void **state)
{
    ledger_close(&ledger);
    arena_clear(&arena);
    return trial_tear_down(state);
}

static void feed(void)
{
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

/* In one record: accepted for `to`, and kept out of `mailbox`. */
static message_id keep_out_as(enum verdict_class class, const char *to, const char *mailbox,
                              int64_t at_ms)
{
    struct commit c = {.is_urgent = true};
    struct recipient recipient = {.address = span_of(to), .judged = {.is = true, .class = class}};
    const struct envelope e = {.id = ++last_id,
                               .accepted_ms = MONDAY + at_ms,
                               .size = 6,
                               .recipients = &recipient,
                               .recipient_count = 1};
    const struct outcome o = {.kind = OUTCOME_DISCARDED,
                              .time_ms = MONDAY + at_ms,
                              .words = SPAN("one of many"),
                              .stage = span_of(mailbox),
                              .is_in_digest = true,
                              .language = "de"};
    commit_accept(&c, &e);
    commit_outcome(&c, e.id, 0, 1, 0, &o);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
    feed();
    return e.id;
}

static message_id keep_out(const char *to, const char *mailbox, int64_t at_ms)
{
    return keep_out_as(VERDICT_NOT_YOURS, to, mailbox, at_ms);
}

static message_id tell_of(enum digest_of what, const char *mailbox, uint64_t until)
{
    struct commit c = {.is_urgent = true};
    struct recipient recipient = {.address = span_of(mailbox)};
    const struct envelope e = {.id = ++last_id,
                               .origin = ORIGIN_NOTIFICATION,
                               .tells_until = until,
                               .digest_of = what,
                               .size = 6,
                               .recipients = &recipient,
                               .recipient_count = 1};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "many\r\n");
    assert_true(trial_write(c));
    feed();
    return e.id;
}

static message_id tell(const char *mailbox, uint64_t until)
{
    return tell_of(DIGEST_OF_FLOOD, mailbox, until);
}

static void note_owed(void *arg, const struct owed *o)
{
    uint64_t *found = arg;
    found[0]++;
    found[1] = o->event > found[1] ? o->event : found[1];
    assert_true(o->outcome->kind == OUTCOME_DISCARDED);
}

/* How many, and the last event. */
static uint64_t owed(const char *address, uint64_t *last)
{
    uint64_t found[2] = {0, 0};
    assert_true(ledger_owed(ledger, span_of(address), note_owed, found, &error));
    if (last)
        *last = found[1];
    return found[0];
}

static void note_address(void *arg, const struct owed_address *a)
{
    buffer_printf((struct buffer *)arg, "%.*s %llu\n", SPAN_F(a->address),
                  (unsigned long long)a->count);
}

static const char *addresses(void)
{
    struct buffer out = BUFFER_EMPTY;
    assert_true(ledger_owed_addresses(ledger, note_address, &out, &error));
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static void note_flooded(void *arg, const struct flooded_mailbox *m)
{
    buffer_printf((struct buffer *)arg, "%.*s %llu %lld\n", SPAN_F(m->mailbox),
                  (unsigned long long)m->count, (long long)(m->latest_ms - MONDAY));
}

static const char *flooded(int64_t since_ms)
{
    struct buffer out = BUFFER_EMPTY;
    assert_true(ledger_flooded(ledger, MONDAY + since_ms, note_flooded, &out, &error));
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static struct flood_before before(void)
{
    struct flood_before b;
    assert_true(ledger_flood_before(ledger, SPAN("flood " ALICE), &b, &error));
    return b;
}

/* ---- */

static void it_is_owed_to_the_mailbox_and_to_nobody_else(void **state)
{
    keep_out("Alice+x@example.org", ALICE, 0);
    keep_out(ALICE, ALICE, 10);
    keep_out("bob@example.org", "bob@example.org", 20);
    assert_string_equal(addresses(), "flood alice@example.org 2\nflood bob@example.org 1\n");
    assert_int_equal(owed(ALICE, NULL), 0); /* what failed is another digest's */
    assert_int_equal(owed("flood " ALICE, NULL), 2);
    struct audit_result r;
    assert_true(audit_check(ledger, trial.disk, TRIAL_JOURNAL, &r, &error));
    assert_true(!r.problem_count && r.count.discarded == 3 && !r.count.failed_owed);
    audit_free(&r);
}

static void a_digest_tells_all_of_it_until_its_event(void **state)
{
    uint64_t until;
    message_id first = keep_out(ALICE, ALICE, 0);
    owed("flood " ALICE, &until);
    keep_out(ALICE, ALICE, 10);
    message_id digest = tell(ALICE, until);
    assert_string_equal(addresses(), "flood alice@example.org 1\n");
    struct story s;
    assert_int_equal(ledger_story(ledger, first, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 2);
    assert_true(s.events[0].kind == STORY_ATTEMPT && s.events[0].outcome.kind == OUTCOME_DISCARDED);
    assert_true(s.events[1].kind == STORY_REPORTED && s.events[1].notification == digest);
}

static void a_flood_is_what_has_no_day_without(void **state)
{
    uint64_t until;
    keep_out(ALICE, ALICE, 2 * DAY - 2 * HOUR);
    owed("flood " ALICE, &until);
    tell(ALICE, until); /* another flood, which is over */
    keep_out(ALICE, ALICE, 3 * DAY);
    keep_out(ALICE, ALICE, 3 * DAY + 20 * HOUR);
    assert_true(before().since_ms == MONDAY + 3 * DAY && !before().told && !before().first);
    owed("flood " ALICE, &until);
    message_id digest = tell(ALICE, until);
    keep_out(ALICE, ALICE, 4 * DAY + 10 * HOUR);
    assert_true(before().since_ms == MONDAY + 3 * DAY);
    assert_true(before().told == 2 && before().first == digest);
    owed("flood " ALICE, &until);
    tell(ALICE, until);
    assert_true(before().told == 3 && before().first == digest);
    keep_out(ALICE, ALICE, 3 * DAY - HOUR); /* by a clock that was set back */
    keep_out(ALICE, ALICE, 3 * DAY);
    assert_true(before().since_ms == MONDAY + 3 * DAY - HOUR);
}

static void who_is_flooded_is_known_at_a_start(void **state)
{
    keep_out("carol@example.org", "carol@example.org", 0);
    keep_out(ALICE, ALICE, DAY);
    keep_out(ALICE, ALICE, DAY + HOUR);
    uint64_t until;
    owed("flood " ALICE, &until);
    tell(ALICE, until);
    assert_string_equal(flooded(DAY), "alice@example.org 2 90000000\n");
    assert_string_equal(flooded(2 * DAY), "");
}

static void what_a_misused_account_gets_back_is_no_flood(void **state)
{
    struct flood_before b;
    uint64_t until;
    keep_out_as(VERDICT_ACCOUNT_ABUSED, ALICE, ALICE, 0);
    keep_out_as(VERDICT_ACCOUNT_ABUSED, "Alice+x@example.org", ALICE, HOUR);
    keep_out(ALICE, ALICE, HOUR);
    assert_string_equal(addresses(), "flood alice@example.org 1\nmisuse alice@example.org 2\n");
    assert_string_equal(flooded(0), "alice@example.org 1 3600000\n");
    owed("misuse " ALICE, &until);
    message_id digest = tell_of(DIGEST_OF_MISUSE, ALICE, until);
    assert_string_equal(addresses(), "flood alice@example.org 1\n");
    assert_true(ledger_flood_before(ledger, SPAN("misuse " ALICE), &b, &error));
    assert_true(b.told == 2 && b.since_ms == MONDAY && b.first == digest);
    assert_true(before().told == 0 && !before().first);
    tell(ALICE, UINT64_MAX);
    assert_string_equal(addresses(), "");
}

static void note_digest(void *arg, struct span address, message_id latest)
{
    buffer_printf((struct buffer *)arg, "%.*s %llu\n", SPAN_F(address),
                  (unsigned long long)(latest - (message_id)MONDAY * 1000));
}

static const char *digests(int64_t since_ms)
{
    struct buffer out = BUFFER_EMPTY;
    assert_true(ledger_digests_since(ledger, MONDAY + since_ms, note_digest, &out, &error));
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

/* Also where nothing is owed any more, and whatever the digest was of. */
static void who_got_a_digest_lately_is_known(void **state)
{
    keep_out_as(VERDICT_ACCOUNT_ABUSED, ALICE, ALICE, 0);
    keep_out(ALICE, ALICE, 0);
    keep_out("bob@example.org", "bob@example.org", 0);
    assert_string_equal(digests(0), "");
    tell(ALICE, UINT64_MAX);                         /* 4 µs after midnight */
    last_id = (message_id)(MONDAY + DAY) * 1000 - 1; /* and a day later */
    tell_of(DIGEST_OF_MISUSE, ALICE, UINT64_MAX);
    assert_string_equal(digests(0),
                        "flood alice@example.org 4\nmisuse alice@example.org 86400000000\n");
    assert_string_equal(digests(DAY), "misuse alice@example.org 86400000000\n");
    keep_out_as(VERDICT_ACCOUNT_ABUSED, ALICE, ALICE, DAY + HOUR);
    message_id latest = tell_of(DIGEST_OF_MISUSE, ALICE, UINT64_MAX);
    assert_string_equal(addresses(), "flood bob@example.org 1\n");
    assert_true(latest - (message_id)MONDAY * 1000 == 86400000002);
    assert_string_equal(digests(DAY), "misuse alice@example.org 86400000002\n");
}

static void the_latest_digest_of_refusals_is_known(void **state)
{
    struct digest_told told;
    tell_of(DIGEST_OF_REFUSALS, ALICE, 1000);
    message_id digest = tell_of(DIGEST_OF_REFUSALS, ALICE, 2000);
    tell_of(DIGEST_OF_REFUSALS, "bob@example.org", 3000);
    tell(ALICE, 4000); /* of a flood */
    assert_true(ledger_told_latest(ledger, DIGEST_OF_REFUSALS, SPAN(ALICE), &told, &error));
    assert_true(told.id == digest && told.until == 2000);
    assert_true(
        ledger_told_latest(ledger, DIGEST_OF_REFUSALS, SPAN("carol@example.org"), &told, &error));
    assert_true(!told.id && !told.until);
}

static void what_is_owed_to_senders_is_no_flood(void **state)
{
    struct commit c = {.is_urgent = true};
    struct recipient to = {.address = SPAN("bob@example.net")};
    const struct envelope e = {.id = ++last_id,
                               .reverse_path = SPAN(ALICE),
                               .size = 6,
                               .recipients = &to,
                               .recipient_count = 1};
    const struct outcome o = {
        .kind = OUTCOME_FAILED, .time_ms = MONDAY, .is_in_digest = true, .language = "de"};
    commit_accept(&c, &e);
    commit_outcome(&c, e.id, 0, 1, 0, &o);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
    feed();
    assert_string_equal(flooded(0), "");
    keep_out(ALICE, ALICE, 0);
    tell(ALICE, UINT64_MAX);
    assert_string_equal(addresses(), "alice@example.org 1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_owed_to_the_mailbox_and_to_nobody_else),
        TEST(a_digest_tells_all_of_it_until_its_event),
        TEST(a_flood_is_what_has_no_day_without),
        TEST(who_is_flooded_is_known_at_a_start),
        TEST(what_a_misused_account_gets_back_is_no_flood),
        TEST(who_got_a_digest_lately_is_known),
        TEST(the_latest_digest_of_refusals_is_known),
        TEST(what_is_owed_to_senders_is_no_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
