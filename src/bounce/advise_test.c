/* What is said to whom: by kind, verdict, cause and provider. */
#include "base/test.h"

#include "bounce/advise.h"
#include "bounce/trial_notice.h"

#include <string.h>

static bool says(struct span text, const char *piece)
{
    return !piece[0] || span_find(text, span_of(piece)) != SPAN_NOT_FOUND;
}

static struct advice advise(const struct trial *t, struct arena *arena)
{
    struct advice a;
    const struct advise_wishes w = {.language = language_find(span_of(t->language)),
                                    .audience = t->audience,
                                    .me = span_of(t->me)};
    notice_advise(&a, &t->notice, &t->verdict, &w, arena);
    return a;
}

/* ---- each kind and verdict */

static void kinds_and_verdicts_have_their_own_answers(void **state)
{
    static const struct {
        enum notice_kind kind;
        enum verdict_class class;
        enum confidence confidence;
        const char *headline, *arrived, *who;
        enum actor actor;
        size_t steps;
    } cases[] = {
        {NOTICE_FAILURE, VERDICT_GENUINE, CONFIDENCE_LIKELY, "Inbox full: bob@example.net", "No. ",
         "The recipient.", ACTOR_RECIPIENT, 3},
        {NOTICE_DELAY, VERDICT_GENUINE, CONFIDENCE_LIKELY, "Delayed", "Not yet. ", "Nobody",
         ACTOR_NOBODY, 3},
        {NOTICE_SUCCESS, VERDICT_GENUINE, CONFIDENCE_LIKELY, "Delivered", "Yes. ", "Nobody.",
         ACTOR_NOBODY, 0},
        {NOTICE_AUTO_REPLY, VERDICT_AUTO_REPLY, CONFIDENCE_LIKELY, "An automatic reply",
         "Very likely. ", "Nobody.", ACTOR_NOBODY, 1},
        {NOTICE_FEEDBACK_REPORT, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, "Somebody marked", "Yes, but",
         "You, or", ACTOR_YOU, 3},
        {NOTICE_FEEDBACK_REPORT, VERDICT_GENUINE, CONFIDENCE_LIKELY, "Somebody marked", "Yes, but",
         "You, or", ACTOR_YOU, 3},
        {NOTICE_FEEDBACK_REPORT, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY, "A notice about mail",
         "Whatever became of it", "Nobody. Your account is fine", ACTOR_NOBODY, 3},
        {NOTICE_CHALLENGE, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, "The recipient's mail filter",
         "Not yet. ", "You.", ACTOR_YOU, 3},
        {NOTICE_FAILURE, VERDICT_PHISHING, CONFIDENCE_CERTAIN, "A trick", "Nothing of yours",
         "You, ", ACTOR_YOU, 3},
        {NOTICE_NOT_A_BOUNCE, VERDICT_PHISHING, CONFIDENCE_LIKELY, "Probably a trick",
         "Most likely nothing", "You, ", ACTOR_YOU, 3},
        {NOTICE_FAILURE, VERDICT_ACCOUNT_ABUSED, CONFIDENCE_VERY_LIKELY, "Somebody else seems",
         "No, and", "You, and now.", ACTOR_YOU, 9},
        {NOTICE_FAILURE, VERDICT_SPAM_IN_BOUNCE, CONFIDENCE_LIKELY, "Somebody's spam", "No, and",
         "Nobody. ", ACTOR_NOBODY, 1},
        {NOTICE_FAILURE, VERDICT_NOT_YOURS, CONFIDENCE_LIKELY, "A notice about mail", "It was not",
         "Nobody. Your account is fine", ACTOR_NOBODY, 3},
        {NOTICE_FAILURE, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, "It does not show", "It can't",
         "You: ", ACTOR_YOU, 3},
        {NOTICE_NOT_A_BOUNCE, VERDICT_NOT_A_BOUNCE, CONFIDENCE_UNKNOWN, "Not a notice", "", "",
         ACTOR_NOBODY, 0},
        {NOTICE_DMARC_REPORT, VERDICT_NOT_A_BOUNCE, CONFIDENCE_LIKELY, "A DMARC report", "",
         "Nobody, unless", ACTOR_NOBODY, 2},
        {NOTICE_TLS_REPORT, VERDICT_NOT_A_BOUNCE, CONFIDENCE_LIKELY, "A TLS report", "",
         "Nobody, unless", ACTOR_NOBODY, 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = ARENA_EMPTY;
        struct trial t;
        trial_notice(&t, cases[i].kind, cases[i].class);
        t.verdict.confidence = cases[i].confidence;
        struct advice a = advise(&t, &arena);
        assert_true(says(a.headline, cases[i].headline));
        assert_true(says(a.arrived, cases[i].arrived) && a.arrived.len >= strlen(cases[i].arrived));
        assert_true(says(a.who, cases[i].who));
        assert_int_equal(a.actor, cases[i].actor);
        assert_int_equal(a.step_count, cases[i].steps);
        assert_true(a.summary.len > 10 && a.lead.len > 10);
        arena_clear(&arena);
    }
}

static void every_cause_has_advice_in_every_language(void **state)
{
    for (size_t l = 0; language_at(l); l++)
        for (int c = 0; c < CAUSE_COUNT; c++) {
            struct arena arena = ARENA_EMPTY;
            struct trial t;
            trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
            t.language = language_tag(language_at(l));
            t.audience = AUDIENCE_OPERATOR;
            t.recipients[0].cause = (struct cause_found){(enum cause)c, VARIANT_NONE};
            struct advice a = advise(&t, &arena);
            const struct cause_text *english = cause_text(t.recipients[0].cause);
            assert_true(a.step_count >= 1 && a.step_count <= MOST_STEPS);
            assert_true(a.groups[0].check_count >= 1);
            assert_int_equal(a.actor, english->actor);
            assert_true(!l || !span_equal(a.groups[0].headline, span_of(english->headline)));
            arena_clear(&arena);
        }
}

/* ---- did they send it? */

static void what_is_known_is_asked_for(void **state)
{
    static const struct {
        const char *subject, *to;
        int64_t date_ms;
        const char *sent;
    } cases[] = {
        {"Lunch", "bob@example.net", 1795520643000,
         "if you wrote to bob@example.net about “Lunch” on Tue 24 Nov 2026, 11:44 (UTC)."},
        {"Lunch", "bob@example.net", 0, "if you wrote to bob@example.net about “Lunch”."},
        {"", "bob@example.net", 1795520643000,
         "if you wrote to bob@example.net on Tue 24 Nov 2026"},
        {"", "bob@example.net", 0, "if you wrote to bob@example.net."},
        {"Lunch", "", 0, "if you wrote about “Lunch”."},
        {"", "", 0, "if you have sent one lately that fits."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = ARENA_EMPTY;
        struct trial t;
        trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
        t.notice.original.subject = span_of(cases[i].subject);
        t.notice.original.to = span_of(cases[i].to);
        t.notice.original.date_ms = cases[i].date_ms;
        t.recipients[0].address = span_of(cases[i].to);
        t.notice.recipient_count = cases[i].to[0] ? 1 : 0;
        struct advice a = advise(&t, &arena);
        assert_true(says(a.sent, "Likely. ") && says(a.sent, cases[i].sent));
        assert_true(a.settle.len > 0);
        arena_clear(&arena);
    }
}

static void whoever_answers_got_it(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_AUTO_REPLY, VERDICT_AUTO_REPLY);
    t.notice.recipient_count = 0;
    t.notice.from = SPAN("Eve <eve@example.net>");
    t.notice.original = (struct notice_original){0};
    assert_true(says(advise(&t, &arena).sent, "if you wrote to Eve <eve@example.net>."));
    arena_clear(&arena);
}

static void proof_ends_the_question(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.verdict.provenance = PROVENANCE_PROVEN;
    struct advice a = advise(&t, &arena);
    assert_true(says(a.sent, "Yes. There is proof"));
    assert_int_equal(a.settle.len, 0);
    arena_clear(&arena);
}

static void unknown_asks(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_UNKNOWN);
    assert_true(says(advise(&t, &arena).sent, "did you write to bob@example.net about “Lunch”?"));
    arena_clear(&arena);
}

