/* What was sent, as stories and as hashes. */
#include "base/test.h"

#include "store/journal_trial.h"
#include "store/ledger_inside.h"
#include "store/ledger_reached.h"

#include <stdio.h>
#include <string.h>

static struct ledger *ledger;
static struct error error;
static struct arena arena;
static const unsigned char key[SENT_KEY] = "a key for tests", other_key[SENT_KEY] = "another";

static int begin(void **state)
{
    (void)state;
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

enum { SECOND = 1000 * 1000 /* of an id */ };

/* Of dave's, to alice and bob; and bob is an alias of carol. */
static struct envelope mail(message_id id, const char *header_id)
{
    static struct recipient to[] = {
        {.address = {"Alice@Example.org", 17}},
        {.address = {"bob@example.org", 15}, .is_expanded = true},
        {.address = {"carol@elsewhere.test", 20}, .parent = 2},
    };
    return (struct envelope){.id = id,
                             .accepted_ms = (int64_t)id / 1000,
                             .is_own = true,
                             .login = SPAN("dave"),
                             .reverse_path = SPAN("dave@example.net"),
                             .header_message_id = span_of(header_id),
                             .subject = SPAN("hello"),
                             .client_name = SPAN("client.test"),
                             .client_address = SPAN("192.0.2.1"),
                             .size = 100,
                             .recipients = to,
                             .recipient_count = COUNT_OF(to)};
}

static void accept(struct envelope e)
{
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

static void finish(message_id id)
{
    struct commit c = {0};
    trial_add_outcome(&c, id, 0, OUTCOME_RELAYED);
    trial_add_outcome(&c, id, 2, OUTCOME_FAILED);
    assert_true(trial_write(c));
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

/* "2 dave to 2; 1 dave to 2 hashed": seconds of the id, account, how many it went to. */
static void expect(struct sent_question q, const unsigned char *with, const char *expected)
{
    struct sent *found;
    size_t count;
    struct buffer out = BUFFER_EMPTY;
    assert_true(ledger_sent(ledger, &q, with, 3, &arena, &found, &count, &error));
    for (size_t i = 0; i < count; i++)
        buffer_printf(&out, "%s%d %.*s to %zu%s", i ? "; " : "", (int)(found[i].id / SECOND),
                      SPAN_F(found[i].account), found[i].recipients,
                      found[i].is_hashed ? " hashed" : "");
    assert_string_equal(buffer_text(&out), expected);
    buffer_free(&out);
}

static struct sent_question to(const char *address)
{
    return (struct sent_question){.to = span_of(address)};
}

static struct sent_question id_to(const char *id, const char *address)
{
    return (struct sent_question){.message_id = span_of(id), .to = span_of(address)};
}

static void expect_since(int64_t ms)
{
    int64_t since;
    assert_true(ledger_sent_since(ledger, &since, &error));
    assert_int_equal(since, ms);
}

static void it_is_found_by_message_id_and_by_recipient(void **state)
{
    (void)state;
    accept(mail(1 * SECOND, "<one@example.net>"));
    accept(mail(2 * SECOND, "two@example.net")); /* some programs leave the brackets out */
    static const char both[] = "2 dave to 2; 1 dave to 2";
    expect(to("alice@example.ORG"), NULL, both);
    expect(to("bob@example.org"), NULL, both);
    expect(to("carol@elsewhere.test"), NULL, both);
    expect(to("dave@example.net"), NULL, "");
    expect(id_to("<one@example.net>", ""), NULL, "1 dave to 2");
    expect(id_to("one@example.net", "bob@example.org"), NULL, "1 dave to 2");
    expect(id_to("<two@example.net>", ""), NULL, "2 dave to 2");
    expect(id_to("<one@example.net>", "eve@example.org"), NULL, "");
    expect(id_to("<three@example.net>", ""), NULL, "");
    expect((struct sent_question){.id = 1 * SECOND}, NULL, "1 dave to 2");
    expect((struct sent_question){.id = 1 * SECOND, .to = SPAN("eve@example.org")}, NULL, "");
    expect((struct sent_question){.id = 3 * SECOND}, NULL, "");
}

static void strangers_have_sent_nothing(void **state)
{
    (void)state;
    struct envelope forged = mail(1 * SECOND, "<one@example.net>");
    forged.is_own = false;
    forged.login = SPAN_NONE;
    accept(forged);
    expect(to("alice@example.org"), NULL, "");
    expect(id_to("<one@example.net>", ""), NULL, "");
    bool has;
    assert_true(ledger_has_message_id(ledger, SPAN("one@example.net"), &has, &error) && has);
    assert_true(ledger_has_message_id(ledger, SPAN("<two@example.net>"), &has, &error) && !has);
}

static void it_can_be_asked_for_one_sender(void **state)
{
    (void)state;
    struct envelope of_user = mail(2 * SECOND, "<two@example.net>");
    of_user.login = SPAN_NONE;
    of_user.client_address = SPAN_NONE;
    of_user.client_name = SPAN("local user ann (uid 1000)");
    of_user.has_owner = true;
    of_user.owner = 1000;
    of_user.reverse_path = SPAN("ann@example.net");
    accept(mail(1 * SECOND, "<one@example.net>"));
    accept(of_user);
    const struct span dave = SPAN("DAVE@example.net"), login = SPAN("dave"), eve = SPAN("eve");
    struct sent_question q = to("alice@example.org");
    q.by_count = 1;
    q.by = &dave;
    expect(q, NULL, "1 dave to 2");
    q.by = &login;
    expect(q, NULL, "1 dave to 2");
    q.by = &eve;
    expect(q, NULL, "");
    q = to("alice@example.org");
    q.has_owner = true;
    q.owner = 1000;
    expect(q, NULL, "2 local user ann (uid 1000) to 2");
    q.to = SPAN("carol@elsewhere.test"); /* where an alias leads is not his to know */
    expect(q, NULL, "");
    q.to = SPAN("bob@example.org");
    expect(q, NULL, "2 local user ann (uid 1000) to 2");
    q.owner = 1001;
    expect(q, NULL, "");
}

static void what_became_of_it_is_told(void **state)
{
    (void)state;
    struct sent *found;
    size_t count;
    struct sent_question q = to("alice@example.org");
    accept(mail(1 * SECOND, "<one@example.net>"));
    assert_true(ledger_sent(ledger, &q, NULL, 1, &arena, &found, &count, &error));
    assert_true(count == 1 && !found->has_outcome);
    finish(1 * SECOND);
    assert_true(ledger_sent(ledger, &q, NULL, 1, &arena, &found, &count, &error));
    assert_true(count == 1 && found->has_outcome && found->outcome.kind == OUTCOME_RELAYED);
    assert_true(span_equal(found->to, SPAN("Alice@Example.org")));
}

static void hashes_stay_when_a_story_is_forgotten(void **state)
{
    (void)state;
    ledger_keep_sent(ledger, key);
    accept(mail(1 * SECOND, "<one@example.net>"));
    finish(1 * SECOND);
    accept(mail(2 * SECOND, "<two@example.net>"));
    assert_int_equal(ledger_forget(ledger, 3000, 10, &error), 1); /* the other is not finished */
    static const char both[] = "2 dave to 2; 1 dave to 2 hashed";
    expect(to("alice@EXAMPLE.org"), key, both);
    expect(to("carol@elsewhere.test"), key, both);
    expect(to("eve@example.org"), key, "");
    expect(id_to("<one@example.net>", ""), key, "1 dave to 2 hashed");
    expect(id_to("one@example.net", "bob@example.org"), key, "1 dave to 2 hashed");
    expect(id_to("one@example.net", "eve@example.org"), key, "");
    expect((struct sent_question){.id = 1 * SECOND}, key, "1 dave to 2 hashed");
    expect((struct sent_question){.id = 1 * SECOND, .to = SPAN("eve@example.org")}, key, "");
    expect(to("alice@example.org"), other_key, "2 dave to 2");
    expect(to("alice@example.org"), NULL, "2 dave to 2");
    struct sent_question q = to("alice@example.org");
    const struct span eve = SPAN("eve");
    q.by_count = 1;
    q.by = &eve;
    expect(q, key, "");
    q = to("alice@example.org");
    q.has_owner = true;
    expect(q, key, "");
    assert_int_equal(ledger_forget_sent(ledger, 2000, 10, &error), 1);
    expect(to("alice@example.org"), key, "2 dave to 2");
}

static void nothing_stays_when_nothing_is_to(void **state)
{
    (void)state;
    accept(mail(1 * SECOND, "<one@example.net>"));
    finish(1 * SECOND);
    assert_int_equal(ledger_forget(ledger, 3000, 10, &error), 1);
    expect(to("alice@example.org"), key, "");
}

static void since_when_it_knows_all(void **state)
{
    (void)state;
    expect_since(INT64_MAX);
    accept(mail(5 * SECOND, "<one@example.net>"));
    accept(mail(6 * SECOND, "<two@example.net>"));
    expect_since(5000);
    assert_int_equal(ledger_forget_sent(ledger, 4000, 10, &error), 0);
    expect_since(5000);
    assert_int_equal(ledger_forget_sent(ledger, 5500, 10, &error), 0);
    expect_since(5500);
}

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

static void tell_reached(void *arg, const struct envelope *e, size_t recipient)
{
    buffer_printf(arg, "%d %.*s\n", (int)(e->id / SECOND),
                  SPAN_F(e->recipients[recipient].address));
}

/* Those that took it, and by this account only. */
static void whom_an_account_has_reached(void **state)
{
    (void)state;
    struct buffer out = BUFFER_EMPTY;
    for (message_id id = 1; id < 5; id++) {
        accept(mail(id * SECOND, "<one@example.net>"));
        if (id != 3)
            finish(id * SECOND);
    }
    assert_int_equal(
        ledger_reached(ledger, SPAN("Dave"), 2000, 4000, 10, tell_reached, &out, &error), 2);
    assert_string_equal(buffer_text(&out), "2 Alice@Example.org\n4 Alice@Example.org\n");
    assert_int_equal(ledger_reached(ledger, SPAN("dave"), 0, 9000, 1, tell_reached, &out, &error),
                     1);
    assert_int_equal(ledger_reached(ledger, SPAN("eve"), 0, 9000, 10, tell_reached, &out, &error),
                     0);
    buffer_free(&out);
}

static void who_sends_from_here_is_known(void **state)
{
    (void)state;
    bool sends;
    struct envelope forged = mail(2 * SECOND, "<two@example.net>");
    forged.is_own = false;
    forged.reverse_path = SPAN("eve@example.net");
    accept(mail(1 * SECOND, "<one@example.net>"));
    accept(forged);
    assert_true(ledger_sends(ledger, SPAN("Dave@Example.net"), &sends, &error) && sends);
    assert_true(ledger_sends(ledger, SPAN("eve@example.net"), &sends, &error) && !sends);
    assert_true(ledger_sends(ledger, SPAN("bob@example.org"), &sends, &error) && !sends);
}

static void who_only_gets_notices_has_had_no_mail(void **state)
{
    bool has;
    struct recipient ghost = {.address = SPAN("ghost@example.org")};
    struct envelope notice = mail(2 * SECOND, "<two@example.net>");
    notice.is_own = false;
    notice.reverse_path = SPAN_NONE;
    notice.recipients = &ghost;
    notice.recipient_count = 1;
    accept(mail(1 * SECOND, "<one@example.net>"));
    accept(notice);
    assert_true(ledger_has_had_mail(ledger, SPAN("alice@EXAMPLE.org"), &has, &error) && has);
    assert_true(ledger_has_had_mail(ledger, SPAN("ghost@example.org"), &has, &error) && !has);
    assert_true(ledger_has_had_mail(ledger, SPAN("dave@example.net"), &has, &error) && !has);
    struct envelope stranger = notice;
    stranger.id = 3 * SECOND;
    stranger.reverse_path = SPAN("eve@example.net");
    accept(stranger);
    assert_true(ledger_has_had_mail(ledger, SPAN("Ghost@example.org"), &has, &error) && has);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(it_is_found_by_message_id_and_by_recipient),
        LEDGER_TEST(strangers_have_sent_nothing),
        LEDGER_TEST(it_can_be_asked_for_one_sender),
        LEDGER_TEST(what_became_of_it_is_told),
        LEDGER_TEST(hashes_stay_when_a_story_is_forgotten),
        LEDGER_TEST(nothing_stays_when_nothing_is_to),
        LEDGER_TEST(since_when_it_knows_all),
        cmocka_unit_test_setup_teardown(whom_an_account_has_reached, begin, end),
        cmocka_unit_test_setup_teardown(who_sends_from_here_is_known, begin, end),
        cmocka_unit_test_setup_teardown(who_only_gets_notices_has_had_no_mail, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
