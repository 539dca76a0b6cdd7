/* What is owed, and by whom it was told: from the journal on a fake disk. */
#include "base/test.h"

#include "store/audit.h"
#include "store/journal_trial.h"
#include "store/ledger_owed.h"

#include <string.h>

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

static void feed(void)
{
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

/* From `sender` to a list whose owner is another, and to bob. */
static void accept_as(message_id id, enum origin origin, const char *sender)
{
    struct recipient to[] = {{.address = {"list@example.org", 16}, .is_expanded = true},
                             {.address = {"ann@example.org", 15},
                              .parent = 1,
                              .reverse_path = {"owner@example.org", 17}},
                             {.address = {"bob@example.org", 15}}};
    const struct envelope e = {.id = id,
                               .origin = origin,
                               .accepted_ms = (int64_t)id / 1000,
                               .reverse_path = span_of(sender),
                               .size = 6,
                               .recipients = to,
                               .recipient_count = COUNT_OF(to)};
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
}

static void accept(message_id id, const char *sender)
{
    accept_as(id, ORIGIN_SMTP, sender);
}

static void end_in_digest(message_id id, size_t recipient, enum outcome_kind kind, int64_t time_ms)
{
    struct commit c = {0};
    const struct outcome o = {.kind = kind,
                              .time_ms = time_ms,
                              .told_ms = kind == OUTCOME_DELAYED ? time_ms + 5 : 0,
                              .is_in_digest = true,
                              .language = "de"};
    commit_outcome(&c, id, recipient, 1, kind == OUTCOME_DELAYED ? time_ms + 900 : 0, &o);
    assert_true(trial_write(c));
    feed();
}

static void tell_as(message_id digest, enum origin origin, const char *to, uint64_t until)
{
    struct commit c = {.is_urgent = true};
    struct recipient recipient = {.address = span_of(to)};
    const struct envelope e = {.id = digest,
                               .origin = origin,
                               .tells_until = until,
                               .size = 6,
                               .recipients = &recipient,
                               .recipient_count = 1};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "many\r\n");
    assert_true(trial_write(c));
    feed();
}

static void tell(message_id digest, const char *to, uint64_t until)
{
    tell_as(digest, ORIGIN_NOTIFICATION, to, until);
}

static uint64_t last_event;

static void note_owed(void *arg, const struct owed *o)
{
    buffer_printf((struct buffer *)arg, "%llu/%zu %s %s\n", (unsigned long long)o->envelope->id,
                  o->recipient, outcome_word(o->outcome->kind), o->outcome->language);
    last_event = o->event > last_event ? o->event : last_event;
}

