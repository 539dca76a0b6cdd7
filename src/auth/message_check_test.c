/* Signatures of whole messages, and the field that is written. (dkimpy's verdicts on changed
 * messages: tests/e2e/test_check_message.py.) */
#include "base/test.h"

#include "auth/dkim_trial.h"
#include "auth/dns_trial.h"
#include "auth/message_check.h"
#include "base/inet.h"
#include "mail/encode.h"
#include "mail/header.h"

#include <string.h>

#define HEADER "From: Alice <alice@example.org>\r\nTo: bob@example.com\r\n"
#define BODY "See  you. \r\n\r\nTomorrow\r\n\r\n\r\n"
static const char relaxed[] = "See you.\r\n\r\nTomorrow\r\n",
                  simple[] = "See  you. \r\n\r\nTomorrow\r\n";

static struct span zone(struct arena *a)
{
    return arena_printf(a,
                        "s._domainkey.example.org TXT %s\n"
                        "none._domainkey.example.org TXT nothing\n"
                        "off._domainkey.example.org TXT v=DKIM1; p=\n"
                        "try._domainkey.example.org TXT %s; t=y\n"
                        "down._domainkey.example.org FAIL\n"
                        "_dmarc.example.org TXT v=DMARC1; p=reject\n"
                        "example.org TXT v=spf1 ip4:192.0.2.1 -all\n",
                        dkim_trial_ed25519, dkim_trial_ed25519);
}

/* A message whose signature says these tags, with the hash of `hashed`. */
static void sign(struct buffer *out, const char *tags, const char *hashed, const char *body)
{
    struct buffer all = BUFFER_EMPTY, hash_text = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    sha256(span_of(hashed), hash);
    base64_add(&hash_text, span_make(hash, sizeof hash));
    buffer_printf(&all, "v=1; a=ed25519-sha256; d=example.org; h=from:to; bh=%s; %s",
                  buffer_text(&hash_text), tags);
    dkim_trial_sign(out, buffer_text(&all), SPAN(HEADER));
    buffer_add_text(out, "\r\n");
    buffer_add_text(out, body);
    buffer_free(&all);
    buffer_free(&hash_text);
}

static void check(const struct message_request *r, struct message_verdict *v, struct arena *a,
                  struct lookups *l)
{
    int rounds = 0;
    while (!message_check(r, l, v, a)) {
        assert_true(rounds++ < 10);
        dns_trial_answer(l, zone(a));
    }
}

