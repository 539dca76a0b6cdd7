#include "guard/guard_trial.h"

#include "base/test.h"
#include "guard/signals.h"

#define NOW (INT64_C(20600) * TRIAL_DAY)

static bool has_reason(const struct guard_trial *t, enum guard_signal s)
{
    return verdict_has(&t->verdict, s);
}

/* ---- what each signal takes */

/* A script: what is done so often, so many minutes after each other; the level at its end, and a
 * signal that must be among the reasons (or SIGNAL_COUNT). */
struct scenario {
    const char *name;
    int times, minutes;
    size_t strangers, known; /* in each message */
    uint64_t client, text, link;
    bool is_elsewhere; /* each from a network of its own */
    enum guard_level level;
    enum guard_signal reason;
};

static const struct scenario scenarios[] = {
    {"a busy day", 30, 10, 1, 0, 11, 0, 0, false, GUARD_GREEN, SIGNAL_COUNT},
    {"a letter to 40", 1, 0, 40, 0, 11, 1, 0, false, GUARD_GREEN, SIGNAL_COUNT},
    {"a letter to 41", 1, 0, 41, 0, 11, 1, 0, false, GUARD_YELLOW, SIGNAL_NEW_HOUR},
    {"51 in a day", 51, 20, 1, 0, 11, 0, 0, false, GUARD_YELLOW, SIGNAL_NEW_DAY},
    {"thrice the least record in an hour", 76, 0, 1, 0, 11, 0, 0, false, GUARD_RED,
     SIGNAL_RECORD_HOUR},
    {"thrice the least record in a day", 100, 12, 1, 0, 11, 0, 0, false, GUARD_RED,
     SIGNAL_RECORD_DAY},
    {"to 130 friends at once", 13, 1, 0, 10, 11, 0, 0, false, GUARD_YELLOW, SIGNAL_RECIPIENTS},
    {"a new telephone", 8, 2, 1, 0, 99, 0, 0, false, GUARD_GREEN, SIGNAL_COUNT},
    {"a burst from a new client", 19, 2, 1, 0, 99, 0, 0, false, GUARD_YELLOW, SIGNAL_CLIENT},
    {"to friends from a new client", 26, 2, 0, 2, 99, 0, 0, false, GUARD_YELLOW, SIGNAL_CLIENT},
    {"from everywhere", 11, 2, 1, 0, 0, 0, 0, true, GUARD_YELLOW, SIGNAL_PLACES},
    {"the same text", 15, 2, 1, 0, 11, 77, 0, false, GUARD_YELLOW, SIGNAL_TEXT},
    {"the same link", 15, 2, 1, 0, 11, 0, 88, false, GUARD_YELLOW, SIGNAL_LINK},
    {"the same text and link, honestly", 15, 2, 1, 0, 11, 77, 88, false, GUARD_YELLOW, SIGNAL_LINK},
    {"the same text from a new client", 19, 2, 1, 0, 99, 77, 0, false, GUARD_RED, SIGNAL_TEXT},
    {"the same to friends from a new client", 26, 1, 0, 2, 99, 77, 0, false, GUARD_RED,
     SIGNAL_TEXT},
    {"the same to friends, slowly", 60, 6, 0, 1, 11, 77, 0, false, GUARD_GREEN, SIGNAL_COUNT},
    {"to friends, slowly, from a new client", 60, 6, 0, 1, 99, 0, 0, false, GUARD_GREEN,
     SIGNAL_COUNT},
    {"to friends, slowly, from everywhere", 60, 6, 0, 1, 0, 0, 0, true, GUARD_GREEN, SIGNAL_COUNT},
    {"the same text to friends, slowly, from a new client", 25, 6, 0, 1, 99, 77, 0, false,
     GUARD_RED, SIGNAL_TEXT},
    {"the same link to friends, slowly, from everywhere", 25, 6, 0, 1, 0, 0, 88, true, GUARD_RED,
     SIGNAL_PLACES},
    {"all at once", 1, 0, 500, 0, 11, 0, 0, false, GUARD_RED, SIGNAL_RECORD_HOUR},
};

static void run_scenario(struct guard_trial *t, const struct scenario *s)
{
    guard_trial_begin(t, NOW);
    for (int i = 0; i < s->times; i++) {
        int64_t now = NOW + i * s->minutes * (int64_t)TRIAL_MINUTE;
        t->message.client = s->client;
        t->message.network = s->is_elsewhere ? 5000 + (uint64_t)i : 12;
        t->message.text = s->text;
        t->message.links = &s->link;
        t->message.link_count = s->link != 0;
        if (s->strangers)
            guard_trial_to_strangers(t, now, s->strangers);
        else
            guard_trial_to_known(t, now, 0, s->known);
        if (i + 1 < s->times && t->verdict.level > s->level)
            fail_msg("%s: level %d too early, at %d", s->name, t->verdict.level, i);
    }
}

