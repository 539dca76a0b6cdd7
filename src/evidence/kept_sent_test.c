/* What is kept is never behind the ledger. */
#include "base/test.h"

#include "evidence/kept_sent.h"
#include "store/journal_trial.h"

#include <stdio.h>
#include <string.h>

enum { SECOND = 1000 * 1000 /* of an id */ };

static struct ledger *ledger;
static struct kept_sent *kept;
static struct error error;
static const char *enough; /* of this subject, or recipient; NULL: never */

static int begin(void **state)
{
    (void)state;
    trial_begin();
    ledger = ledger_open(":memory:", &error);
    assert_non_null(ledger);
    kept = kept_sent_new();
    return 0;
}

static int end(void **state)
{
    kept_sent_free(&kept);
    ledger_close(&ledger);
    return trial_tear_down(state);
}

static void feed(struct commit c)
{
    assert_true(trial_write(c));
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

/* To Bob; and what begins in a small letter to Carol, too. */
static void accept(message_id id, const char *sender, const char *subject)
{
    static struct recipient to[] = {{.address = {"Bob@b.test", 10}},
                                    {.address = {"carol@c.test", 12}}};
    const struct envelope e = {.id = id * SECOND,
                               .accepted_ms = (int64_t)id * 1000,
                               .is_own = true,
                               .reverse_path = span_of(sender),
                               .subject = span_of(subject),
                               .recipients = to,
                               .recipient_count = *subject >= 'a' ? 2 : 1};
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    feed(c);
}

static void note_of(message_id id, size_t recipient, enum outcome_kind kind, bool is_plain)
{
    const struct outcome o = {.kind = kind,
                              .address = SPAN("192.0.2.7:25"),
                              .return_path = is_plain ? SPAN_NONE : SPAN("ann+tag@home.test")};
    struct commit c = {0};
    commit_outcome(&c, id * SECOND, recipient, 1, kind == OUTCOME_DELAYED ? 5000 : 0, &o);
    feed(c);
}

static void note(message_id id, enum outcome_kind kind, bool is_plain)
{
    note_of(id, 0, kind, is_plain);
}

/* Each word once. */
static bool see(void *of, const struct lately_sent *s)
{
    const struct span words[] = {s->subject, s->to, s->is_plain ? SPAN("plain") : SPAN_NONE};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        char word[60];
        snprintf(word, sizeof word, " %.*s", SPAN_F(words[i]));
        if (words[i].len && !strstr(buffer_text(of), word))
            buffer_add_text(of, word);
    }
    return !enough ||
           !(span_equal(s->subject, span_of(enough)) || span_equal(s->to, span_of(enough)));
}

static bool look(const char *sender, int64_t since_s, struct buffer *out)
{
    bool is_all = false;
    const struct kept_sent_question q = {span_of(sender), since_s * 1000, see, out};
    assert_true(kept_sent_look(kept, ledger, &q, &is_all, &error));
    return is_all;
}

/* Who looks for the first time, and who looks again: both see the same. */
static void expect(const char *sender, int64_t since_s, bool is_all, const char *words)
{
    struct kept_sent *used = kept;
    struct kept_sent *both[] = {used, kept_sent_new()};
    for (size_t i = 0; i < 2; i++) {
        struct buffer out = BUFFER_EMPTY;
        char expected[200], *rest = expected, *word;
        kept = both[i];
        snprintf(expected, sizeof expected, "%s", words);
        assert_int_equal(look(sender, since_s, &out), is_all);
        if (out.len != strlen(words))
            fail_msg("%zu: %s, not %s", i, buffer_text(&out), words);
        while ((word = strtok_r(rest, " ", &rest)))
            if (!strstr(buffer_text(&out), word))
                fail_msg("%zu: %s, not %s", i, buffer_text(&out), words);
        buffer_free(&out);
    }
    kept_sent_free(&both[1]);
    kept = used;
}