static void signatures_are_judged(void **state)
{
    static const struct {
        const char *tags, *hashed, *body;
        enum dkim_verdict_result result;
        const char *why;
    } cases[] = {
        {"s=s; c=relaxed/relaxed", relaxed, BODY, DKIM_PASS, ""},
        {"s=s; c=simple/simple", simple, BODY, DKIM_PASS, ""},
        {"s=s", simple, BODY "\r\n", DKIM_PASS, ""},
        {"s=s", simple, "See  you. \r\n\r\nTomorrow", DKIM_PASS, ""},
        {"s=s", "\r\n", "", DKIM_PASS, ""},
        {"s=s; c=simple/relaxed", "", "", DKIM_PASS, ""},
        {"s=s; c=simple/relaxed", "", " \r\n\t\r\n", DKIM_PASS, ""},
        {"s=s", relaxed, BODY, DKIM_FAIL, "the body was changed"},
        {"s=s", simple, BODY "x\r\n", DKIM_FAIL, "the body was changed"},
        {"s=s; l=9", "See  you.", BODY, DKIM_PASS, "only the beginning"},
        {"s=s; l=22", simple, "See  you. \r\n\r\nTomorrow\r\n", DKIM_FAIL, "body was changed"},
        {"s=s; l=9999", simple, BODY, DKIM_FAIL, "shorter"},
        {"s=s; x=999; t=900", simple, BODY, DKIM_FAIL, "expired"},
        {"s=s; x=1000; t=900", simple, BODY, DKIM_PASS, ""},
        {"s=missing", simple, BODY, DKIM_PERMERROR, "no key missing._domainkey.example.org"},
        {"s=none", simple, BODY, DKIM_PERMERROR, "can't be used"},
        {"s=off", simple, BODY, DKIM_PERMERROR, "revoked"},
        {"s=down", simple, BODY, DKIM_TEMPERROR, "do not answer"},
        {"s=try", simple, BODY, DKIM_PASS, "only trying"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer message = BUFFER_EMPTY;
        struct arena a = ARENA_EMPTY;
        struct lookups l = {0};
        struct message_verdict v;
        sign(&message, cases[i].tags, cases[i].hashed, cases[i].body);
        struct message_request r = {.message = buffer_span(&message), .now = 1000};
        check(&r, &v, &a, &l);
        assert_int_equal(v.dkim_count, 1);
        const char *why = arena_text(&a, v.dkim[0].why);
        if (v.dkim[0].result != cases[i].result || !strstr(why, cases[i].why) ||
            (!cases[i].why[0] && why[0]))
            fail_msg("case %zu: %s: %s", i, dkim_verdict_word(v.dkim[0].result), why);
        enum dmarc_result dmarc = cases[i].result == DKIM_PASS        ? DMARC_PASS
                                  : cases[i].result == DKIM_TEMPERROR ? DMARC_TEMPERROR
                                                                      : DMARC_FAIL;
        assert_int_equal(v.dmarc.result, dmarc);
        arena_clear(&a);
        lookups_free(&l);
        buffer_free(&message);
    }
}

static void what_can_be_read_in_two_ways_does_not_pass(void **state)
{
    static const struct {
        const char *above;
        bool has_end, passes;
    } cases[] = {
        {"", true, true}, {"From: Eve <eve@example.org>\r\n", true, false}, {"", false, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer message = BUFFER_EMPTY, text = BUFFER_EMPTY;
        struct arena a = ARENA_EMPTY;
        struct lookups l = {0};
        struct message_verdict v;
        sign(&message, "s=s", simple, BODY);
        size_t end = header_length(buffer_span(&message));
        buffer_add_text(&text, cases[i].above);
        buffer_add_span(&text, span_first(buffer_span(&message), end));
        buffer_add_span(&text, span_skip(buffer_span(&message), end + (cases[i].has_end ? 0 : 2)));
        struct message_request r = {.message = buffer_span(&text)};
        check(&r, &v, &a, &l);
        assert_int_equal(v.dkim_count, 1);
        assert_int_equal(v.dkim[0].result == DKIM_PASS, cases[i].passes);
        arena_clear(&a);
        lookups_free(&l);
        buffer_free(&message);
        buffer_free(&text);
    }
}

static void only_so_many_are_looked_at(void **state)
{
    struct buffer message = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct lookups l = {0};
    struct message_verdict v;
    for (int i = 0; i < 50; i++)
        buffer_printf(&message,
                      "DKIM-Signature: v=1; a=rsa-sha256; d=x%d.example; s=s; h=from; "
                      "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; "
                      "b=AA==\r\n",
                      i);
    buffer_add_text(&message, HEADER "\r\n");
    struct message_request r = {.message = buffer_span(&message)};
    check(&r, &v, &a, &l);
    assert_int_equal(v.dkim_count, DKIM_MOST_CHECKED);
    assert_true(span_equal(v.dkim[0].domain, SPAN("x0.example")));
    assert_true(l.count <= DKIM_MOST_CHECKED + DMARC_MOST_QUERIES + 1);
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
}

static void all_of_it_becomes_a_field(void **state)
{
    struct buffer message = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct lookups l = {0};
    struct message_verdict v;
    struct spf_request spf = {.sender = SPAN("alice@example.org"), .helo = SPAN("mx.example.org")};
    assert_true(inet_parse(SPAN("192.0.2.1"), spf.client));
    sign(&message, "s=s", relaxed, BODY);
    struct message_request r = {.spf = &spf, .message = buffer_span(&message)};
    check(&r, &v, &a, &l);
    struct authres results = message_results(&v, SPAN("mx.example.com"), &a);
    authres_write(&out, &results);
    assert_string_equal(
        buffer_text(&out),
        "Authentication-Results: mx.example.com;\r\n"
        "\tspf=pass\r\n"
        "\treason=\"example.org lets 192.0.2.1 send for it (ip4:192.0.2.1 in the SPF record of "
        "example.org)\"\r\n"
        "\tsmtp.mailfrom=alice@example.org;\r\n"
        "\tdkim=fail reason=\"the body was changed after it was signed\"\r\n"
        "\theader.d=example.org header.s=s;\r\n"
        "\tdmarc=pass\r\n"
        "\treason=\"SPF passes for the sender's domain example.org, which speaks for "
        "example.org\"\r\n"
        "\theader.from=example.org policy.dmarc=reject\r\n");
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_judged),
        cmocka_unit_test(what_can_be_read_in_two_ways_does_not_pass),
        cmocka_unit_test(only_so_many_are_looked_at),
        cmocka_unit_test(all_of_it_becomes_a_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