/* ---- particulars */

static void a_delay_names_its_end(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_DELAY, VERDICT_GENUINE);
    t.recipients[0].retry_until_ms = 1795520643000;
    struct advice a = advise(&t, &arena);
    assert_true(says(a.arrived, "until Tue 24 Nov 2026, 11:44 (UTC)."));
    assert_true(says(a.summary, "you need not do anything"));
    assert_true(says(a.steps[0].text, "Do not send it again"));
    arena_clear(&arena);
}

static void an_invitation_is_named(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.notice.original.meeting = SPAN("Board");
    assert_true(says(advise(&t, &arena).lead,
                     "The invitation “Board” was not delivered to bob@example.net."));
    t.notice.original.meeting_ms = 1795520643000;
    assert_true(says(advise(&t, &arena).lead, "“Board” for Tue 24 Nov 2026, 11:44 (UTC) was"));
    arena_clear(&arena);
}

static void recipients_are_told_by_cause(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.notice.recipient_count = 4;
    t.recipients[0].action = ACTION_DELIVERED;
    t.recipients[1].cause = (struct cause_found){CAUSE_LOOP, VARIANT_NONE};
    struct advice a = advise(&t, &arena);
    assert_true(a.has_several_causes);
    assert_int_equal(a.group_count, 3);
    assert_int_equal(a.groups[0].cause.cause, CAUSE_INBOX_FULL); /* two of them */
    assert_int_equal(a.groups[1].cause.cause, CAUSE_LOOP);
    assert_int_equal(a.groups[2].action, ACTION_DELIVERED);
    assert_int_equal(a.group_of[0], 2);
    assert_int_equal(a.group_of[1], 1);
    assert_int_equal(a.group_of[2], 0);
    assert_true(says(a.arrived, "Not to everybody: 3 of the 4 recipients"));
    assert_int_equal(a.step_count, 2);
    assert_true(says(a.steps[0].text, "Inbox full: Let the recipient know"));
    arena_clear(&arena);
}

