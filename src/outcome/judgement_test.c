#include "base/test.h"

#include "outcome/judgement.h"

#include <stdio.h>
#include <string.h>

static const char *judge(const struct outcome *o)
{
    static char text[64];
    struct judgement j = outcome_judge(o);
    snprintf(text, sizeof text, "%s %s %s", j.is_permanent ? "permanent" : "temporary",
             about_word(j.about), confidence_name(j.confidence));
    return text;
}

/* ---- every cause, by its words alone */

static const struct {
    struct cause_found found;
    const char *judgement;
} causes[] = {
    {{CAUSE_UNKNOWN, VARIANT_NONE}, "permanent their-system unknown"},
    {{CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}, "permanent address likely"},
    {{CAUSE_DOMAIN_NOT_FOUND, VARIANT_NONE}, "permanent address likely"},
    {{CAUSE_INBOX_FULL, VARIANT_NONE}, "temporary mailbox likely"},
    {{CAUSE_ACCOUNT_DISABLED, VARIANT_NONE}, "permanent mailbox likely"},
    {{CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE}, "permanent the-message likely"},
    {{CAUSE_BLOCKED_CONTENT, VARIANT_NONE}, "permanent the-message likely"},
    {{CAUSE_BLOCKED_CONTENT, VARIANT_SPAM}, "permanent the-message likely"},
    {{CAUSE_BLOCKED_CONTENT, VARIANT_VIRUS}, "permanent the-message likely"},
    {{CAUSE_BLOCKED_CONTENT, VARIANT_LINK}, "permanent the-message likely"},
    {{CAUSE_BLOCKED_REPUTATION, VARIANT_NONE}, "permanent our-reputation likely"},
    {{CAUSE_BLOCKED_POLICY, VARIANT_NONE}, "permanent their-system unknown"},
    {{CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED}, "permanent our-system likely"},
    {{CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED}, "permanent our-reputation likely"},
    {{CAUSE_BLOCKED_POLICY, VARIANT_OWN_RULE}, "permanent our-system certain"},
    {{CAUSE_BLOCKED_POLICY, VARIANT_ACCOUNT_HELD}, "temporary our-system certain"},
    {{CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}, "permanent our-system likely"},
    {{CAUSE_TOO_MANY, VARIANT_NONE}, "temporary our-reputation likely"},
    {{CAUSE_TOO_MANY, VARIANT_QUOTA}, "temporary our-reputation likely"},
    {{CAUSE_TOO_MANY, VARIANT_RATE}, "temporary our-reputation likely"},
    {{CAUSE_TOO_MANY, VARIANT_RECIPIENTS}, "permanent the-message likely"},
    {{CAUSE_TOO_MANY, VARIANT_ACCOUNT_SLOWED}, "temporary the-message certain"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_NONE}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_TIMEOUT}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_REFUSED}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED}, "permanent their-system unknown"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_DNS}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_SUSPENDED}, "temporary our-system certain"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_NO_TLS}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_NOT_SECURE}, "temporary their-system likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_NOT_PROTECTED}, "permanent the-message likely"},
    {{CAUSE_COULD_NOT_REACH, VARIANT_TOO_LATE}, "permanent the-message likely"},
    {{CAUSE_SERVER_PROBLEM, VARIANT_NONE}, "temporary their-system likely"},
    {{CAUSE_SERVER_PROBLEM, VARIANT_FORMAT}, "permanent the-message likely"},
    {{CAUSE_SERVER_PROBLEM, VARIANT_STORAGE}, "temporary their-system likely"},
    {{CAUSE_SERVER_PROBLEM, VARIANT_OWN_SETUP}, "temporary our-system certain"},
    {{CAUSE_RELAY_DENIED, VARIANT_NONE}, "permanent their-system likely"},
    {{CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED}, "permanent our-system likely"},
    {{CAUSE_LOOP, VARIANT_NONE}, "permanent their-system likely"},
    {{CAUSE_LOOP, VARIANT_OWN_SETUP}, "permanent our-system certain"},
};

static const char *expected(struct cause_found found)
{
    for (size_t i = 0; i < COUNT_OF(causes); i++)
        if (causes[i].found.cause == found.cause && causes[i].found.variant == found.variant)
            return causes[i].judgement;
    return NULL;
}