static void it_is_as_the_scenarios_say(void **state)
{
    static struct guard_trial t;
    for (size_t i = 0; i < COUNT_OF(scenarios); i++) {
        const struct scenario *s = &scenarios[i];
        run_scenario(&t, s);
        if (t.verdict.level != s->level)
            fail_msg("%s: level %d", s->name, t.verdict.level);
        if (s->reason != SIGNAL_COUNT && !has_reason(&t, s->reason))
            fail_msg("%s: other reasons", s->name);
        if (s->reason == SIGNAL_COUNT)
            continue;
        t.limits.signals_off = 1u << s->reason; /* it can be left out */
        struct guard_limits off = t.limits;
        run_scenario(&t, s);
        t.limits = off;
        struct guard_verdict v;
        signals_weigh(&t.account, &off, t.message.now_ms, &v);
        assert_false(verdict_has(&v, s->reason));
    }
}

/* ---- slowing */

static void what_is_too_much_leaves_later_and_one_by_one(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    guard_trial_to_strangers(&t, NOW, 30);
    assert_int_equal(guard_trial_slowed(&t), 0);
    assert_false(t.verdict.is_news);
    guard_trial_to_strangers(&t, NOW, 15);
    assert_int_equal(guard_trial_slowed(&t), 5);
    assert_true(t.verdict.level == GUARD_YELLOW && t.verdict.is_news);
    for (int i = 0; i < 5; i++)
        assert_int_equal(t.leave[10 + i].when_ms, NOW + (i + 1) * 360 * 1000);
    guard_trial_to_strangers(&t, NOW, 1);
    assert_int_equal(t.leave[0].when_ms, NOW + 6 * 360 * 1000);
    assert_false(t.verdict.is_news); /* told once */
    guard_trial_to_known(&t, NOW, 0, 5);
    assert_int_equal(guard_trial_slowed(&t), 0); /* friends get their mail at once */
    guard_trial_to_strangers(&t, NOW + 2 * 3600 * 1000, 1);
    assert_int_equal(t.verdict.level, GUARD_GREEN);
    assert_int_equal(guard_trial_slowed(&t), 0);
}

static void who_is_slowed_for_the_day_waits_longer(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    for (int i = 0; i < 50; i++)
        guard_trial_to_strangers(&t, NOW + i * 15 * (int64_t)TRIAL_MINUTE, 1);
    int64_t now = NOW + 50 * 15 * (int64_t)TRIAL_MINUTE;
    guard_trial_to_strangers(&t, now, 2);
    assert_int_equal(t.leave[1].when_ms, now + 2 * 3600 * 1000);
}

static void above_the_day_s_limit_one_message_waits_as_many_do(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    guard_trial_to_strangers(&t, NOW, 60);
    assert_int_equal(t.verdict.level, GUARD_YELLOW);
    assert_int_equal(guard_trial_slowed(&t), 20);
    for (int i = 0; i < 10; i++) { /* the hour's limit is 40, the day's 50 */
        assert_int_equal(t.leave[40 + i].when_ms, NOW + (i + 1) * 360 * 1000);
        assert_int_equal(t.leave[50 + i].when_ms, NOW + (i + 2) * 3600 * 1000);
    }
}

static void many_friends_at_once_are_written_to_one_by_one(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    for (int i = 0; i < 13; i++)
        guard_trial_to_known(&t, NOW, 0, 10);
    assert_int_equal(guard_trial_slowed(&t), 10);
    assert_int_equal(t.leave[9].when_ms, NOW + 10 * 60 * 1000);
}

static void slowed_for_a_day_and_on_is_red(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    int hours = 0;
    for (; hours < 100 && !guard_is_red(&t.account); hours++)
        guard_trial_to_strangers(&t, NOW + hours * INT64_C(3600000), 3);
    assert_in_range(hours, 17 + 24, 17 + 27);
    assert_true(has_reason(&t, SIGNAL_LASTING));
}

/* ---- red */

static void red_stays_until_somebody_decides(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    guard_trial_to_strangers(&t, NOW, 200);
    assert_true(t.verdict.level == GUARD_RED && t.verdict.is_news && guard_is_red(&t.account));
    guard_trial_to_known(&t, NOW + 100 * (int64_t)TRIAL_DAY, 0, 5);
    assert_true(t.verdict.level == GUARD_RED && !t.verdict.is_news);
    assert_true(has_reason(&t, SIGNAL_NEW_HOUR)); /* the reasons are those of then */
    assert_int_equal(t.account.held, 205);
}

