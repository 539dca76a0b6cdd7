#include "guard/limits.h"

#include <assert.h>

/* In the order of enum guard_limit. */
static const struct limit_entry entries[LIMIT_COUNT] = {
    [LIMIT_NEW_HOUR] = {"new-hour", 40, 1, 60000,
                        "recipients in an hour to whom the account has not written before"},
    [LIMIT_NEW_DAY] = {"new-day", 50, 1, 60000, "such new recipients in a day"},
    [LIMIT_RECORD_HOUR] = {"record-hour", 25, 1, 20000,
                           "what an account's record of new recipients in an hour counts as at "
                           "least"},
    [LIMIT_RECORD_DAY] = {"record-day", 30, 1, 20000,
                          "what its record of new recipients in a day counts as at least"},
    [LIMIT_RECORD_RECIPIENTS] = {"record-recipients", 40, 1, 20000,
                                 "what its record of recipients in an hour, known ones too, counts "
                                 "as at least"},
    [LIMIT_RECORD_TIMES] = {"record-times", 3, 1, 100, "times its own record"},
    [LIMIT_FAILURES] = {"failures", 3, 0, 60000, "new recipients in a day that do not exist"},
    [LIMIT_FAILURE_PERCENT] = {"failure-percent", 4, 0, 100,
                               "percent of the new ones, which they must be"},
    [LIMIT_RULE_FAILURES] = {"rule-failures", 9, 0, 60000,
                             "that do not exist, and are enough by themselves"},
    [LIMIT_RULE_PERCENT] = {"rule-percent", 10, 0, 100,
                            "percent of the new ones, which those must be"},
    [LIMIT_CLIENT_NEW] = {"client-new", 18, 0, 60000,
                          "new recipients through a client that is new itself"},
    [LIMIT_CLIENT_ALL] = {"client-recipients", 50, 0, 60000,
                          "recipients through a client that is new"},
    [LIMIT_NETWORKS] = {"networks", 10, 0, 15, "new networks"},
    [LIMIT_COUNTRIES] = {"countries", 1, 0, 5, "new countries"},
    [LIMIT_LINK] = {"link", 14, 0, 60000, "copies of a new link"},
    [LIMIT_TEXT] = {"text", 14, 0, 60000, "copies of nearly the same new text"},
    [LIMIT_TEXT_BITS] = {"text-bits", 10, 0, 20,
                         "bits in which the prints of two texts differ, to be no more the same"},
    [LIMIT_REFUSALS] = {"refusals", 3, 0, 60000, "refusals as spam by other servers, in a day"},
    [LIMIT_REPORTS] = {"reports", 1, 0, 60000, "complaints of recipients, in a day"},
    [LIMIT_BURST] = {"burst", 8, 0, 60000,
                     "new recipients in an hour, or three times as many recipients, from which on "
                     "clients, places, links, texts and changed rules count; below, a new client "
                     "or place and a link or text count together, from three times as many on"},
    [LIMIT_FRESH_HOURS] = {"fresh-hours", 24, 1, 1000,
                           "hours for which a client, network, country, link or text is new"},
    [LIMIT_LASTING_HOURS] = {"lasting-hours", 24, 1, 1000,
                             "hours on end of being slowed for the new recipients of a day"},
    [LIMIT_PACE_HOUR] = {"pace-hour", 360, 1, 86400,
                         "seconds from one new recipient to the next, when slowed"},
    [LIMIT_PACE_DAY] = {"pace-day", 3600, 1, 86400,
                        "the same, when slowed for the new recipients of a day"},
    [LIMIT_PACE_RECIPIENTS] = {"pace-recipients", 60, 1, 86400,
                               "seconds from one recipient to the next, when slowed for all of "
                               "them"},
};

const struct limit_entry *limit_entry(enum guard_limit l)
{
    assert(l < LIMIT_COUNT);
    return &entries[l];
}

struct guard_limits limits_usual(void)
{
    struct guard_limits l = {.signals_off = 0};
    for (int i = 0; i < LIMIT_COUNT; i++)
        l.of[i] = entries[i].usual;
    return l;
}

bool limits_set(struct guard_limits *l, struct span name, struct span value, struct error *e)
{
    uint64_t number;
    for (int i = 0; i < LIMIT_COUNT; i++) {
        if (!span_equal(name, span_of(entries[i].name)))
            continue;
        if (!span_to_u64(value, entries[i].most, &number) || number < entries[i].least)
            return error_set(e, "%s takes a number from %u to %u, not \"%.*s\"", entries[i].name,
                             entries[i].least, entries[i].most, SPAN_F(span_first(value, 40)));
        l->of[i] = (unsigned)number;
        return true;
    }
    return error_set(e, "there is no limit \"%.*s\"; \"plainpost guard limits\" lists them",
                     SPAN_F(span_first(name, 40)));
}
