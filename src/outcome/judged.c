#include "outcome/judged.h"

static const char *const classes[VERDICT_CLASSES] = {
    [VERDICT_GENUINE] = "genuine",
    [VERDICT_NOT_YOURS] = "not-yours",
    [VERDICT_ACCOUNT_ABUSED] = "account-abused",
    [VERDICT_PHISHING] = "phishing",
    [VERDICT_SPAM_IN_BOUNCE] = "spam-in-bounce",
    [VERDICT_AUTO_REPLY] = "auto-reply",
    [VERDICT_UNKNOWN] = "unknown",
    [VERDICT_NOT_A_BOUNCE] = "not-a-bounce",
};

bool judged_is_same(struct judged a, struct judged b)
{
    return judged_number(a) == judged_number(b);
}

uint64_t judged_number(struct judged j)
{
    return j.is ? 1 + (uint64_t)j.class * 16 + (uint64_t)j.confidence * 4 + (uint64_t)j.provenance
                : 0;
}

bool judged_of_number(uint64_t number, struct judged *j)
{
    *j = (struct judged){0};
    if (!number)
        return true;
    uint64_t packed = number - 1, provenance = packed % 4;
    if (number > JUDGED_MOST || provenance > PROVENANCE_DISPROVEN)
        return false;
    *j = (struct judged){true, (enum verdict_class)(packed / 16), (enum confidence)(packed / 4 % 4),
                         (enum provenance)provenance};
    return true;
}

const char *verdict_name(enum verdict_class c)
{
    return classes[c];
}

const char *confidence_name(enum confidence c)
{
    static const char *const names[] = {[CONFIDENCE_UNKNOWN] = "unknown",
                                        [CONFIDENCE_LIKELY] = "likely",
                                        [CONFIDENCE_VERY_LIKELY] = "very-likely",
                                        [CONFIDENCE_CERTAIN] = "certain"};
    return names[c];
}

const char *provenance_name(enum provenance p)
{
    static const char *const names[] = {[PROVENANCE_UNKNOWN] = "unknown",
                                        [PROVENANCE_PROVEN] = "proven",
                                        [PROVENANCE_DISPROVEN] = "disproven"};
    return names[p];
}

bool verdict_of_name(struct span name, enum verdict_class *c)
{
    for (size_t i = 0; i < VERDICT_CLASSES; i++)
        if (span_equal(name, span_of(classes[i]))) {
            *c = (enum verdict_class)i;
            return true;
        }
    return false;
}