static void it_was_me_lets_as_much_again_through_for_a_week(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    t.message.client = 99;
    t.message.text = 77;
    guard_trial_to_strangers(&t, NOW, 100);
    assert_true(guard_is_red(&t.account));
    guard_trial_to_strangers(&t, NOW, 30);
    guard_release(&t.account, NOW + 1000);
    assert_false(guard_is_red(&t.account));
    for (int i = 0; i < 2; i++) {
        guard_trial_to_strangers(&t, NOW + 2000, 65);
        assert_int_equal(t.verdict.level, GUARD_GREEN);
        assert_int_equal(guard_trial_slowed(&t), 0);
    }
    guard_trial_to_strangers(&t, NOW + 3000, 1);
    assert_int_equal(t.verdict.level, GUARD_RED); /* 131 */
    guard_release(&t.account, NOW + 4000);
    guard_trial_to_strangers(&t, NOW + 8 * (int64_t)TRIAL_DAY, 41);
    assert_int_equal(t.verdict.level, GUARD_YELLOW); /* the week is over */
}

static void it_was_me_in_good_time(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    guard_trial_to_strangers(&t, NOW, 45);
    assert_int_equal(t.verdict.level, GUARD_YELLOW);
    guard_release(&t.account, NOW);
    guard_trial_to_strangers(&t, NOW, 45);
    assert_int_equal(t.verdict.level, GUARD_GREEN);
}

static void it_was_not_me_teaches_nothing(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    t.message.client = 99;
    t.message.text = 77;
    for (int i = 0; i < 20; i++)
        guard_trial_to_strangers(&t, NOW, 1);
    assert_true(guard_is_red(&t.account));
    assert_false(guard_knew_client(&t.account, &t.limits, 99, NOW));
    guard_forget(&t.account, &t.limits, NOW);
    assert_false(guard_is_red(&t.account));
    assert_true(guard_knew_client(&t.account, &t.limits, 11, NOW));
    assert_false(guard_knew_client(&t.account, &t.limits, 11, NOW - 11 * (int64_t)TRIAL_DAY));
    assert_false(guard_knew_client(&t.account, &t.limits, 99, NOW + 3 * (int64_t)TRIAL_DAY) ||
                 guard_knew_client(&t.account, &t.limits, 0, NOW));
    for (int i = 0; i < 19; i++)
        guard_trial_to_strangers(&t, NOW + 3 * (int64_t)TRIAL_DAY, 1);
    assert_true(guard_is_red(&t.account)); /* the burglar's client is new as ever */
}

static void what_was_held_raises_no_record(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    guard_trial_to_strangers(&t, NOW, 500);
    guard_forget(&t.account, &t.limits, NOW);
    assert_int_equal(peaks_of(&t.account.peaks, PEAK_NEW_HOUR, NOW + (int64_t)TRIAL_DAY), 2);
    guard_trial_to_strangers(&t, NOW, 60); /* yellow: no more than was allowed */
    assert_int_equal(peaks_of(&t.account.peaks, PEAK_NEW_HOUR, NOW + (int64_t)TRIAL_DAY), 40);
}

/* ---- what is heard */

static void hear(struct guard_trial *t, enum guard_news news, int times)
{
    for (int i = 0; i < times; i++)
        guard_hear(&t->account, &t->limits, news, t->message.now_ms, &t->verdict);
}

static void what_is_heard_counts(void **state)
{
    static const struct {
        size_t strangers;
        enum guard_news news;
        int times;
        enum guard_level level;
        enum guard_signal reason;
    } table[] = {
        {20, NEWS_UNKNOWN_USER, 3, GUARD_GREEN, SIGNAL_COUNT},
        {20, NEWS_UNKNOWN_USER, 4, GUARD_YELLOW, SIGNAL_FAILURES},
        {20, NEWS_UNKNOWN_USER, 10, GUARD_RED, SIGNAL_FAILURE_RULE},
        {0, NEWS_REFUSED, 3, GUARD_GREEN, SIGNAL_COUNT},
        {0, NEWS_REFUSED, 4, GUARD_YELLOW, SIGNAL_REFUSED},
        {0, NEWS_REPORTED, 2, GUARD_YELLOW, SIGNAL_REPORTED},
        {45, NEWS_REPORTED, 2, GUARD_RED, SIGNAL_REPORTED},
        {0, NEWS_CHANGED, 1, GUARD_GREEN, SIGNAL_COUNT},
        {20, NEWS_CHANGED, 1, GUARD_YELLOW, SIGNAL_CHANGED},
    };
    static struct guard_trial t;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        guard_trial_begin(&t, NOW);
        guard_trial_to_strangers(&t, NOW, table[i].strangers);
        hear(&t, table[i].news, table[i].times);
        if (t.verdict.level != table[i].level)
            fail_msg("row %zu: level %d", i, t.verdict.level);
        if (table[i].reason != SIGNAL_COUNT)
            assert_true(has_reason(&t, table[i].reason));
    }
}

