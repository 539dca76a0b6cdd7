/* Whose they are, by what they are grouped, what is kept of many, and when many at once mean
 * something. */
#include "base/test.h"

#include "bounce/render_triage.h"
#include "bounce/trial_notice.h"

#include <stdio.h>
#include <string.h>

static const int64_t TUESDAY_MS = INT64_C(1795519200000); /* 24 Nov 2026, 11:20 UTC */
static const int64_t HOUR_MS = INT64_C(3600000);
static const struct triage_wishes usual = {.now_ms = INT64_C(1796169600000)};
static struct triage t; /* large */

static void start(const struct triage_wishes *w)
{
    triage_start(&t, w);
}

static void add(struct trial *n)
{
    triage_add(&t, &n->notice, &n->verdict, SPAN("box:1"));
}

/* One as mail systems write it about mail to that address. */
static void add_about(const char *to, const char *id, enum provenance p, int64_t date_ms)
{
    struct trial n;
    trial_notice(&n, NOTICE_FAILURE,
                 p == PROVENANCE_DISPROVEN ? VERDICT_NOT_YOURS : VERDICT_GENUINE);
    n.verdict.provenance = p;
    n.notice.date_ms = date_ms;
    n.recipients[0].address = span_of(to);
    n.notice.original.message_id = span_of(id);
    add(&n);
}

static bool shows(const char *piece)
{
    struct buffer out = BUFFER_EMPTY;
    const struct render_wishes w = {.width = 80};
    const struct triage_hints h = {.can_move = true};
    render_triage(&out, &t, &w, &h);
    bool has = strstr(buffer_text(&out), piece) != NULL;
    buffer_free(&out);
    return has;
}