static void it_goes_with_the_ledger(void **state)
{
    (void)state;
    expect("ann@home.test", 1, false, ""); /* nothing is known yet */
    accept(1, "eve@home.test", "Other");
    expect("ann@home.test", 1, true, "");
    accept(4, "ann@home.test", "Four");
    expect("ann@home.test", 1, true, " four bob@b.test");
    note(4, OUTCOME_RELAYED, false);
    expect("ANN@home.test", 1, true, " four bob@b.test");
    accept(6, "Ann@home.test", "S i x");
    expect("ann@home.test", 1, true, " six bob@b.test four");
    /* It has waited for a filter: it has an older id than one that is there. */
    accept(3, "ann@home.test", "Three");
    expect("ann@home.test", 1, true, " six bob@b.test four three");
    /* Of what is still under way it is known at the end only how it has left. */
    note(3, OUTCOME_DELAYED, false);
    note(6, OUTCOME_DELAYED, false);
    expect("ann@home.test", 1, true, " six bob@b.test four three");
    note(3, OUTCOME_RELAYED, true);
    expect("ann@home.test", 1, true, " six bob@b.test four three plain");
    expect("ann@home.test", 4, true, " six bob@b.test four");
    expect("ann@home.test", 5, true, " six bob@b.test");
    expect("ann@home.test", 7, true, "");
    expect("eve@home.test", 1, true, " other bob@b.test");
    expect("ann@home.test", 0, false, " six bob@b.test four three plain");
}

/* What was not seen of a message, because something before it was enough, is not forgotten. */
static void enough_is_not_all(void **state)
{
    (void)state;
    static const char *const words[] = {"two", "bob@b.test", "three"};
    accept(1, "ann@home.test", "One");
    accept(2, "ann@home.test", "two");
    accept(3, "ann@home.test", "Three");
    for (message_id id = 1; id <= 3; id++)
        note(id, OUTCOME_RELAYED, false);
    note_of(2, 1, OUTCOME_RELAYED, false);
    for (size_t i = 0; i < 2 * COUNT_OF(words); i++) {
        struct buffer out = BUFFER_EMPTY;
        enough = words[i % COUNT_OF(words)];
        assert_false(look("ann@home.test", 1, &out));
        assert_null(strstr(buffer_text(&out), "one"));
        enough = NULL;
        buffer_free(&out);
    }
    expect("ann@home.test", 1, true, " three bob@b.test two carol@c.test one");
}

static void many_addresses_make_room_for_each_other(void **state)
{
    (void)state;
    enum { MANY = 40 };
    for (size_t i = 0; i < MANY; i++) {
        char sender[20], subject[20];
        snprintf(sender, sizeof sender, "a%zu@home.test", i);
        snprintf(subject, sizeof subject, "Letter %zu", i);
        accept(i + 1, sender, subject);
        note(i + 1, OUTCOME_RELAYED, false);
    }
    for (size_t i = 0; i < 3 * MANY; i++) {
        char sender[20], words[40];
        snprintf(sender, sizeof sender, "a%zu@home.test", i % MANY);
        snprintf(words, sizeof words, " letter%zu bob@b.test", i % MANY);
        expect(sender, 1, true, words);
    }
}

static void what_is_too_much_is_not_kept(void **state)
{
    (void)state;
    enum { MANY = 300, LEN = 998, TO = 4 };
    static struct recipient to[TO];
    static char names[TO][LEN];
    struct buffer out = BUFFER_EMPTY;
    for (message_id id = 1; id <= MANY; id++) {
        struct commit c = {.is_urgent = true};
        const struct outcome gone = {.kind = OUTCOME_RELAYED};
        for (size_t i = 0; i < TO; i++) {
            memset(names[i], 'x', LEN);
            int len = snprintf(names[i], LEN, "%u.%zu", (unsigned)id, i);
            names[i][len] = 'x';
            to[i].address = span_make(names[i], LEN);
        }
        const struct envelope e = {.id = id * SECOND,
                                   .accepted_ms = (int64_t)id * 1000,
                                   .reverse_path = SPAN("ann@home.test"),
                                   .recipients = to,
                                   .recipient_count = TO};
        commit_accept(&c, &e);
        for (size_t i = 0; i < TO; i++)
            commit_outcome(&c, e.id, i, 1, 0, &gone);
        buffer_add_text(&c.message, "text\r\n");
        feed(c);
    }
    for (int i = 0; i < 3; i++)
        assert_true(look("ann@home.test", 1, &out));
    buffer_free(&out);
}

#define KEPT_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KEPT_TEST(it_goes_with_the_ledger),
        KEPT_TEST(enough_is_not_all),
        KEPT_TEST(many_addresses_make_room_for_each_other),
        KEPT_TEST(what_is_too_much_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