static void a_new_account_is_judged_by_the_least_record(void **state)
{
    static struct guard_trial t;
    t.limits = limits_usual();
    t.message = (struct guard_message){.client = 11, .network = 12, .country = 13};
    guard_trial_to_strangers(&t, NOW, 40);
    assert_int_equal(t.verdict.level, GUARD_GREEN); /* its first client is what it is like */
    guard_trial_to_strangers(&t, NOW, 40);
    assert_int_equal(t.verdict.level, GUARD_RED);
}

static void a_correspondent_is_not_new(void **state)
{
    static struct guard_trial t;
    guard_trial_begin(&t, NOW);
    guard_trial_to_known(&t, NOW, 500, 1);
    assert_true(t.leave[0].is_new);
    guard_trial_to_known(&t, NOW, 500, 1);
    assert_false(t.leave[0].is_new);
    guard_introduce(&t.account, 4711);
    t.message.recipients = (const uint64_t[]){4711};
    guard_send(&t.account, &t.limits, &t.message, t.leave, &t.verdict);
    assert_false(t.leave[0].is_new);
}

static void a_country_is_new_for_a_day(void **state)
{
    static struct guard_trial t;
    uint16_t countries[GUARD_COUNTRIES];
    guard_trial_begin(&t, NOW);
    assert_int_equal(new_countries(&t.account, &t.limits, NOW, countries), 0);
    t.message.country = 'B' << 8 | 'R';
    guard_trial_to_strangers(&t, NOW, 1);
    assert_int_equal(new_countries(&t.account, &t.limits, NOW, countries), 1);
    assert_int_equal(countries[0], 'B' << 8 | 'R');
    assert_int_equal(new_countries(&t.account, &t.limits, NOW + INT64_C(25) * 3600000, countries),
                     0);
}

/* ---- profiles */

static void what_was_declared_is_allowed(void **state)
{
    static const struct {
        enum guard_profile profile;
        int messages; /* with 500 recipients */
        int hours;    /* from one to the next */
        enum guard_level level;
    } table[] = {
        {PROFILE_NEWSLETTER, 10, 0, GUARD_GREEN}, {PROFILE_NEWSLETTER, 11, 0, GUARD_YELLOW},
        {PROFILE_SERVICE, 10, 2, GUARD_GREEN},    {PROFILE_SERVICE, 2, 0, GUARD_GREEN},
        {PROFILE_SERVICE, 3, 0, GUARD_YELLOW},
    };
    static struct guard_trial t;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        guard_trial_begin(&t, NOW);
        t.account.profile = table[i].profile;
        t.account.declared = 5000;
        t.message.text = 77;
        for (int n = 0; n < table[i].messages; n++)
            guard_trial_to_strangers(&t, NOW + n * table[i].hours * INT64_C(3600000), 500);
        if (t.verdict.level != table[i].level)
            fail_msg("row %zu: level %d", i, t.verdict.level);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_as_the_scenarios_say),
        cmocka_unit_test(what_is_too_much_leaves_later_and_one_by_one),
        cmocka_unit_test(who_is_slowed_for_the_day_waits_longer),
        cmocka_unit_test(above_the_day_s_limit_one_message_waits_as_many_do),
        cmocka_unit_test(many_friends_at_once_are_written_to_one_by_one),
        cmocka_unit_test(slowed_for_a_day_and_on_is_red),
        cmocka_unit_test(red_stays_until_somebody_decides),
        cmocka_unit_test(it_was_me_lets_as_much_again_through_for_a_week),
        cmocka_unit_test(it_was_me_in_good_time),
        cmocka_unit_test(it_was_not_me_teaches_nothing),
        cmocka_unit_test(what_was_held_raises_no_record),
        cmocka_unit_test(what_is_heard_counts),
        cmocka_unit_test(a_new_account_is_judged_by_the_least_record),
        cmocka_unit_test(a_correspondent_is_not_new),
        cmocka_unit_test(a_country_is_new_for_a_day),
        cmocka_unit_test(what_was_declared_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
