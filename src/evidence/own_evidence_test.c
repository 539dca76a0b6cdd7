/* Whose evidence is whose. The mail: of ann's account, of one whom the records know by another name
 * under her return path, and of a program of ben's; a stranger's to ann; and nobody's. (Signatures
 * and signed return paths: tests/e2e/test_users_evidence.py.) */
#include "base/test.h"

#include "evidence/own_evidence.h"
#include "store/journal_trial.h"
#include "store/ledger.h"
#include "sys/clock.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANN = 1000, BEN = 1001, CARL = 1002 };

static char folder[] = "/tmp/plainpost-evidence-XXXXXX";
static char ledger_path[sizeof folder + 24];
static struct ledger *ledger;
static struct directory *directory;
static struct options options;
static struct own_evidence *evidence;
static struct arena arena;
static struct error error;

static void complain(const struct error *e)
{
    fail_msg("%s", e->text);
}

enum { SECOND = 1000 * 1000 /* of an id */, BEGIN = 10000 /* s */ };

static struct recipient to_bob[] = {{.address = {"bob@partner.test", 16}}};
static struct recipient to_ann[] = {{.address = {"list@host.test", 14}, .is_expanded = true},
                                    {.address = {"Ann@host.test", 13}, .parent = 1}};

static struct envelope mail(int number, const char *header_id, const char *reverse_path)
{
    message_id id = (message_id)(BEGIN + number) * SECOND;
    return (struct envelope){.id = id,
                             .accepted_ms = (int64_t)id / 1000,
                             .is_own = true,
                             .reverse_path = span_of(reverse_path),
                             .header_message_id = span_of(header_id),
                             .client_address = SPAN("192.0.2.1"),
                             .size = 100,
                             .recipients = to_bob,
                             .recipient_count = 1};
}

static void accept(struct envelope e)
{
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
}

static void fill(void)
{
    struct envelope of_program = mail(3, "<program@a>", "robot@elsewhere.test");
    of_program.has_owner = true;
    of_program.owner = BEN;
    struct envelope from_outside = mail(4, "<list@a>", "stranger@elsewhere.test");
    from_outside.is_own = false;
    from_outside.recipients = to_ann;
    from_outside.recipient_count = 2;
    struct envelope forged = mail(5, "<forged@a>", "ann@host.test");
    forged.is_own = false;
    accept(mail(0, "<ann@a>", "ann@host.test"));
    accept(mail(1, "<shop@a>", "ann+shop@host.test"));
    accept(mail(2, "<ben@a>", "ben@host.test"));
    accept(of_program);
    accept(from_outside);
    accept(forged);
    accept(mail(6, "<other@a>", "own@host.test"));
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

static int set_up(void **state)
{
    trial_set_up(state);
    if (!mkdtemp(folder))
        return 1;
    snprintf(ledger_path, sizeof ledger_path, "%s/ledger.sqlite", folder);
    ledger = ledger_open(ledger_path, &error);
    assert_non_null(ledger);
    assert_true(options_parse(&options, "options", SPAN("deliver-as yes"), &error));
    directory =
        directory_parse("users", SPAN("domain host.test system maildir ~/Maildir\nown@host.test\n"),
                        &options, &error);
    assert_non_null(directory);
    directory_add_system_users(directory, SPAN("ann:x:1000:1000::/home/ann:\n"
                                               "ben:x:1001:1001::/home/ben:\n"
                                               "carl:x:1002:1002::/home/carl:\n"));
    const struct own_evidence_settings settings = {.state = span_of(folder), .complain = complain};
    evidence = own_evidence_new(&settings);
    fill();
    return 0;
}

static int tear_down(void **state)
{
    char command[sizeof folder + 24];
    own_evidence_free(&evidence);
    directory_unref(&directory);
    options_free(&options);
    ledger_close(&ledger);
    arena_clear(&arena);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) || trial_tear_down(state);
}

/* Of a notice about a message that was written when the records had long begun. */
struct question {
    const char *message_id, *to; /* of the notice */
    uint32_t uid;
    const char *me; /* NULL: is not told */
};

static struct evidence ask(const struct question *q, enum evidence_for who)
{
    struct notice_recipient bob = {.address = SPAN("bob@partner.test")};
    const struct span me = span_of(q->me);
    const struct notice n = {
        .to = span_of(q->to),
        .recipients = &bob,
        .recipient_count = 1,
        .original = {.message_id = span_of(q->message_id), .date_ms = (BEGIN + 9000) * 1000LL}};
    const struct evidence_wanted w = {
        .notice = &n, .directory = directory, .who = who, .uid = q->uid};
    struct evidence e = {.me = &me, .me_count = q->me != NULL};
    own_evidence_gather(evidence, &w, &e, NULL, &arena);
    return e;
}

static const char *sent(const struct evidence *e)
{
    static const char *const words[] = {"-", "yes", "no"};
    return words[e->is_sent];
}

static const char *const ids[] = {"ann@a",  "shop@a",   "ben@a",   "program@a",
                                  "list@a", "forged@a", "other@a", "nobody@a"};

