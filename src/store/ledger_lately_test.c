/* What was sent in the name of an address, and whether any of it went under that very address. */
#include "base/test.h"

#include "store/journal_trial.h"
#include "store/ledger_inside.h"

#include <stdio.h>
#include <string.h>

enum { SECOND = 1000 * 1000 /* of an id */ };

static struct ledger *ledger;
static struct error error;
static const unsigned char key[SENT_KEY] = "a key for tests";

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
    return trial_tear_down(state);
}

static void feed(struct commit c)
{
    assert_true(trial_write(c));
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

static void accept(message_id id, const char *sender, const char *subject)
{
    static struct recipient to[] = {{.address = {"bob@b.test", 10}},
                                    {.address = {"carol@c.test", 12}}};
    const struct envelope e = {.id = id * SECOND,
                               .accepted_ms = (int64_t)id * 1000,
                               .is_own = true,
                               .reverse_path = span_of(sender),
                               .subject = span_of(subject),
                               .recipients = to,
                               .recipient_count = COUNT_OF(to)};
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    feed(c);
}

static void finish(message_id id, size_t recipient, const struct outcome *o)
{
    struct commit c = {0};
    commit_outcome(&c, id * SECOND, recipient, 1, 0, o);
    feed(c);
}

static bool see(void *arg, struct span subject, struct span to, bool is_plain)
{
    buffer_printf(arg, "%.*s to %.*s%s; ", SPAN_F(subject),
                  SPAN_F(span_skip(to, span_find_char(to, '@') + 1)), is_plain ? " plain" : "");
    return span_find(subject, SPAN("enough")) == SPAN_NOT_FOUND;
}

static bool look(const char *sender, int64_t since_s, struct buffer *out)
{
    bool is_all = false;
    const struct sent_lately q = {span_of(sender), since_s * 1000, see, out};
    assert_true(ledger_sent_lately(ledger, &q, &is_all, &error));
    return is_all;
}

static void expect(const char *sender, int64_t since_s, bool is_all, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    assert_int_equal(look(sender, since_s, &out), is_all);
    assert_string_equal(buffer_text(&out), expected);
    buffer_free(&out);
}

static void all_of_an_address_is_seen(void **state)
{
    (void)state;
    expect("ann@home.test", 1, false, ""); /* nothing has come yet */
    accept(1, "ann@home.test", "one");
    accept(2, "Ann@Home.test", "two");
    accept(3, "eve@home.test", "three");
    expect("ann@home.test", 1, true,
           "two to b.test; two to c.test; one to b.test; one to c.test; ");
    expect("ANN@home.test", 2, true, "two to b.test; two to c.test; ");
    expect("ann@home.test", 0, false,
           "two to b.test; two to c.test; one to b.test; one to c.test; ");
    expect("bob@home.test", 1, true, "");
    accept(4, "ann@home.test", "enough");
    expect("ann@home.test", 1, false, "enough to b.test; ");
}

static void what_went_under_its_senders_address_is_plain(void **state)
{
    (void)state;
#define AT .address = SPAN("192.0.2.7:25")
#define AS .return_path = SPAN("ann+tag@home.test")
    static const struct {
        struct outcome outcome;
        bool is_plain;
    } cases[] = {
        {{.kind = OUTCOME_RELAYED, AT, .code = 250}, true},
        {{.kind = OUTCOME_RELAYED, AT, AS, .code = 250}, false},
        {{.kind = OUTCOME_DELIVERED}, false},                 /* into a mailbox here */
        {{.kind = OUTCOME_DELIVERED, AT, .code = 250}, true}, /* by LMTP: it may go on */
        {{.kind = OUTCOME_FAILED, AT, .code = 550}, false},
        {{.kind = OUTCOME_DELAYED, AT, .code = 451}, false},
        {{.kind = OUTCOME_DELAYED, AT}, true}, /* it broke off, perhaps after all was there */
        {{.kind = OUTCOME_DELAYED, AT, AS}, false},
        {{.kind = OUTCOME_FAILED, AT}, true},
        {{.kind = OUTCOME_FAILED, .host = SPAN("mx.b.test")}, false}, /* nobody was reached */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct outcome local = {.kind = OUTCOME_DELIVERED};
        char sender[20];
        snprintf(sender, sizeof sender, "a%zu@home.test", i);
        accept(i + 1, sender, "one");
        finish(i + 1, 0, &local);
        finish(i + 1, 1, &cases[i].outcome);
        look(sender, 1, &out);
        if ((strstr(buffer_text(&out), "plain") != NULL) != cases[i].is_plain)
            fail_msg("case %zu: %s", i, buffer_text(&out));
        buffer_free(&out);
    }
}

static void of_forgotten_stories_it_is_not_known(void **state)
{
    (void)state;
    const struct outcome gone = {.kind = OUTCOME_DELIVERED};
    ledger_keep_sent(ledger, key);
    accept(1, "ann@home.test", "one");
    finish(1, 0, &gone);
    finish(1, 1, &gone);
    accept(2, "ann@home.test", "two");
    expect("ann@home.test", 2, true, "two to b.test; two to c.test; ");
    assert_int_equal(ledger_forget(ledger, 2000, 10, &error), 1);
    expect("ann@home.test", 1, false, "two to b.test; two to c.test; ");
    expect("ann@home.test", 2, true, "two to b.test; two to c.test; ");
}

static void of_thousands_it_is_not_known(void **state)
{
    (void)state;
    enum { BATCHES = 51, BATCH = 100 };
    const struct outcome waits = {.kind = OUTCOME_DELAYED, .code = 451};
    accept(1, "ann@home.test", "one");
    for (int i = 0; i < BATCHES; i++) {
        struct commit c = {0};
        for (int k = 0; k < BATCH; k++)
            commit_outcome(&c, 1 * SECOND, 0, 1, 5000, &waits);
        feed(c);
    }
    struct buffer out = BUFFER_EMPTY;
    assert_false(look("ann@home.test", 1, &out));
    buffer_free(&out);
}

#define LATELY_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LATELY_TEST(all_of_an_address_is_seen),
        LATELY_TEST(what_went_under_its_senders_address_is_plain),
        LATELY_TEST(of_forgotten_stories_it_is_not_known),
        LATELY_TEST(of_thousands_it_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
