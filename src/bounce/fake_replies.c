/* What the receiving server says for each cause: the same, whoever sent the message. What the
 * reporting system says by itself (fake_own.c) comes first. */
#include "bounce/fake_inside.h"

#define ANY (~0U)

static const struct fake_reply remote[] = {
    {ANY, {CAUSE_UNKNOWN, VARIANT_NONE}, FAKE_AT_END, 550, {5, 0, 0}, "Sorry"},
    {ANY,
     {CAUSE_ADDRESS_NOT_FOUND, VARIANT_NONE},
     FAKE_AT_RECIPIENT,
     550,
     {5, 1, 1},
     "<{to}>: Recipient address rejected: User unknown in virtual mailbox table"},
    {ANY,
     {CAUSE_INBOX_FULL, VARIANT_NONE},
     FAKE_AT_RECIPIENT,
     552,
     {5, 2, 2},
     "<{to}>: Quota exceeded (mailbox for user is full)"},
    {ANY,
     {CAUSE_ACCOUNT_DISABLED, VARIANT_NONE},
     FAKE_AT_RECIPIENT,
     550,
     {5, 2, 1},
     "<{to}>: Recipient address rejected: this mailbox is disabled"},
    {ANY,
     {CAUSE_MESSAGE_TOO_LARGE, VARIANT_NONE},
     FAKE_AT_SENDER,
     552,
     {5, 3, 4},
     "Message size exceeds fixed limit"},
    {ANY,
     {CAUSE_BLOCKED_CONTENT, VARIANT_NONE},
     FAKE_AT_END,
     554,
     {5, 7, 1},
     "Message rejected for content"},
    {ANY,
     {CAUSE_BLOCKED_CONTENT, VARIANT_SPAM},
     FAKE_AT_END,
     554,
     {5, 7, 1},
     "Spam message rejected"},
    {ANY,
     {CAUSE_BLOCKED_CONTENT, VARIANT_VIRUS},
     FAKE_AT_END,
     554,
     {5, 7, 1},
     "Virus detected: Eicar-Test-Signature"},
    {ANY,
     {CAUSE_BLOCKED_CONTENT, VARIANT_LINK},
     FAKE_AT_END,
     554,
     {5, 7, 1},
     "Message contains a URL listed in SURBL"},
    {ANY,
     {CAUSE_BLOCKED_REPUTATION, VARIANT_NONE},
     FAKE_AT_RECIPIENT,
     554,
     {5, 7, 1},
     "Service unavailable; Client host [192.0.2.25] blocked using dnsbl.example.net"},
    {ANY,
     {CAUSE_BLOCKED_POLICY, VARIANT_NONE},
     FAKE_AT_END,
     550,
     {5, 7, 1},
     "Message refused by policy"},
    {ANY,
     {CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED},
     FAKE_AT_SENDER,
     530,
     {5, 7, 0},
     "Must issue a STARTTLS command first"},
    {ANY,
     {CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED},
     FAKE_AT_RECIPIENT,
     554,
     {5, 7, 1},
     "<{from}>: Sender address rejected: Access denied"},
    {ANY,
     {CAUSE_SENDER_AUTH_FAILED, VARIANT_NONE},
     FAKE_AT_END,
     550,
     {5, 7, 26},
     "This mail has been blocked because the sender is unauthenticated: neither SPF nor DKIM "
     "passed for {from-domain}"},
    {ANY,
     {CAUSE_TOO_MANY, VARIANT_RECIPIENTS},
     FAKE_AT_RECIPIENT,
     550,
     {5, 5, 3},
     "<{to}>: Recipient address rejected: too many recipients"},
    {ANY,
     {CAUSE_TOO_MANY, VARIANT_QUOTA},
     FAKE_AT_SENDER,
     550,
     {5, 4, 5},
     "Daily sending quota of {from} exceeded"},
    {ANY,
     {CAUSE_TOO_MANY, VARIANT_RATE},
     FAKE_AT_SENDER,
     550,
     {5, 7, 28},
     "Rate limit exceeded for 192.0.2.25"},
    {ANY,
     {CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED},
     FAKE_AT_RECIPIENT,
     450,
     {4, 7, 1},
     "<{to}>: Recipient address rejected: Greylisted for 5 minutes"},
    {ANY,
     {CAUSE_SERVER_PROBLEM, VARIANT_NONE},
     FAKE_AT_END,
     554,
     {5, 3, 0},
     "Requested action aborted: local error in processing"},
    {ANY,
     {CAUSE_SERVER_PROBLEM, VARIANT_FORMAT},
     FAKE_AT_END,
     554,
     {5, 6, 3},
     "Conversion required but not supported"},
    {ANY,
     {CAUSE_SERVER_PROBLEM, VARIANT_STORAGE},
     FAKE_AT_SENDER,
     552,
     {5, 3, 1},
     "Insufficient system storage"},
    {ANY,
     {CAUSE_RELAY_DENIED, VARIANT_NONE},
     FAKE_AT_RECIPIENT,
     554,
     {5, 7, 1},
     "<{to}>: Relay access denied"},
    {ANY,
     {CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED},
     FAKE_AT_SENDER,
     530,
     {5, 7, 0},
     "Authentication required"},
    {ANY, {CAUSE_LOOP, VARIANT_NONE}, FAKE_AT_END, 554, {5, 4, 6}, "Too many hops"},
};
enum { REMOTE_COUNT = sizeof remote / sizeof *remote };

static const struct fake_reply *row(size_t i)
{
    return i < fake_own_reply_count ? &fake_own_replies[i] : &remote[i - fake_own_reply_count];
}

const struct fake_reply *fake_reply_find(enum fake_system s, struct cause_found cause)
{
    const struct fake_reply *of_cause = NULL;
    for (size_t i = 0; i < fake_own_reply_count + REMOTE_COUNT; i++) {
        const struct fake_reply *r = row(i);
        if (!(r->systems >> s & 1) || r->cause.cause != cause.cause)
            continue;
        if (r->cause.variant == cause.variant)
            return r;
        if (!of_cause)
            of_cause = r;
    }
    return cause.variant == VARIANT_NONE ? of_cause : NULL;
}

const struct fake_reply *fake_reply_success(void)
{
    static const struct fake_reply success = {
        .stage = FAKE_AT_END, .code = 250, .status = {2, 0, 0}, .words = "OK"};
    return &success;
}
