/* A switch without a default: whoever adds a number of ours is told by the compiler. A name is
 * found by trying ours one after the other, for there are few. */
#include "explain/numbers.h"

enum plainpost_kind number_of_kind(enum notice_kind k)
{
    switch (k) {
    case NOTICE_FAILURE:
        return PLAINPOST_KIND_FAILURE;
    case NOTICE_DELAY:
        return PLAINPOST_KIND_DELAY;
    case NOTICE_SUCCESS:
        return PLAINPOST_KIND_SUCCESS;
    case NOTICE_AUTO_REPLY:
        return PLAINPOST_KIND_AUTO_REPLY;
    case NOTICE_FEEDBACK_REPORT:
        return PLAINPOST_KIND_FEEDBACK_REPORT;
    case NOTICE_CHALLENGE:
        return PLAINPOST_KIND_CHALLENGE;
    case NOTICE_DMARC_REPORT:
        return PLAINPOST_KIND_DMARC_REPORT;
    case NOTICE_TLS_REPORT:
        return PLAINPOST_KIND_TLS_REPORT;
    case NOTICE_NOT_A_BOUNCE:
        break;
    }
    return PLAINPOST_KIND_NOT_A_BOUNCE;
}

enum plainpost_action number_of_action(enum notice_action a)
{
    switch (a) {
    case ACTION_FAILED:
        return PLAINPOST_ACTION_FAILED;
    case ACTION_DELAYED:
        return PLAINPOST_ACTION_DELAYED;
    case ACTION_DELIVERED:
        return PLAINPOST_ACTION_DELIVERED;
    case ACTION_RELAYED:
        return PLAINPOST_ACTION_RELAYED;
    case ACTION_EXPANDED:
        return PLAINPOST_ACTION_EXPANDED;
    case ACTION_UNKNOWN:
        break;
    }
    return PLAINPOST_ACTION_UNKNOWN;
}

/* Both tables only ever grow at their end. */
_Static_assert((int)CAUSE_UNKNOWN + 1 == PLAINPOST_CAUSE_UNKNOWN, "the first cause");
_Static_assert(CAUSE_COUNT == PLAINPOST_CAUSE_LOOP, "a new cause goes into the public header too");

enum plainpost_cause number_of_cause(enum cause c)
{
    return (enum plainpost_cause)(c + 1);
}

enum plainpost_who number_of_actor(enum actor a)
{
    switch (a) {
    case ACTOR_YOU:
        return PLAINPOST_WHO_YOU;
    case ACTOR_RECIPIENT:
        return PLAINPOST_WHO_RECIPIENT;
    case ACTOR_THEIR_OPERATOR:
        return PLAINPOST_WHO_THEIR_OPERATOR;
    case ACTOR_YOUR_OPERATOR:
        return PLAINPOST_WHO_YOUR_OPERATOR;
    case ACTOR_NOBODY:
        return PLAINPOST_WHO_NOBODY;
    }
    return PLAINPOST_WHO_UNKNOWN;
}

enum plainpost_class number_of_class(enum verdict_class c)
{
    switch (c) {
    case VERDICT_GENUINE:
        return PLAINPOST_CLASS_GENUINE;
    case VERDICT_NOT_YOURS:
        return PLAINPOST_CLASS_NOT_YOURS;
    case VERDICT_ACCOUNT_ABUSED:
        return PLAINPOST_CLASS_ACCOUNT_ABUSED;
    case VERDICT_PHISHING:
        return PLAINPOST_CLASS_PHISHING;
    case VERDICT_SPAM_IN_BOUNCE:
        return PLAINPOST_CLASS_SPAM_IN_BOUNCE;
    case VERDICT_AUTO_REPLY:
        return PLAINPOST_CLASS_AUTO_REPLY;
    case VERDICT_NOT_A_BOUNCE:
        return PLAINPOST_CLASS_NOT_A_BOUNCE;
    case VERDICT_UNKNOWN:
        break;
    }
    return PLAINPOST_CLASS_UNKNOWN;
}

enum plainpost_confidence number_of_confidence(enum confidence c)
{
    switch (c) {
    case CONFIDENCE_LIKELY:
        return PLAINPOST_CONFIDENCE_LIKELY;
    case CONFIDENCE_VERY_LIKELY:
        return PLAINPOST_CONFIDENCE_VERY_LIKELY;
    case CONFIDENCE_CERTAIN:
        return PLAINPOST_CONFIDENCE_CERTAIN;
    case CONFIDENCE_UNKNOWN:
        break;
    }
    return PLAINPOST_CONFIDENCE_UNKNOWN;
}

enum plainpost_answer number_of_provenance(enum provenance p)
{
    switch (p) {
    case PROVENANCE_PROVEN:
        return PLAINPOST_YES;
    case PROVENANCE_DISPROVEN:
        return PLAINPOST_NO;
    case PROVENANCE_UNKNOWN:
        break;
    }
    return PLAINPOST_NOT_KNOWN;
}

/* ---- names */

const char *plainpost_kind_name(enum plainpost_kind kind)
{
    for (enum notice_kind k = 0; k <= NOTICE_LAST_KIND; k++)
        if (number_of_kind(k) == kind)
            return notice_kind_name(k);
    return "";
}

const char *plainpost_action_name(enum plainpost_action action)
{
    for (enum notice_action a = 0; a <= ACTION_EXPANDED; a++)
        if (number_of_action(a) == action)
            return notice_action_name(a);
    return "";
}

const char *plainpost_cause_name(enum plainpost_cause cause)
{
    for (enum cause c = 0; c < CAUSE_COUNT; c++)
        if (number_of_cause(c) == cause)
            return cause_name(c);
    return "";
}

const char *plainpost_who_name(enum plainpost_who who)
{
    for (enum actor a = 0; a <= ACTOR_NOBODY; a++)
        if (number_of_actor(a) == who)
            return actor_name(a);
    return "";
}

const char *plainpost_class_name(enum plainpost_class verdict)
{
    for (enum verdict_class c = 0; c <= VERDICT_NOT_A_BOUNCE; c++)
        if (number_of_class(c) == verdict)
            return verdict_name(c);
    return "";
}

const char *plainpost_confidence_name(enum plainpost_confidence sure)
{
    for (enum confidence c = 0; c <= CONFIDENCE_CERTAIN; c++)
        if (number_of_confidence(c) == sure)
            return confidence_name(c);
    return "";
}