static void every_cause_is_about_somebody(void **state)
{
    for (int c = 0; c < CAUSE_COUNT; c++)
        for (int v = 0; v < VARIANT_COUNT; v++) {
            const struct cause_found found = {(enum cause)c, (enum variant)v};
            const struct cause_found whole = {(enum cause)c, VARIANT_NONE};
            const struct outcome o = {
                .kind = OUTCOME_FAILED, .code = 550, .is_remote = true, .cause = found};
            bool has_words = v == VARIANT_NONE || cause_text(found) != cause_text(whole);
            const char *want = expected(has_words ? found : whole);
            if (!want || strcmp(judge(&o), want) != 0)
                fail_msg("%s/%s: \"%s\", not \"%s\"", cause_name(found.cause),
                         variant_name(found.variant), judge(&o), want ? want : "(no row)");
        }
}

/* ---- with codes */

static const struct {
    struct outcome outcome;
    const char *judgement;
} cases[] = {
    /* the code says it too */
    {{.code = 550, .status = {5, 1, 1}, .cause = {CAUSE_ADDRESS_NOT_FOUND}},
     "permanent address certain"},
    {{.code = 550, .status = {5, 1, 2}, .cause = {CAUSE_DOMAIN_NOT_FOUND}},
     "permanent address certain"},
    {{.code = 552, .status = {5, 2, 2}, .cause = {CAUSE_INBOX_FULL}}, "temporary mailbox certain"},
    {{.code = 550, .status = {5, 2, 1}, .cause = {CAUSE_ACCOUNT_DISABLED}},
     "permanent mailbox certain"},
    {{.code = 552, .status = {5, 3, 4}, .cause = {CAUSE_MESSAGE_TOO_LARGE}},
     "permanent the-message certain"},
    {{.code = 550, .status = {5, 7, 25}, .cause = {CAUSE_BLOCKED_REPUTATION}},
     "permanent our-reputation certain"},
    {{.code = 550, .status = {5, 7, 26}, .cause = {CAUSE_SENDER_AUTH_FAILED}},
     "permanent our-system certain"},
    {{.code = 452, .status = {4, 2, 2}, .cause = {CAUSE_INBOX_FULL}, .kind = OUTCOME_DELAYED},
     "temporary mailbox certain"},
    /* the code says something else, or anything */
    {{.code = 550, .status = {5, 7, 1}, .cause = {CAUSE_ADDRESS_NOT_FOUND}},
     "permanent address likely"},
    {{.code = 550, .status = {5, 1, 1}, .cause = {CAUSE_BLOCKED_REPUTATION}},
     "permanent our-reputation likely"},
    {{.code = 550, .status = {5, 1, 1}, .cause = {CAUSE_BLOCKED_CONTENT, VARIANT_SPAM}},
     "permanent the-message likely"},
    {{.code = 554, .status = {5, 7, 1}, .cause = {CAUSE_BLOCKED_POLICY}},
     "permanent their-system unknown"},
    {{.code = 550, .status = {5, 0, 0}, .cause = {CAUSE_UNKNOWN}},
     "permanent their-system unknown"},
    /* not for good */
    {{.code = 450,
      .status = {4, 1, 1},
      .cause = {CAUSE_ADDRESS_NOT_FOUND},
      .kind = OUTCOME_DELAYED},
     "temporary address likely"},
    {{.code = 450, .status = {4, 1, 1}, .cause = {CAUSE_ADDRESS_NOT_FOUND}, .is_expired = true},
     "temporary address likely"},
    {{.code = 450, .cause = {CAUSE_ADDRESS_NOT_FOUND}, .is_expired = true},
     "temporary address likely"},
    {{.code = 550, .status = {4, 4, 7}, .cause = {CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED}},
     "temporary their-system unknown"},
};

static void codes_make_certain(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome o = cases[i].outcome;
        o.kind = o.kind ? o.kind : OUTCOME_FAILED;
        o.is_remote = true;
        if (strcmp(judge(&o), cases[i].judgement) != 0)
            fail_msg("case %zu: \"%s\", not \"%s\"", i, judge(&o), cases[i].judgement);
    }
}

/* Where no other server has spoken. */
static void own_words_tell_of_our_system(void **state)
{
    struct outcome o = {.kind = OUTCOME_DELAYED,
                        .status = STATUS(4, 3, 0),
                        .cause = {CAUSE_SERVER_PROBLEM, VARIANT_NONE}};
    assert_string_equal(judge(&o), "temporary our-system likely");
    o.cause.variant = VARIANT_STORAGE;
    assert_string_equal(judge(&o), "temporary our-system likely");
    o = (struct outcome){.kind = OUTCOME_FAILED,
                         .status = STATUS(5, 1, 1),
                         .cause = {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}};
    assert_string_equal(judge(&o), "permanent address certain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_is_about_somebody),
        cmocka_unit_test(codes_make_certain),
        cmocka_unit_test(own_words_tell_of_our_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