static void each_goes_to_its_pile(void **state)
{
    static const struct {
        enum notice_kind kind;
        enum verdict_class class;
        enum provenance provenance;
        const char *pile;
    } cases[] = {
        {NOTICE_FAILURE, VERDICT_GENUINE, PROVENANCE_PROVEN, "yours"},
        {NOTICE_FAILURE, VERDICT_GENUINE, PROVENANCE_UNKNOWN, "unproven"},
        {NOTICE_DELAY, VERDICT_GENUINE, PROVENANCE_UNKNOWN, "unproven"},
        {NOTICE_FAILURE, VERDICT_NOT_YOURS, PROVENANCE_DISPROVEN, "forged"},
        {NOTICE_FAILURE, VERDICT_SPAM_IN_BOUNCE, PROVENANCE_DISPROVEN, "spam"},
        {NOTICE_FAILURE, VERDICT_ACCOUNT_ABUSED, PROVENANCE_PROVEN, "account-abused"},
        {NOTICE_NOT_A_BOUNCE, VERDICT_PHISHING, PROVENANCE_UNKNOWN, "tricks"},
        {NOTICE_AUTO_REPLY, VERDICT_AUTO_REPLY, PROVENANCE_UNKNOWN, "replies"},
        {NOTICE_FEEDBACK_REPORT, VERDICT_UNKNOWN, PROVENANCE_UNKNOWN, "complaints"},
        {NOTICE_FEEDBACK_REPORT, VERDICT_GENUINE, PROVENANCE_UNKNOWN, "complaints"},
        {NOTICE_FEEDBACK_REPORT, VERDICT_GENUINE, PROVENANCE_PROVEN, "complaints"},
        {NOTICE_FEEDBACK_REPORT, VERDICT_NOT_YOURS, PROVENANCE_DISPROVEN, "forged"},
        {NOTICE_CHALLENGE, VERDICT_UNKNOWN, PROVENANCE_UNKNOWN, "challenges"},
        {NOTICE_CHALLENGE, VERDICT_GENUINE, PROVENANCE_PROVEN, "challenges"},
        {NOTICE_FAILURE, VERDICT_UNKNOWN, PROVENANCE_UNKNOWN, "unknown"},
        {NOTICE_NOT_A_BOUNCE, VERDICT_NOT_A_BOUNCE, PROVENANCE_UNKNOWN, "other"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial n;
        trial_notice(&n, cases[i].kind, cases[i].class);
        n.verdict.provenance = cases[i].provenance;
        assert_string_equal(pile_name(pile_of(&n.notice, &n.verdict)), cases[i].pile);
    }
}

static void a_notice_counts_in_the_group_of_each_cause(void **state)
{
    struct trial n;
    trial_notice(&n, NOTICE_FAILURE, VERDICT_GENUINE);
    n.notice.recipient_count = 4;
    n.recipients[1].cause.cause = CAUSE_ADDRESS_NOT_FOUND;
    n.recipients[2].cause.cause = CAUSE_ADDRESS_NOT_FOUND;
    n.recipients[3].action = ACTION_DELIVERED; /* no news */
    start(&usual);
    add(&n);
    add(&n);
    n.notice.recipient_count = 1;
    add(&n);
    triage_finish(&t);
    const struct triage_pile *p = &t.piles[PILE_UNPROVEN];
    assert_int_equal(p->notices, 3);
    assert_int_equal(p->group_count, 2);
    assert_int_equal(p->groups[0]->cause.cause, CAUSE_INBOX_FULL);
    assert_int_equal(p->groups[0]->notices, 3);
    assert_int_equal(p->groups[1]->notices, 2);
    assert_int_equal(p->groups[1]->recipients.count, 2);
    assert_int_equal(p->groups[1]->recipients.list[0]->notices, 2);
    assert_true(shows("  Inbox full (3)\n    bob@example.net (3)\n"));
    assert_true(shows("Who must act: The recipient."));
    assert_true(shows("For example: box:1\n"));
    triage_free(&t);
}

static void trouble_stands_before_what_waits(void **state)
{
    struct trial n;
    start(&usual);
    for (int i = 0; i < 3; i++) {
        trial_notice(&n, i ? NOTICE_DELAY : NOTICE_FAILURE, VERDICT_GENUINE);
        n.recipients[0].cause.variant = i == 2 ? VARIANT_QUOTA : VARIANT_NONE;
        add(&n);
    }
    trial_notice(&n, NOTICE_FAILURE, VERDICT_GENUINE);
    n.notice.recipient_count = 0;
    add(&n);
    triage_finish(&t);
    const struct triage_pile *p = &t.piles[PILE_UNPROVEN];
    assert_int_equal(p->group_count, 3);
    assert_int_equal(p->groups[2]->action, ACTION_DELAYED);
    assert_int_equal(p->groups[2]->notices, 2);
    assert_true(shows("Delayed, and still being tried (2)"));
    assert_true(shows("Not delivered (1)"));
    triage_free(&t);
}

static void the_same_address_in_any_case(void **state)
{
    start(&usual);
    add_about("Bob@Example.net", "1@a.example", PROVENANCE_UNKNOWN, TUESDAY_MS);
    add_about("bob@example.net", "2@a.example", PROVENANCE_UNKNOWN, TUESDAY_MS);
    add_about("carol@example.net", "3@a.example", PROVENANCE_UNKNOWN, TUESDAY_MS);
    triage_finish(&t);
    assert_true(shows("    Bob@Example.net (2), carol@example.net\n"));
    assert_true(shows("3 notices since Tue 24 Nov 2026\n"));
    triage_free(&t);
}

static void days_are_those_of_the_calendar(void **state)
{
    struct triage_wishes east = usual;
    east.advise.offset_minutes = 13 * 60; /* 11:20 is the next day */
    start(&east);
    add_about("a@example.net", "1@a.example", PROVENANCE_UNKNOWN, TUESDAY_MS + 24 * HOUR_MS);
    add_about("a@example.net", "2@a.example", PROVENANCE_UNKNOWN, TUESDAY_MS);
    add_about("a@example.net", "3@a.example", PROVENANCE_UNKNOWN, TUESDAY_MS - HOUR_MS);
    add_about("a@example.net", "4@a.example", PROVENANCE_UNKNOWN, 0);
    add_about("a@example.net", "5@a.example", PROVENANCE_UNKNOWN, INT64_C(4102444800000));
    add_about("a@example.net", "6@a.example", PROVENANCE_UNKNOWN, 1000);
    triage_finish(&t);
    assert_int_equal(t.days.count, 3);
    assert_int_equal(t.days.further, 3); /* no date, the year 2100, 1970 */
    assert_int_equal(t.days.days[0].day + 1, t.days.days[1].day);
    assert_int_equal(t.days.first_ms, TUESDAY_MS - HOUR_MS);
    triage_free(&t);
}

static void what_is_kept_of_many_is_bounded(void **state)
{
    enum { MANY = 20000 };
    start(&usual);
    for (int i = 0; i < MANY; i++) {
        char to[40], id[60];
        snprintf(to, sizeof to, "user%d@example.net", i);
        snprintf(id, sizeof id, "%d@host%d.example", i, i);
        add_about(to, id, PROVENANCE_DISPROVEN, TUESDAY_MS - i * 24 * HOUR_MS / 10);
    }
    triage_finish(&t);
    const struct triage_group *g = t.piles[PILE_FORGED].groups[0];
    assert_int_equal(t.notices, MANY);
    assert_int_equal(g->notices, MANY);
    assert_int_equal(g->recipients.count, KEPT_RECIPIENTS);
    assert_int_equal(g->recipients.further, MANY - KEPT_RECIPIENTS);
    assert_int_equal(t.days.count, KEPT_DAYS);
    assert_int_equal(t.systems.count, KEPT_SYSTEMS);
    assert_in_range(t.arena.total, 1, 4 << 20);
    triage_free(&t);
}

/* ---- storms */

static void many(size_t count, size_t recipients, size_t systems, enum provenance p, int64_t apart)
{
    for (size_t i = 0; i < count; i++) {
        char to[40], id[60];
        snprintf(to, sizeof to, "user%zu@example.net", i % recipients);
        snprintf(id, sizeof id, "%zu@host%zu.example", i, i % systems);
        add_about(to, id, p, TUESDAY_MS + (int64_t)i * apart);
    }
}

static void many_at_once_are_a_storm(void **state)
{
    static const struct {
        size_t count, recipients, systems, proven;
        enum provenance provenance;
        int64_t apart;
        enum storm storm;
    } cases[] = {
        {200, 100, 1, 3, PROVENANCE_DISPROVEN, 60000, STORM_FORGED},
        {200, 100, 20, 0, PROVENANCE_UNKNOWN, 60000, STORM_LIKELY},
        {200, 100, 1, 0, PROVENANCE_UNKNOWN, 60000, STORM_OPEN}, /* a message to many */
        {200, 100, 20, 1, PROVENANCE_UNKNOWN, 60000, STORM_NONE},
        {200, 5, 20, 0, PROVENANCE_UNKNOWN, 60000, STORM_NONE},          /* to few */
        {19, 19, 19, 0, PROVENANCE_DISPROVEN, 60000, STORM_NONE},        /* few */
        {20, 20, 20, 0, PROVENANCE_DISPROVEN, 60000, STORM_FORGED},      /* just enough */
        {200, 100, 20, 0, PROVENANCE_UNKNOWN, 24 * 3600000, STORM_NONE}, /* over months */
        {200, 100, 20, 0, PROVENANCE_PROVEN, 60000, STORM_NONE},         /* theirs */
    };
    struct triage_wishes w = usual;
    w.now_ms = 0;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        start(&w);
        many(cases[i].count, cases[i].recipients, cases[i].systems, cases[i].provenance,
             cases[i].apart);
        for (size_t k = 0; k < cases[i].proven; k++)
            add_about("b@example.net", "p@own.example", PROVENANCE_PROVEN, TUESDAY_MS);
        triage_finish(&t);
        if (t.storm.storm != cases[i].storm)
            fail_msg("case %zu: %d", i, (int)t.storm.storm);
        assert_int_equal(shows("\nMany at once\n"), cases[i].storm != STORM_NONE);
        triage_free(&t);
    }
}

