#include "outcome/judgement.h"

/* What a cause is about, by itself. The first row of a cause that fits; VARIANT_NONE, the last of
 * it, stands for the rest. */
static const struct row {
    struct cause_found found;
    enum about about;
    enum confidence confidence;
} rows[] = {
    {{CAUSE_UNKNOWN, VARIANT_NONE}, ABOUT_THEIR_SYSTEM, CONFIDENCE_UNKNOWN},
    {{CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE}, ABOUT_ADDRESS, CONFIDENCE_LIKELY},
    {{CAUSE_DOMAIN_NOT_FOUND, VARIANT_NONE}, ABOUT_ADDRESS, CONFIDENCE_LIKELY},
    {{CAUSE_INBOX_FULL, VARIANT_NONE}, ABOUT_MAILBOX, CONFIDENCE_LIKELY},
    {{CAUSE_ACCOUNT_DISABLED, VARIANT_NONE}, ABOUT_MAILBOX, CONFIDENCE_LIKELY},
    {{CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE}, ABOUT_THE_MESSAGE, CONFIDENCE_LIKELY},
    {{CAUSE_BLOCKED_CONTENT, VARIANT_NONE}, ABOUT_THE_MESSAGE, CONFIDENCE_LIKELY},
    {{CAUSE_BLOCKED_REPUTATION, VARIANT_NONE}, ABOUT_OUR_REPUTATION, CONFIDENCE_LIKELY},
    {{CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED}, ABOUT_OUR_SYSTEM, CONFIDENCE_LIKELY},
    {{CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED}, ABOUT_OUR_REPUTATION, CONFIDENCE_LIKELY},
    {{CAUSE_BLOCKED_POLICY, VARIANT_OWN_RULE}, ABOUT_OUR_SYSTEM, CONFIDENCE_CERTAIN},
    {{CAUSE_BLOCKED_POLICY, VARIANT_ACCOUNT_HELD}, ABOUT_OUR_SYSTEM, CONFIDENCE_CERTAIN},
    /* all that is refused without a better reason */
    {{CAUSE_BLOCKED_POLICY, VARIANT_NONE}, ABOUT_THEIR_SYSTEM, CONFIDENCE_UNKNOWN},
    {{CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE}, ABOUT_OUR_SYSTEM, CONFIDENCE_LIKELY},
    {{CAUSE_TOO_MANY, VARIANT_RECIPIENTS}, ABOUT_THE_MESSAGE, CONFIDENCE_LIKELY},
    {{CAUSE_TOO_MANY, VARIANT_ACCOUNT_SLOWED}, ABOUT_THE_MESSAGE, CONFIDENCE_CERTAIN},
    {{CAUSE_TOO_MANY, VARIANT_NONE}, ABOUT_OUR_REPUTATION, CONFIDENCE_LIKELY},
    {{CAUSE_COULD_NOT_REACH, VARIANT_SUSPENDED}, ABOUT_OUR_SYSTEM, CONFIDENCE_CERTAIN},
    {{CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED}, ABOUT_THEIR_SYSTEM, CONFIDENCE_UNKNOWN},
    {{CAUSE_COULD_NOT_REACH, VARIANT_NOT_PROTECTED}, ABOUT_THE_MESSAGE, CONFIDENCE_LIKELY},
    {{CAUSE_COULD_NOT_REACH, VARIANT_TOO_LATE}, ABOUT_THE_MESSAGE, CONFIDENCE_LIKELY},
    {{CAUSE_COULD_NOT_REACH, VARIANT_NONE}, ABOUT_THEIR_SYSTEM, CONFIDENCE_LIKELY},
    {{CAUSE_SERVER_PROBLEM, VARIANT_OWN_SETUP}, ABOUT_OUR_SYSTEM, CONFIDENCE_CERTAIN},
    {{CAUSE_SERVER_PROBLEM, VARIANT_FORMAT}, ABOUT_THE_MESSAGE, CONFIDENCE_LIKELY},
    {{CAUSE_SERVER_PROBLEM, VARIANT_NONE}, ABOUT_THEIR_SYSTEM, CONFIDENCE_LIKELY},
    {{CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED}, ABOUT_OUR_SYSTEM, CONFIDENCE_LIKELY},
    {{CAUSE_RELAY_DENIED, VARIANT_NONE}, ABOUT_THEIR_SYSTEM, CONFIDENCE_LIKELY},
    {{CAUSE_LOOP, VARIANT_OWN_SETUP}, ABOUT_OUR_SYSTEM, CONFIDENCE_CERTAIN},
    {{CAUSE_LOOP, VARIANT_NONE}, ABOUT_THEIR_SYSTEM, CONFIDENCE_LIKELY},
};

static const struct row *find_row(struct cause_found found)
{
    const struct row *row = rows;
    while (row->found.cause != found.cause ||
           (row->found.variant != VARIANT_NONE && row->found.variant != found.variant))
        row++;
    return row;
}

/* A code that says just this. That an address does not exist "for now" is said by those who only
 * want us to come again. */
static bool is_said_by_code(const struct outcome *o)
{
    struct cause_found by_code;
    return cause_find_status(o->status, &by_code) && by_code.cause == o->cause.cause &&
           (o->status.class == 5 || find_row(o->cause)->about != ABOUT_ADDRESS);
}

/* Given up after many attempts that a server wanted repeated, it may pass the next time. */
static bool is_for_good(const struct outcome *o)
{
    bool is_refused = o->status.class == 5 || (!status_is_given(o->status) && o->code >= 500) ||
                      (!status_is_given(o->status) && !o->code);
    return o->kind == OUTCOME_FAILED && !o->is_expired && is_refused &&
           !cause_text(o->cause)->is_usually_temporary;
}

struct judgement outcome_judge(const struct outcome *o)
{
    const struct row *row = find_row(o->cause);
    struct judgement j = {is_for_good(o), row->about, row->confidence};
    if (j.about == ABOUT_THEIR_SYSTEM && o->cause.cause == CAUSE_SERVER_PROBLEM && !o->is_remote)
        j.about = ABOUT_OUR_SYSTEM; /* no other server has spoken: it is our own that has it */
    if (j.confidence == CONFIDENCE_LIKELY && is_said_by_code(o))
        j.confidence = CONFIDENCE_CERTAIN;
    return j;
}

const char *about_word(enum about a)
{
    switch (a) {
    case ABOUT_ADDRESS:
        return "address";
    case ABOUT_MAILBOX:
        return "mailbox";
    case ABOUT_OUR_REPUTATION:
        return "our-reputation";
    case ABOUT_THE_MESSAGE:
        return "the-message";
    case ABOUT_THEIR_SYSTEM:
        return "their-system";
    case ABOUT_OUR_SYSTEM:
        return "our-system";
    }
    return "";
}