static const char *owed(const char *to)
{
    struct buffer out = BUFFER_EMPTY;
    last_event = 0;
    assert_true(ledger_owed(ledger, span_of(to), note_owed, &out, &error));
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static void note_address(void *arg, const struct owed_address *a)
{
    buffer_printf((struct buffer *)arg, "%.*s %llu since %lld, latest %llu\n", SPAN_F(a->address),
                  (unsigned long long)a->count, (long long)a->first_ms,
                  (unsigned long long)a->latest);
}

static const char *addresses(void)
{
    struct buffer out = BUFFER_EMPTY;
    assert_true(ledger_owed_addresses(ledger, note_address, &out, &error));
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static struct ledger_count count(void)
{
    struct ledger_count c = {0};
    assert_true(ledger_begin(ledger, &error) && ledger_recount(ledger, &c, &error));
    ledger_end(ledger);
    return c;
}

/* ---- */

static void what_is_owed_is_known_by_address(void **state)
{
    accept(1000, "alice@example.org");
    accept(2000, "alice@example.org");
    end_in_digest(1000, 2, OUTCOME_FAILED, 50);
    end_in_digest(2000, 2, OUTCOME_DELAYED, 60);
    end_in_digest(2000, 1, OUTCOME_FAILED, 70);
    assert_string_equal(owed("alice@example.org"), "1000/2 failed de\n2000/2 delayed de\n");
    assert_string_equal(owed("owner@example.org"), "2000/1 failed de\n");
    assert_string_equal(owed("bob@example.org"), "");
    assert_string_equal(addresses(), "alice@example.org 2 since 50, latest 0\n"
                                     "owner@example.org 1 since 70, latest 0\n");
    struct ledger_count c = count();
    assert_true(c.failed == 2 && c.failed_owed == 2 && !c.failed_reported && !c.failed_unreported);
}

static void a_digest_tells_what_was_there_until_its_event(void **state)
{
    accept(1000, "alice@example.org");
    accept(2000, "alice@example.org");
    accept(3000, "alice@example.org");
    end_in_digest(1000, 2, OUTCOME_FAILED, 50);
    end_in_digest(2000, 2, OUTCOME_FAILED, 60);
    owed("alice@example.org");
    uint64_t until = last_event;
    end_in_digest(3000, 2, OUTCOME_FAILED, 70); /* while it was written */
    tell(9000000, "alice@example.org", until);
    assert_string_equal(owed("alice@example.org"), "3000/2 failed de\n");
    assert_string_equal(addresses(), "alice@example.org 1 since 70, latest 9000000\n");
    struct ledger_count c = count();
    assert_true(c.failed == 3 && c.failed_owed == 1 && c.failed_reported == 2);
    owed("alice@example.org");
    tell(9000001, "alice@example.org", last_event);
    assert_string_equal(owed("alice@example.org"), "");
    assert_string_equal(addresses(), "");
    c = count();
    assert_true(!c.failed_owed && c.failed_reported == 3);
}

/* His digest goes to where his mail goes now; what is his is known by no address. */
static void what_is_postmaster_s_is_owed_to_him(void **state)
{
    accept_as(1000, ORIGIN_NOTIFICATION, "");
    accept(2000, "alice@example.org");
    end_in_digest(1000, 2, OUTCOME_FAILED, 50);
    end_in_digest(2000, 2, OUTCOME_FAILED, 60);
    assert_string_equal(owed("postmaster"), "1000/2 failed de\n");
    tell_as(9000000, ORIGIN_TO_POSTMASTER, "root@example.org", last_event + 1);
    assert_string_equal(addresses(), "alice@example.org 1 since 60, latest 0\n");
    struct ledger_count c = count();
    assert_true(c.failed == 2 && c.failed_owed == 1 && c.failed_reported == 1);
}

static void its_messages_can_be_listed(void **state)
{
    struct buffer id = BUFFER_EMPTY;
    message_id *ids;
    size_t n;
    for (message_id m = 1000; m <= 3000; m += 1000) {
        accept(m, "alice@example.org");
        end_in_digest(m, 2, OUTCOME_FAILED, 50);
    }
    end_in_digest(3000, 1, OUTCOME_FAILED, 50); /* the owner's */
    owed("alice@example.org");
    tell(9000000, "alice@example.org", last_event);
    message_id_add(&id, 9000000);
    assert_true(ledger_told_in(ledger, buffer_span(&id), 2, &arena, &ids, &n, &error));
    assert_true(n == 2 && ids[0] == 2000 && ids[1] == 3000);
    assert_true(ledger_told_in(ledger, buffer_span(&id), 9, &arena, &ids, &n, &error));
    assert_int_equal(n, 3);
    assert_true(ledger_told_in(ledger, SPAN("nonsense"), 9, &arena, &ids, &n, &error));
    assert_int_equal(n, 0);
    buffer_free(&id);
}

static void the_story_says_so(void **state)
{
    struct story s;
    accept(1000, "alice@example.org");
    end_in_digest(1000, 2, OUTCOME_DELAYED, 50);
    assert_int_equal(ledger_story(ledger, 1000, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 3);
    assert_true(s.events[1].kind == STORY_ATTEMPT && !s.events[1].notification);
    assert_true(s.events[2].kind == STORY_REPORTED && !s.events[2].notification);
    assert_int_equal(s.events[2].time_ms, 55);
    owed("alice@example.org");
    tell(60000, "alice@example.org", last_event);
    end_in_digest(1000, 2, OUTCOME_FAILED, 70);
    assert_int_equal(ledger_story(ledger, 1000, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 5);
    assert_true(s.events[2].notification == 60000 && s.events[2].time_ms == 60);
    assert_true(s.events[3].kind == STORY_ATTEMPT && s.events[3].outcome.kind == OUTCOME_FAILED);
    assert_true(s.events[4].kind == STORY_REPORTED && !s.events[4].notification);
}

/* The digest came after what happened then: it stands behind it. */
static void a_late_digest_stands_in_its_place(void **state)
{
    struct story s;
    struct commit c = {0};
    accept(1000, "alice@example.org");
    end_in_digest(1000, 2, OUTCOME_FAILED, 50);
    commit_hold(&c, 1000, 80, SPAN_NONE);
    assert_true(trial_write(c));
    feed();
    owed("alice@example.org");
    tell(90000, "alice@example.org", last_event);
    assert_int_equal(ledger_story(ledger, 1000, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 4);
    assert_true(s.events[2].kind == STORY_HELD);
    assert_true(s.events[3].kind == STORY_REPORTED && s.events[3].time_ms == 90);
}

static void what_is_owed_is_not_forgotten(void **state)
{
    for (message_id id = 1000; id <= 2000; id += 1000) {
        accept(id, "alice@example.org");
        trial_finish(id, 1);
        end_in_digest(id, 2, OUTCOME_FAILED, 50);
    }
    assert_int_equal(ledger_forget(ledger, 100, 10, &error), 0);
    owed("alice@example.org");
    tell(9000000, "alice@example.org", last_event);
    assert_int_equal(ledger_forget(ledger, 100, 10, &error), 2);
    assert_string_equal(addresses(), "");
    struct ledger_count c = count();
    assert_true(c.failed == 2 && c.failed_reported == 2 && !c.failed_owed);
}

static void nothing_changes_when_it_is_fed_again(void **state)
{
    struct audit_result r;
    accept(1000, "alice@example.org");
    end_in_digest(1000, 2, OUTCOME_FAILED, 50);
    assert_true(audit_check(ledger, trial.disk, TRIAL_JOURNAL, &r, &error));
    assert_true(!r.problem_count && r.count.failed_owed == 1);
    audit_free(&r);
    owed("alice@example.org");
    tell(9000000, "alice@example.org", last_event);
    ledger_close(&ledger);
    ledger = ledger_open(":memory:", &error); /* somebody has moved the old one away */
    feed();
    assert_string_equal(addresses(), "");
    assert_int_equal(count().failed_reported, 1);
    assert_true(audit_check(ledger, trial.disk, TRIAL_JOURNAL, &r, &error));
    assert_int_equal(r.problem_count, 0);
    audit_free(&r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_owed_is_known_by_address),
        TEST(a_digest_tells_what_was_there_until_its_event),
        TEST(what_is_postmaster_s_is_owed_to_him),
        TEST(its_messages_can_be_listed),
        TEST(the_story_says_so),
        TEST(a_late_digest_stands_in_its_place),
        TEST(what_is_owed_is_not_forgotten),
        TEST(nothing_changes_when_it_is_fed_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