/* In the order of `ids`. */
static void users_hear_of_their_own(void **state)
{
    (void)state;
    static const struct {
        const char *who, *to, *me;
        uint32_t uid;
        const char *is_sent[COUNT_OF(ids)];
    } cases[] = {
        /* What came to ann may come back to her, and what was sent in her name from elsewhere is
         * none of hers. */
        {"ann", "ann@host.test", NULL, ANN, {"yes", "yes", "no", "no", "-", "no", "no", "no"}},
        {"ann with a tag",
         "ann+x@host.test",
         "ANN@host.test",
         ANN,
         {"yes", "-", "no", "no", "-", "no", "no", "no"}},
        {"ben", "ben@host.test", NULL, BEN, {"no", "no", "yes", "yes", "no", "no", "no", "no"}},
        /* A notice to another address says nothing of what he never sent. */
        {"ben to ann", "ann@host.test", NULL, BEN, {"-", "-", "yes", "yes", "-", "-", "-", "-"}},
        {"ben as ann",
         "ben@host.test",
         "ann@host.test",
         BEN,
         {"-", "-", "-", "-", "-", "-", "-", "-"}},
        /* Who has sent nothing from here sends from elsewhere. */
        {"carl", "carl@host.test", NULL, CARL, {"-", "-", "-", "-", "-", "-", "-", "-"}},
        {"carl to all",
         "ann@host.test, ben@host.test, own@host.test",
         NULL,
         CARL,
         {"-", "-", "-", "-", "-", "-", "-", "-"}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t k = 0; k < COUNT_OF(ids); k++) {
            const struct question q = {ids[k], cases[i].to, cases[i].uid, cases[i].me};
            struct evidence e = ask(&q, EVIDENCE_FOR_USER);
            if (strcmp(sent(&e), cases[i].is_sent[k]) != 0)
                fail_msg("%s, %s: %s", cases[i].who, ids[k], sent(&e));
        }
}

static void whether_they_wrote_is_asked_of_their_own(void **state)
{
    (void)state;
    const struct question of_ann = {"", "ann@host.test", ANN, NULL},
                          of_ben = {"", "ben@host.test", BEN, NULL},
                          of_program = {"", "robot@elsewhere.test", BEN, NULL},
                          of_others = {"", "ann@host.test", BEN, NULL},
                          with_tag = {"", "eve@a.test, ann+shop@host.test", ANN, NULL},
                          of_carl = {"", "carl@host.test", CARL, NULL};
    assert_int_equal(ask(&of_ann, EVIDENCE_FOR_USER).wrote_to, ANSWER_YES);
    assert_int_equal(ask(&of_ben, EVIDENCE_FOR_USER).wrote_to, ANSWER_YES);
    assert_int_equal(ask(&of_program, EVIDENCE_FOR_USER).wrote_to, ANSWER_YES);
    assert_int_equal(ask(&of_others, EVIDENCE_FOR_USER).wrote_to, ANSWER_UNKNOWN);
    assert_int_equal(ask(&with_tag, EVIDENCE_FOR_USER).wrote_to, ANSWER_YES);
    assert_int_equal(ask(&of_carl, EVIDENCE_FOR_USER).wrote_to, ANSWER_UNKNOWN);
    assert_int_equal(ask(&of_carl, EVIDENCE_FOR_OPERATOR).wrote_to, ANSWER_UNKNOWN);
}

static void operators_hear_of_all(void **state)
{
    (void)state;
    static const char *const expected[COUNT_OF(ids)] = {"yes", "yes", "yes", "yes",
                                                        "-",   "-",   "yes", "no"};
    for (size_t k = 0; k < COUNT_OF(ids); k++) {
        const struct question q = {ids[k], "ann@host.test", 4711, NULL};
        struct evidence e = ask(&q, EVIDENCE_FOR_OPERATOR);
        assert_string_equal(sent(&e), expected[k]);
    }
}

/* The records tell of all that was sent since then. */
static void let_records_begin(int64_t since_ms)
{
    sqlite3 *db;
    char sql[80];
    snprintf(sql, sizeof sql, "UPDATE reach SET since = %lld", (long long)since_ms);
    assert_int_equal(sqlite3_open(ledger_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_close(db);
}

static void an_address_is_made_up_where_all_is_known_that_was_sent(void **state)
{
    (void)state;
    enum { HOUR = 3600, DAY = 24 * HOUR, UNDATED = 0 };
    static const struct {
        const char *address, *id;
        int64_t written_s, since_s; /* before now */
        bool is;
    } cases[] = {
        {"u1@host.test", "", UNDATED, 28 * DAY + HOUR + 60, true},
        {"u1@host.test", "", UNDATED, 28 * DAY + HOUR - 60, false},
        {"u1@host.test", "", UNDATED, 11 * DAY, false},
        {"u1@host.test", "", 9 * DAY, 11 * DAY, true},
        {"u1@host.test", "", 9 * DAY, 9 * DAY, false}, /* clocks differ */
        {"u1@host.test", "nobody@a", 9 * DAY, 11 * DAY, true},
        {"u1@host.test", "ann@a", 9 * DAY, 11 * DAY, false}, /* went through here, */
        {"ann@host.test", "", 9 * DAY, 11 * DAY, false},     /* has sent, */
        {"bob@partner.test", "", 9 * DAY, 11 * DAY, false},  /* and has had mail */
    };
    int64_t now_s = clock_now_ms() / 1000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct notice n = {
            .original = {.message_id = span_of(cases[i].id),
                         .date_ms = cases[i].written_s ? (now_s - cases[i].written_s) * 1000 : 0}};
        const struct evidence_wanted w = {
            .notice = &n, .directory = directory, .came = {.address = span_of(cases[i].address)}};
        let_records_begin((now_s - cases[i].since_s) * 1000);
        if (own_evidence_is_made_up(evidence, &w) != cases[i].is)
            fail_msg("case %zu: %s", i, cases[i].is ? "is made up" : "is not");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_hear_of_their_own),
        cmocka_unit_test(whether_they_wrote_is_asked_of_their_own),
        cmocka_unit_test(operators_hear_of_all),
        cmocka_unit_test(an_address_is_made_up_where_all_is_known_that_was_sent),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