static void other_senders_are_a_sign(void **state)
{
    struct trial n;
    start(&usual);
    many(40, 40, 1, PROVENANCE_UNKNOWN, 60000);
    for (int i = 0; i < 60; i++) {
        trial_notice(&n, NOTICE_FAILURE, VERDICT_GENUINE);
        n.notice.date_ms = TUESDAY_MS;
        n.notice.original.from = SPAN("Sales <sales@example.com>");
        add(&n);
    }
    triage_finish(&t);
    assert_int_equal(t.storm.other_senders, 60);
    assert_int_equal(t.storm.storm, STORM_LIKELY);
    assert_true(shows("60 returned messages name a sender other than you."));
    assert_true(shows("Likely somebody sends mail with your address"));
    triage_free(&t);
}

static void what_is_least_certain_is_said_of_all(void **state)
{
    struct trial n;
    start(&usual);
    trial_notice(&n, NOTICE_NOT_A_BOUNCE, VERDICT_PHISHING);
    n.verdict.confidence = CONFIDENCE_CERTAIN;
    add(&n);
    n.verdict.confidence = CONFIDENCE_LIKELY;
    add(&n);
    n.verdict.confidence = CONFIDENCE_CERTAIN;
    add(&n);
    triage_finish(&t);
    assert_int_equal(t.piles[PILE_TRICKS].confidence, CONFIDENCE_LIKELY);
    assert_true(shows("This mail looks like a notice, but it asks for"));
    triage_free(&t);
}

static void what_comes_from_outside_is_harmless(void **state)
{
    start(&usual);
    add_about("\033[31m\xE2\x80\xAEmoc@example.net", "1@a", PROVENANCE_UNKNOWN, TUESDAY_MS);
    add_about("\xff\n@example.net", "1@a", PROVENANCE_DISPROVEN, TUESDAY_MS);
    triage_finish(&t);
    assert_false(shows("\033"));
    assert_false(shows("\xE2\x80\xAE"));
    assert_false(shows("\xff"));
    triage_free(&t);
}

static void nothing_at_all(void **state)
{
    struct trial n;
    trial_notice(&n, NOTICE_NOT_A_BOUNCE, VERDICT_NOT_A_BOUNCE);
    start(&usual);
    add(&n);
    triage_finish(&t);
    assert_true(shows("There is no notice here.\n      1  other messages"));
    triage_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_goes_to_its_pile),
        cmocka_unit_test(a_notice_counts_in_the_group_of_each_cause),
        cmocka_unit_test(trouble_stands_before_what_waits),
        cmocka_unit_test(the_same_address_in_any_case),
        cmocka_unit_test(days_are_those_of_the_calendar),
        cmocka_unit_test(what_is_kept_of_many_is_bounded),
        cmocka_unit_test(many_at_once_are_a_storm),
        cmocka_unit_test(other_senders_are_a_sign),
        cmocka_unit_test(what_is_least_certain_is_said_of_all),
        cmocka_unit_test(what_comes_from_outside_is_harmless),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