/* What does not fit together is told all the same. */
static void a_failure_that_all_got_has_words(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.recipients[0].action = ACTION_DELIVERED;
    struct advice a = advise(&t, &arena);
    assert_true(says(a.headline, "Not delivered") && a.step_count == 1);
    assert_int_equal(a.actor, ACTOR_YOU);
    arena_clear(&arena);
}

static void providers_have_their_own_places(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_ACCOUNT_ABUSED);
    t.me = "alice@gmail.com";
    struct advice a = advise(&t, &arena);
    assert_true(says(a.steps[2].link, "https://myaccount.google.com/device-activity"));
    assert_true(says(a.steps[2].where, "Devices and sessions at Gmail"));
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.recipients[0].address = SPAN("bob@gmail.com");
    assert_true(says(advise(&t, &arena).steps[0].link, "https://one.google.com/storage"));
    t.recipients[0].cause.cause = CAUSE_BLOCKED_REPUTATION;
    assert_int_equal(advise(&t, &arena).steps[0].link.len, 0);
    t.audience = AUDIENCE_OPERATOR;
    assert_true(says(advise(&t, &arena).groups[0].checks[0].link, "https://support.google.com/"));
    arena_clear(&arena);
}

static void what_comes_from_the_mail_is_harmless(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.notice.original.subject = SPAN("\033]0;x\a\r\nDid it arrive? \xE2\x80\xAE");
    struct advice a = advise(&t, &arena);
    assert_true(says(a.lead, "<U+001B>]0;x<U+0007><U+000D><U+000A>Did it arrive? <U+202E>"));
    arena_clear(&arena);
}

static void facts_are_put_in_words(void **state)
{
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_NOT_A_BOUNCE, VERDICT_PHISHING);
    t.verdict.facts[0] =
        (struct verdict_fact){.name = "link-differs", .detail = SPAN("http://\033.example")};
    t.verdict.facts[1] = (struct verdict_fact){.name = "report-structure", .is_against = true};
    t.verdict.fact_count = 2;
    struct advice a = advise(&t, &arena);
    assert_int_equal(a.reason_count, 2);
    assert_true(says(a.reasons[0].text, "A link leads elsewhere"));
    assert_true(says(a.reasons[0].detail, "http://<U+001B>.example"));
    assert_true(a.reasons[1].is_against);
    assert_int_equal(a.group_count, 0); /* a trick's recipients are made up */
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_and_verdicts_have_their_own_answers),
        cmocka_unit_test(every_cause_has_advice_in_every_language),
        cmocka_unit_test(what_is_known_is_asked_for),
        cmocka_unit_test(whoever_answers_got_it),
        cmocka_unit_test(proof_ends_the_question),
        cmocka_unit_test(unknown_asks),
        cmocka_unit_test(a_delay_names_its_end),
        cmocka_unit_test(an_invitation_is_named),
        cmocka_unit_test(recipients_are_told_by_cause),
        cmocka_unit_test(a_failure_that_all_got_has_words),
        cmocka_unit_test(providers_have_their_own_places),
        cmocka_unit_test(what_comes_from_the_mail_is_harmless),
        cmocka_unit_test(facts_are_put_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
