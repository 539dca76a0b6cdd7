#include "bounce/judge.h"

const char *verdict_name(enum verdict_class c)
{
    static const char *const names[] = {[VERDICT_GENUINE] = "genuine",
                                        [VERDICT_NOT_YOURS] = "not-yours",
                                        [VERDICT_ACCOUNT_ABUSED] = "account-abused",
                                        [VERDICT_PHISHING] = "phishing",
                                        [VERDICT_SPAM_IN_BOUNCE] = "spam-in-bounce",
                                        [VERDICT_AUTO_REPLY] = "auto-reply",
                                        [VERDICT_UNKNOWN] = "unknown",
                                        [VERDICT_NOT_A_BOUNCE] = "not-a-bounce"};
    return names[c];
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

void notice_judge(struct verdict *v, const struct notice *n, const struct survey *s,
                  const struct evidence *e, struct arena *a)
{
    *v = (struct verdict){.class = VERDICT_NOT_A_BOUNCE};
    switch (n->kind) {
    case NOTICE_NOT_A_BOUNCE:
        break;
    case NOTICE_AUTO_REPLY:
        v->class = VERDICT_AUTO_REPLY;
        break;
    case NOTICE_FAILURE:
    case NOTICE_DELAY:
    case NOTICE_SUCCESS:
        v->class = VERDICT_GENUINE;
        v->confidence = CONFIDENCE_LIKELY;
        break;
    case NOTICE_FEEDBACK_REPORT:
    case NOTICE_CHALLENGE:
        v->class = VERDICT_UNKNOWN;
        break;
    }
}
