/* The signed messages that stand in the RFCs themselves: 6376 appendix A.2, 8463 appendix A.3. What
 * is said of them after a change is that of RFC 6376 6.1.3. */
#include "base/test.h"

#include "auth/dkim_check.h"
#include "auth/dkim_trial.h"
#include "auth/dns_trial.h"

#include <string.h>

static const char rfc_6376[] = "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
                               "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
                               "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
                               "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                               "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
                               "      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
                               "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
                               "      4bmp/YzhwvcubU4=;\r\n"
                               "Received: from client1.football.example.com  [192.0.2.1]\r\n"
                               "      by submitserver.example.com with SUBMISSION;\r\n"
                               "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"
                               "From: Joe SixPack <joe@football.example.com>\r\n"
                               "To: Suzie Q <suzie@shopping.example.net>\r\n"
                               "Subject: Is dinner ready?\r\n"
                               "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                               "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                               "\r\n"
                               "Hi.\r\n"
                               "\r\n"
                               "We lost the game. Are you hungry yet?\r\n"
                               "\r\n"
                               "Joe.\r\n";

static const char rfc_8463[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                               " d=football.example.com; i=@football.example.com;\r\n"
                               " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                               " subject : date : message-id : from : subject : date;\r\n"
                               " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                               " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                               " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                               "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                               " d=football.example.com; i=@football.example.com;\r\n"
                               " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                               " date : message-id : from : subject : date;\r\n"
                               " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                               " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
                               " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
                               " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
                               "From: Joe SixPack <joe@football.example.com>\r\n"
                               "To: Suzie Q <suzie@shopping.example.net>\r\n"
                               "Subject: Is dinner ready?\r\n"
                               "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                               "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                               "\r\n"
                               "Hi.\r\n"
                               "\r\n"
                               "We lost the game.  Are you hungry yet?\r\n"
                               "\r\n"
                               "Joe.\r\n";

/* Of RFC 8463 A.2. */
static const char key_test[] =
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3id"
    "Y6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lx"
    "j+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

static void check(struct buffer *out, struct span message, uint64_t now)
{
    struct dkim_verdict verdicts[DKIM_MOST_CHECKED];
    struct buffer zone = BUFFER_EMPTY;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    size_t count = 0;
    buffer_printf(&zone,
                  "brisbane._domainkey.example.com TXT %s\n"
                  "brisbane._domainkey.football.example.com TXT %s\n"
                  "test._domainkey.football.example.com TXT %s\n",
                  dkim_trial_rsa, dkim_trial_ed25519, key_test);
    while (!dkim_check(message, now, &l, verdicts, &count, &a)) {
        dns_trial_answer(&l, buffer_span(&zone));
        arena_clear(&a);
    }
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "%s%s", i ? " " : "", dkim_verdict_word(verdicts[i].result));
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&zone);
}

static void the_signatures_in_the_rfcs_hold(void **state)
{
    static const struct {
        const char *message, *from, *to, *want;
    } cases[] = {
        {rfc_6376, "", "", "pass"},
        {rfc_6376, "We lost the game.", "We won the game.", "fail"},
        {rfc_6376, "dinner ready", "lunch ready", "fail"},
        {rfc_6376, "Subject: Is", "Subject:  Is", "fail"}, /* simple */
        {rfc_8463, "", "", "pass pass"},
        {rfc_8463, "We lost the game.", "We won the game.", "fail fail"},
        {rfc_8463, "dinner ready", "lunch ready", "fail fail"},
        {rfc_8463, "Subject: Is", "SUBJECT:\r\n\tIs  ", "pass pass"}, /* relaxed */
        {rfc_8463, "Joe.\r\n", "Joe. \r\n\r\n", "pass pass"},
        {rfc_8463, "To: Suzie", "Subject: Win\r\nTo: Suzie", "fail fail"}, /* RFC 6376 8.15 */
        {rfc_8463, "/gCrinpc", "/gDrinpc", "fail pass"},
        {rfc_8463, "F45dVWDf", "F45dVXDf", "pass fail"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer mail = BUFFER_EMPTY, got = BUFFER_EMPTY;
        struct span text = span_of(cases[i].message);
        size_t at = span_find(text, span_of(cases[i].from));
        assert_int_not_equal(at, SPAN_NOT_FOUND);
        buffer_add_span(&mail, span_first(text, at));
        buffer_add_text(&mail, cases[i].to);
        buffer_add_span(&mail, span_skip(text, at + strlen(cases[i].from)));
        check(&got, buffer_span(&mail), 1528637910);
        if (strcmp(buffer_text(&got), cases[i].want) != 0)
            fail_msg("%zu: %s", i, buffer_text(&got));
        buffer_free(&mail);
        buffer_free(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signatures_in_the_rfcs_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
