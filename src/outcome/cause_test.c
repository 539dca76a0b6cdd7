/* The table is complete; codes mean what RFC 3463 and 5248 say; and words that real servers send
 * (Postfix, Exim, Exchange, Gmail, Yahoo and others) lead to the cause that they tell of. */
#include "base/test.h"

#include "outcome/outcome.h"

#include <string.h>

static void every_row_is_complete(void **state)
{
    for (enum cause c = 0; c < CAUSE_COUNT; c++)
        for (enum variant v = 0; v < VARIANT_COUNT; v++) {
            const struct cause_text *t = cause_text((struct cause_found){c, v});
            assert_string_equal(t->name, cause_name(c)); /* never the words of another cause */
            assert_true(c == CAUSE_UNKNOWN || strcmp(t->name, "unknown") != 0);
            assert_true(strlen(t->headline) > 5 && strlen(t->sentence) > 20);
            assert_true(t->headline[0] >= 'A' && t->headline[0] <= 'Z');
            assert_int_equal(t->sentence[strlen(t->sentence) - 1], '.');
            assert_true(strlen(actor_words(t->actor)) > 0);
            assert_true(t->steps[0] && t->steps[0][0]);
            for (int i = 0; i < 3; i++) {
                assert_non_null(t->steps[i]);
                assert_true(i == 0 || !t->steps[i][0] || t->steps[i - 1][0]);
                assert_null(strchr(t->steps[i], '%'));
            }
        }
}

static void names_are_distinct(void **state)
{
    for (enum cause a = 0; a < CAUSE_COUNT; a++)
        for (enum cause b = 0; b < a; b++)
            assert_string_not_equal(cause_name(a), cause_name(b));
    for (enum variant a = 0; a < VARIANT_COUNT; a++)
        for (enum variant b = 0; b < a; b++)
            assert_string_not_equal(variant_name(a), variant_name(b));
    assert_string_equal(variant_name(VARIANT_NONE), "");
    assert_string_equal(cause_name(CAUSE_INBOX_FULL), "inbox-full");
    assert_string_equal(variant_name(VARIANT_GREYLISTED), "greylisted");
}

/* The variants of cause.h have words of their own. */
static void variants_have_their_own_words(void **state)
{
    static const struct cause_found own[] = {
        {CAUSE_BLOCKED_CONTENT, VARIANT_SPAM},
        {CAUSE_BLOCKED_CONTENT, VARIANT_VIRUS},
        {CAUSE_BLOCKED_CONTENT, VARIANT_LINK},
        {CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED},
        {CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED},
        {CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED},
        {CAUSE_SERVER_PROBLEM, VARIANT_FORMAT},
        {CAUSE_TOO_MANY, VARIANT_QUOTA},
        {CAUSE_TOO_MANY, VARIANT_RATE},
        {CAUSE_TOO_MANY, VARIANT_RECIPIENTS},
        {CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED},
        {CAUSE_COULD_NOT_REACH, VARIANT_TIMEOUT},
        {CAUSE_COULD_NOT_REACH, VARIANT_REFUSED},
        {CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED},
        {CAUSE_SERVER_PROBLEM, VARIANT_STORAGE},
        {CAUSE_COULD_NOT_REACH, VARIANT_DNS},
        {CAUSE_SERVER_PROBLEM, VARIANT_OWN_SETUP},
        {CAUSE_LOOP, VARIANT_OWN_SETUP},
        {CAUSE_BLOCKED_POLICY, VARIANT_OWN_RULE},
        {CAUSE_COULD_NOT_REACH, VARIANT_SUSPENDED},
        {CAUSE_COULD_NOT_REACH, VARIANT_NO_TLS},
        {CAUSE_COULD_NOT_REACH, VARIANT_NOT_SECURE},
        {CAUSE_COULD_NOT_REACH, VARIANT_NOT_PROTECTED},
        {CAUSE_COULD_NOT_REACH, VARIANT_TOO_LATE},
        {CAUSE_TOO_MANY, VARIANT_ACCOUNT_SLOWED},
        {CAUSE_BLOCKED_POLICY, VARIANT_ACCOUNT_HELD},
    };
    assert_int_equal(COUNT_OF(own), VARIANT_COUNT); /* own-setup is a variant of two */
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        struct cause_found general = {own[i].cause, VARIANT_NONE};
        assert_string_not_equal(cause_text(own[i])->headline, cause_text(general)->headline);
        assert_ptr_equal(cause_text((struct cause_found){CAUSE_UNKNOWN, own[i].variant}),
                         cause_text((struct cause_found){CAUSE_UNKNOWN, VARIANT_NONE}));
    }
}

