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

static void note(message_id id, size_t recipient, int64_t retry_ms, const struct outcome *o)
{
    struct commit c = {0};
    commit_outcome(&c, id * SECOND, recipient, 1, retry_ms, o);
    feed(c);
}

static void finish(message_id id, size_t recipient, const struct outcome *o)
{
    note(id, recipient, 0, o);
}

/* What is known before, and what is told. */
struct reader {
    message_id known;
    size_t rows;
    struct buffer *out;
};

static size_t rows(void *arg, message_id id)
{
    const struct reader *r = arg;
    return id == r->known * SECOND ? r->rows : 0;
}

static bool see(void *arg, const struct sent_mail *m)
{
    const struct reader *r = arg;
    struct span subject = m->envelope->subject;
    buffer_printf(r->out, "%.*s to", SPAN_F(subject));
    for (size_t i = 0; i < m->envelope->recipient_count; i++)
        buffer_printf(r->out, " %.3s", m->envelope->recipients[i].address.at);
    buffer_printf(r->out, "%s%s; ", m->is_plain ? " plain" : "", m->is_settled ? " settled" : "");
    return span_find(subject, SPAN("enough")) == SPAN_NOT_FOUND;
}

static bool look_by(struct reader r, const char *sender, int64_t since_s)
{
    bool is_all = false;
    const struct sent_lately q = {span_of(sender), since_s * 1000, rows, see, &r};
    assert_true(ledger_sent_lately(ledger, &q, &is_all, &error));
    return is_all;
}

static bool look(const char *sender, int64_t since_s, struct buffer *out)
{
    return look_by((struct reader){.out = out}, sender, since_s);
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
    expect("ann@home.test", 1, true, "two to bob car; one to bob car; ");
    expect("ANN@home.test", 2, true, "two to bob car; ");
    expect("ann@home.test", 0, false, "two to bob car; one to bob car; ");
    expect("bob@home.test", 1, true, "");
    accept(4, "ann@home.test", "enough");
    expect("ann@home.test", 1, false, "enough to bob car; ");
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

static void a_message_is_settled_when_nothing_more_becomes_of_it(void **state)
{
    (void)state;
    const struct outcome gone = {.kind = OUTCOME_RELAYED}, lost = {.kind = OUTCOME_FAILED},
                         waits = {.kind = OUTCOME_DELAYED};
    accept(1, "ann@home.test", "one");
    note(1, 0, 5000, &waits);
    note(1, 0, 6000, &waits);
    finish(1, 1, &gone);
    expect("ann@home.test", 1, true, "one to bob car; ");
    note(1, 0, 7000, &lost); /* its notice is still to be written */
    expect("ann@home.test", 1, true, "one to bob car; ");
    finish(1, 0, &lost);
    expect("ann@home.test", 1, true, "one to bob car settled; ");
}

static void what_is_known_is_not_read(void **state)
{
    (void)state;
    static const struct {
        message_id known;
        size_t rows;
        bool is_all;
        const char *read;
    } cases[] = {
        {0, 0, true, "two to bob car; one to bob car; "},
        {1, 1, true, "two to bob car; "},
        {2, 1, true, "one to bob car; "},
        {1, 4998, true, "two to bob car; "},
        {1, 4999, false, "two to bob car; "}, /* rows of too many messages, with that of two */
        {2, 5000, false, ""},
        {3, 5000, true, "two to bob car; one to bob car; "}, /* not in the ledger any more */
    };
    accept(1, "ann@home.test", "one");
    accept(2, "ann@home.test", "two");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        const struct reader r = {cases[i].known, cases[i].rows, &out};
        if (look_by(r, "ann@home.test", 1) != cases[i].is_all ||
            !span_equal(buffer_span(&out), span_of(cases[i].read)))
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
    expect("ann@home.test", 2, true, "two to bob car; ");
    assert_int_equal(ledger_forget(ledger, 2000, 10, &error), 1);
    expect("ann@home.test", 1, false, "two to bob car; ");
    expect("ann@home.test", 2, true, "two to bob car; ");
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
        LATELY_TEST(a_message_is_settled_when_nothing_more_becomes_of_it),
        LATELY_TEST(what_is_known_is_not_read),
        LATELY_TEST(of_forgotten_stories_it_is_not_known),
        LATELY_TEST(of_thousands_it_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