static void expect_cause(int code, struct status s, const char *words, enum cause cause,
                         enum variant variant)
{
    struct cause_found f = cause_find(code, s, span_of(words));
    if (f.cause != cause || f.variant != variant)
        print_error("%d %u.%u.%u \"%s\": %s/%s, not %s/%s\n", code, s.class, s.subject, s.detail,
                    words, cause_name(f.cause), variant_name(f.variant), cause_name(cause),
                    variant_name(variant));
    assert_int_equal(f.cause, cause);
    assert_int_equal(f.variant, variant);
}

static void codes_mean_what_the_rfcs_say(void **state)
{
    static const struct {
        struct status status;
        enum cause cause;
        enum variant variant;
    } cases[] = {
        {{5, 1, 1}, CAUSE_ADDRESS_NOT_FOUND},
        {{5, 1, 2}, CAUSE_DOMAIN_NOT_FOUND},
        {{5, 1, 3}, CAUSE_ADDRESS_NOT_FOUND},
        {{5, 1, 6}, CAUSE_ADDRESS_NOT_FOUND},
        {{5, 1, 8}, CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED},
        {{5, 1, 10}, CAUSE_DOMAIN_NOT_FOUND}, /* RFC 7505: null MX */
        {{5, 2, 1}, CAUSE_ACCOUNT_DISABLED},
        {{4, 2, 2}, CAUSE_INBOX_FULL},
        {{5, 2, 2}, CAUSE_INBOX_FULL},
        {{5, 2, 3}, CAUSE_MESSAGE_TOO_LARGE},
        {{4, 3, 1}, CAUSE_SERVER_PROBLEM, VARIANT_STORAGE},
        {{4, 3, 2}, CAUSE_SERVER_PROBLEM},
        {{5, 3, 4}, CAUSE_MESSAGE_TOO_LARGE},
        {{5, 3, 5}, CAUSE_SERVER_PROBLEM},
        {{4, 4, 1}, CAUSE_COULD_NOT_REACH},
        {{4, 4, 2}, CAUSE_COULD_NOT_REACH},
        {{4, 4, 3}, CAUSE_COULD_NOT_REACH, VARIANT_DNS},
        {{5, 4, 4}, CAUSE_DOMAIN_NOT_FOUND},
        {{5, 4, 6}, CAUSE_LOOP},
        {{4, 4, 7}, CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED},
        {{5, 5, 3}, CAUSE_TOO_MANY, VARIANT_RECIPIENTS},
        {{4, 5, 3}, CAUSE_TOO_MANY, VARIANT_RECIPIENTS},
        {{5, 6, 1}, CAUSE_SERVER_PROBLEM, VARIANT_FORMAT},
        {{5, 6, 7}, CAUSE_SERVER_PROBLEM, VARIANT_FORMAT}, /* RFC 6531 */
        {{5, 7, 1}, CAUSE_BLOCKED_POLICY},
        {{5, 7, 20}, CAUSE_SENDER_AUTH_FAILED}, /* RFC 7372: DKIM, SPF */
        {{5, 7, 23}, CAUSE_SENDER_AUTH_FAILED},
        {{5, 7, 25}, CAUSE_BLOCKED_REPUTATION}, /* RFC 7372: reverse DNS */
        {{5, 7, 26}, CAUSE_SENDER_AUTH_FAILED},
        {{4, 7, 28}, CAUSE_TOO_MANY, VARIANT_RATE}, /* registry of RFC 5248: mail flood */
        {{5, 7, 10}, CAUSE_BLOCKED_POLICY, VARIANT_TLS_REQUIRED},
        {{5, 7, 30}, CAUSE_COULD_NOT_REACH, VARIANT_NOT_PROTECTED}, /* RFC 8689 */
        {{5, 0, 0}, CAUSE_UNKNOWN},
        {{2, 1, 1}, CAUSE_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_cause(0, cases[i].status, "", cases[i].cause, cases[i].variant);
    expect_cause(452, STATUS_NONE, "", CAUSE_SERVER_PROBLEM, VARIANT_STORAGE);
    expect_cause(530, STATUS_NONE, "", CAUSE_RELAY_DENIED, VARIANT_LOGIN_REQUIRED);
    expect_cause(550, STATUS_NONE, "", CAUSE_UNKNOWN, VARIANT_NONE);
    expect_cause(0, STATUS_NONE, "", CAUSE_UNKNOWN, VARIANT_NONE);
}

static const struct {
    int code;
    struct status status;
    const char *words;
    enum cause cause;
    enum variant variant;
} replies[] = {
    /* Postfix */
    {550,
     {5, 1, 1},
     "<x@example.net>: Recipient address rejected: User unknown in local recipient table",
     CAUSE_ADDRESS_NOT_FOUND},
    {554, {5, 7, 1}, "<x@example.net>: Relay access denied", CAUSE_RELAY_DENIED},
    {0, STATUS_NONE, "\xC4no such user", CAUSE_ADDRESS_NOT_FOUND}, /* no half of a pair (UTF-8) */
    {552, {5, 3, 4}, "Message size exceeds fixed limit", CAUSE_MESSAGE_TOO_LARGE},
    {450,
     {4, 2, 0},
     "<x@example.net>: Recipient address rejected: Greylisted, see "
     "http://postgrey.schweikert.ch/help/example.net.html",
     CAUSE_COULD_NOT_REACH,
     VARIANT_GREYLISTED},
    {554,
     {5, 7, 1},
     "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; "
     "https://www.spamhaus.org/query/ip/192.0.2.1",
     CAUSE_BLOCKED_REPUTATION},
    {450,
     {4, 1, 8},
     "<a@example.org>: Sender address rejected: Domain not found",
     CAUSE_BLOCKED_POLICY,
     VARIANT_SENDER_REFUSED},
    {554, {5, 4, 6}, "Too many hops", CAUSE_LOOP},
    {530,
     {5, 7, 0},
     "Must issue a STARTTLS command first",
     CAUSE_BLOCKED_POLICY,
     VARIANT_TLS_REQUIRED},
    {0,
     {4, 7, 4},
     "the server offers no TLS, which this route demands; nothing was sent",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NO_TLS},
    {0,
     {4, 7, 4},
     "the server offers no TLS, which the DNS of example.org (DANE) demands; nothing was sent",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NOT_SECURE},
    {0,
     {4, 7, 5},
     "an encrypted connection, which the policy of example.org (MTA-STS) demands, did not come "
     "about: its certificate is not trusted: hostname mismatch; nothing was sent",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NOT_SECURE},
    {0,
     {4, 7, 5},
     "the DNS does not say which certificate mx.example.org must have (DANE), so that nothing may "
     "be sent there: DNSSEC says that the answer is not to be trusted",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NOT_SECURE},
    {0,
     {4, 7, 5},
     "mx.example.org is none of the mail servers that example.net allows (MTA-STS): either the DNS "
     "or the policy of the domain is wrong",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NOT_SECURE},
    {0,
     {5, 7, 10},
     "the server offers no TLS, which the sender of this message demands; nothing was sent",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NOT_PROTECTED},
    {0,
     {5, 7, 10},
     "mail to hub.example.org goes in plain text from here, and the sender of this message demands "
     "TLS on its whole way (REQUIRETLS)",
     CAUSE_COULD_NOT_REACH,
     VARIANT_NOT_PROTECTED},
    {0,
     {5, 4, 7},
     "it did not arrive by Tue 24 Nov 2026, 12:44 (UTC+1), as its sender wants it (DELIVERBY)",
     CAUSE_COULD_NOT_REACH,
     VARIANT_TOO_LATE},
    {452, {4, 3, 1}, "Insufficient system storage", CAUSE_SERVER_PROBLEM, VARIANT_STORAGE},
    {452, {4, 5, 3}, "Error: too many recipients", CAUSE_TOO_MANY, VARIANT_RECIPIENTS},
    {451, {4, 3, 0}, "<x@example.net>: Temporary lookup failure", CAUSE_SERVER_PROBLEM},
    {421,
     {4, 7, 0},
     "mx.example.net Error: too many connections from 192.0.2.1",
     CAUSE_TOO_MANY,
     VARIANT_RATE},
    /* Exim */
    {550, {0}, "Unrouteable address", CAUSE_ADDRESS_NOT_FOUND},
    {550, {0}, "relay not permitted", CAUSE_RELAY_DENIED},
    {550, {0}, "Sender verify failed", CAUSE_BLOCKED_POLICY, VARIANT_SENDER_REFUSED},
    {451, {0}, "Temporary local problem - please try later", CAUSE_SERVER_PROBLEM},
    {550, {0}, "This message scored 12.3 spam points.", CAUSE_BLOCKED_CONTENT, VARIANT_SPAM},
    {554, {5, 7, 1}, "5.7.1 [CS] Message blocked", CAUSE_BLOCKED_CONTENT, VARIANT_SPAM},
    {554,
     {5, 7, 1},
     "all of it\n550\n \t5.7.1 [CS] Message blocked",
     CAUSE_BLOCKED_CONTENT,
     VARIANT_SPAM},
    {550,
     {0},
     "This message contains a virus or other harmful content (Eicar-Test-Signature)",
     CAUSE_BLOCKED_CONTENT,
     VARIANT_VIRUS},
    /* Exchange, Microsoft 365 */
    {550,
     {5, 1, 10},
     "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
     CAUSE_ADDRESS_NOT_FOUND},
    {554,
     {5, 2, 2},
     "mailbox full; "
     "STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
     CAUSE_INBOX_FULL},
    {550, {5, 7, 1}, "RESOLVER.RST.AuthRequired; authentication required", CAUSE_BLOCKED_POLICY},
    {550,
     {5, 4, 1},
     "Recipient address rejected: Access denied. AS(201806281)",
     CAUSE_ADDRESS_NOT_FOUND},
    {550, {5, 7, 54}, "SMTP; Unable to relay recipient in non-accepted domain", CAUSE_RELAY_DENIED},
    {550, {5, 4, 14}, "Hop count exceeded - possible mail loop ATTR34", CAUSE_LOOP},
    {550, {5, 7, 606}, "Access denied, banned sending IP [192.0.2.1].", CAUSE_BLOCKED_REPUTATION},
    {550,
     {5, 7, 509},
     "Access denied, sending domain example.org does not pass DMARC verification and has a DMARC "
     "policy of reject.",
     CAUSE_SENDER_AUTH_FAILED},
    {550, {4, 4, 7}, "QUEUE.Expired; message expired", CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED},
    {530,
     {5, 7, 57},
     "Client was not authenticated to send anonymous mail during MAIL FROM",
     CAUSE_RELAY_DENIED,
     VARIANT_LOGIN_REQUIRED},
    /* Gmail */
    {550,
     {5, 1, 1},
     "The email account that you tried to reach does not exist. Please try\ndouble-checking the "
     "recipient's email address for typos or\nunnecessary spaces.",
     CAUSE_ADDRESS_NOT_FOUND},
    {552, {5, 2, 2}, "The email account that you tried to reach is over quota.", CAUSE_INBOX_FULL},
    {452,
     {4, 2, 2},
     "The recipient's inbox is out of storage space. Please direct the recipient to "
     "https://support.google.com/mail/?p=OverQuotaTemp",
     CAUSE_INBOX_FULL},
    {550,
     {5, 2, 1},
     "The email account that you tried to reach is disabled.",
     CAUSE_ACCOUNT_DISABLED},
    {550,
     {5, 7, 26},
     "This mail has been blocked because the sender is unauthenticated. Gmail requires all senders "
     "to authenticate with either SPF or DKIM.",
     CAUSE_SENDER_AUTH_FAILED},
    {550,
     {5, 7, 26},
     "Unauthenticated email from example.org is not accepted due to domain's DMARC policy.",
     CAUSE_SENDER_AUTH_FAILED},
    {421,
     {4, 7, 28},
     "Our system has detected an unusual rate of unsolicited mail originating from your IP "
     "address.",
     CAUSE_BLOCKED_REPUTATION},
    {550,
     {5, 7, 1},
     "Our system has detected that this message is likely unsolicited mail. To reduce the amount "
     "of spam sent to Gmail, this message has been blocked.",
     CAUSE_BLOCKED_CONTENT,
     VARIANT_SPAM},
    {552,
     {5, 7, 0},
     "This message was blocked because its content presents a potential\nsecurity issue.",
     CAUSE_BLOCKED_CONTENT,
     VARIANT_VIRUS},
    {552,
     {5, 3, 4},
     "Your message exceeded Google's message size limits.",
     CAUSE_MESSAGE_TOO_LARGE},
    {450,
     {4, 2, 1},
     "The user you are trying to contact is receiving mail at a rate that prevents additional "
     "messages from being delivered.",
     CAUSE_TOO_MANY,
     VARIANT_RATE},
    {550, {5, 4, 5}, "Daily user sending limit exceeded.", CAUSE_TOO_MANY, VARIANT_QUOTA},
    /* Yahoo */
    {554,
     {0},
     "delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0] - "
     "mta1.mail.yahoo.com",
     CAUSE_ADDRESS_NOT_FOUND},
    {552, {0}, "1 Requested mail action aborted, mailbox not found", CAUSE_ADDRESS_NOT_FOUND},
    {421,
     {4, 7, 0},
     "[TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user "
     "complaints - 4.16.55.1",
     CAUSE_BLOCKED_REPUTATION},
    {554,
     {5, 7, 9},
     "Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes",
     CAUSE_SENDER_AUTH_FAILED},
    /* our own words when no way is found */
    {0,
     {5, 1, 10},
     "the domain d.test takes no mail: its operator says so in the DNS (null MX)",
     CAUSE_DOMAIN_NOT_FOUND},
    {0, {5, 1, 2}, "there is no domain d.test: the DNS does not know it", CAUSE_DOMAIN_NOT_FOUND},
    {0, {5, 1, 2}, "[192.0.2.300] is not the address of a mail server", CAUSE_DOMAIN_NOT_FOUND},
    {0,
     {5, 4, 4},
     "the domain d.test has no mail server: the DNS has neither an MX record nor an "
     "address for it",
     CAUSE_DOMAIN_NOT_FOUND},
    {0,
     {5, 4, 4},
     "the mail servers of the domain d.test (a and others) have no address in the DNS",
     CAUSE_DOMAIN_NOT_FOUND},
    {0,
     {4, 4, 3},
     "the DNS does not say which servers take mail for the domain d.test: DNSSEC says "
     "that the answer is not to be trusted: validation failure <d.test. MX IN>: signature expired "
     "from 192.0.2.53",
     CAUSE_COULD_NOT_REACH,
     VARIANT_DNS},
    {0,
     {4, 4, 3},
     "the DNS does not say the address of a, a mail server of the domain d.test: its "
     "name servers failed or did not answer (SERVFAIL)",
     CAUSE_COULD_NOT_REACH,
     VARIANT_DNS},
    {0,
     {4, 4, 3},
     "the DNS does not say the address of s.test, to which a route of this server "
     "leads: its name servers failed or did not answer (SERVFAIL)",
     CAUSE_COULD_NOT_REACH,
     VARIANT_DNS},
    {0,
     {5, 4, 6},
     "the DNS names this server itself as the mail server of the domain d.test, but "
     "it was not told to take mail for this domain",
     CAUSE_LOOP,
     VARIANT_OWN_SETUP},
    {0,
     {5, 4, 6},
     "[127.0.0.1] is this server itself, but it was not told to take mail for this "
     "address",
     CAUSE_LOOP,
     VARIANT_OWN_SETUP},
    {0,
     {5, 4, 6},
     "the server that the domain names answers with the name of this one (mx.d.test): the message "
     "would run in a circle",
     CAUSE_LOOP,
     VARIANT_OWN_SETUP},
    {0,
     {5, 6, 3},
     "the receiving server takes no mail of this kind (it lacks 8BITMIME), and the message can't "
     "be brought into another form: a part of it is signed (multipart/signed), and the signature "
     "would no longer hold",
     CAUSE_SERVER_PROBLEM,
     VARIANT_FORMAT},
    {554,
     {5, 4, 6},
     "This message was delivered to the same address here before, and has come back: a "
     "forwarding of mail for that address leads in a circle. Whoever has set it up must correct it",
     CAUSE_LOOP,
     VARIANT_NONE},
    {0,
     {4, 3, 5},
     "a route of this server leads to s.test, which is this server itself; its "
     "operator must correct the route",
     CAUSE_SERVER_PROBLEM,
     VARIANT_OWN_SETUP},
    {0,
     {4, 3, 5},
     "a route of this server leads to s.test, which has no address in the DNS; its "
     "operator must correct the route",
     CAUSE_SERVER_PROBLEM,
     VARIANT_OWN_SETUP},
    {0,
     {4, 3, 5},
     "the server does not speak LMTP; it answered LHLO with: 500 unknown command",
     CAUSE_SERVER_PROBLEM,
     VARIANT_OWN_SETUP},
    {0,
     {4, 4, 1},
     "could not connect from 192.0.2.1: Cannot assign requested address",
     CAUSE_SERVER_PROBLEM,
     VARIANT_OWN_SETUP},
    {0, {4, 4, 1}, "could not connect: Connection refused", CAUSE_COULD_NOT_REACH, VARIANT_REFUSED},
    {0, {4, 4, 1}, "could not connect: no answer in time", CAUSE_COULD_NOT_REACH, VARIANT_TIMEOUT},
    {0, {4, 4, 1}, "could not connect: No route to host", CAUSE_COULD_NOT_REACH},
    {0, {4, 4, 1}, "could not connect: Network is unreachable", CAUSE_COULD_NOT_REACH},
    {0, {4, 4, 1}, "could not connect: No such file or directory", CAUSE_COULD_NOT_REACH},
    /* others, and our own words */
    {550,
     {5, 7, 1},
     "Rejected: message contains a link listed in surbl",
     CAUSE_BLOCKED_CONTENT,
     VARIANT_LINK},
    {0,
     {4, 4, 1},
     "connect to 192.0.2.7:25: Connection refused",
     CAUSE_COULD_NOT_REACH,
     VARIANT_REFUSED},
    {0,
     {4, 4, 1},
     "connect to 192.0.2.7:25: Connection timed out",
     CAUSE_COULD_NOT_REACH,
     VARIANT_TIMEOUT},
    {0, {4, 4, 2}, "the connection broke", CAUSE_COULD_NOT_REACH},
    {0,
     {5, 6, 7},
     "the receiving server does not support addresses with letters beyond ASCII (SMTPUTF8), which "
     "this message uses",
     CAUSE_SERVER_PROBLEM,
     VARIANT_FORMAT},
    {0,
     {5, 3, 4},
     "the message has 5000 bytes; the receiving server takes at most 1000",
     CAUSE_MESSAGE_TOO_LARGE},
};

static void words_of_real_servers_lead_to_the_cause(void **state)
{
    for (size_t i = 0; i < COUNT_OF(replies); i++)
        expect_cause(replies[i].code, replies[i].status, replies[i].words, replies[i].cause,
                     replies[i].variant);
}

static void words_match_in_any_case_and_spacing(void **state)
{
    struct buffer words = BUFFER_EMPTY;
    expect_cause(550, STATUS(5, 7, 1), "USER \r\n\t uNKNOWN", CAUSE_ADDRESS_NOT_FOUND,
                 VARIANT_NONE);
    expect_cause(550, STATUS(5, 2, 2), "\xff\x1b nothing known \x80", CAUSE_INBOX_FULL,
                 VARIANT_NONE);
    for (int i = 0; i < 100000; i++)
        buffer_add_char(&words, 'x');
    buffer_add_text(&words, " user unknown"); /* too far behind */
    expect_cause(550, STATUS(5, 2, 2), buffer_text(&words), CAUSE_INBOX_FULL, VARIANT_NONE);
    buffer_free(&words);
    assert_int_equal(cause_find(0, STATUS_NONE, SPAN("user\0unknown")).cause, CAUSE_UNKNOWN);
}

static void a_report_has_a_status_that_fits(void **state)
{
    static const struct {
        struct outcome outcome;
        struct status want;
    } cases[] = {
        {{.kind = OUTCOME_FAILED, .status = {5, 1, 1}}, {5, 1, 1}},
        {{.kind = OUTCOME_FAILED, .status = {4, 2, 2}}, {5, 2, 2}},
        {{.kind = OUTCOME_FAILED, .status = {4, 2, 2}, .is_expired = true}, {4, 4, 7}},
        {{.kind = OUTCOME_FAILED}, {5, 0, 0}},
        {{.kind = OUTCOME_DELAYED}, {4, 0, 0}},
        {{.kind = OUTCOME_DELAYED, .status = {4, 4, 1}}, {4, 4, 1}},
        {{.kind = OUTCOME_RELAYED, .status = {2, 1, 5}}, {2, 1, 5}},
        {{.kind = OUTCOME_DELIVERED}, {2, 0, 0}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(status_equal(outcome_report_status(&cases[i].outcome), cases[i].want));
}

static void a_cause_is_written_and_read(void **state)
{
    static const struct {
        const char *text;
        struct cause_found cause;
    } cases[] = {
        {"unknown", {CAUSE_UNKNOWN, VARIANT_NONE}},
        {"inbox-full", {CAUSE_INBOX_FULL, VARIANT_NONE}},
        {"could-not-reach/greylisted", {CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED}},
        {"loop/own-setup", {CAUSE_LOOP, VARIANT_OWN_SETUP}},
    };
    static const char *const none[] = {"",      "/",           "inbox",      "inbox-full/x",
                                       "/spam", "inbox-full ", "Inbox-Full", "loop/own-setup/x"};
    struct cause_found found;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        cause_add(&out, cases[i].cause);
        assert_string_equal(buffer_text(&out), cases[i].text);
        assert_true(cause_parse(buffer_span(&out), &found));
        assert_int_equal(found.cause, cases[i].cause.cause);
        assert_int_equal(found.variant, cases[i].cause.variant);
        buffer_free(&out);
    }
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(cause_parse(span_of(none[i]), &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(names_are_distinct),
        cmocka_unit_test(variants_have_their_own_words),
        cmocka_unit_test(codes_mean_what_the_rfcs_say),
        cmocka_unit_test(words_of_real_servers_lead_to_the_cause),
        cmocka_unit_test(words_match_in_any_case_and_spacing),
        cmocka_unit_test(a_report_has_a_status_that_fits),
        cmocka_unit_test(a_cause_is_written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
