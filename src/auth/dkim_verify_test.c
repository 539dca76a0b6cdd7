/* The examples of RFC 6376 (appendix A) and RFC 8463 (appendix A); and what changes of a header do
 * to a signature. */
#include "base/test.h"

#include "auth/dkim_header.h"
#include "auth/dkim_trial.h"
#include "auth/dkim_verify.h"

static const char rfc6376[] = /* its blanks as erratum 3758 and the signature have them */
    "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
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
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";

#define MAIL_8463                                                                                  \
    "From: Joe SixPack <joe@football.example.com>\r\n"                                             \
    "To: Suzie Q <suzie@shopping.example.net>\r\n"                                                 \
    "Subject: Is dinner ready?\r\n"                                                                \
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"                                              \
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
static const char rfc8463_ed25519[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n" MAIL_8463;
static const char rfc8463_rsa[] =
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n" MAIL_8463;
static const char key_8463_rsa[] =
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6w"
    "y5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvH"
    "O9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

/* Of the first signature in the header. */
static enum dkim_result verify(struct span header, const char *record, struct error *why)
{
    struct arena a = ARENA_EMPTY;
    struct header_iterator it = header_start(header);
    struct header_field f;
    struct dkim_signature s;
    struct dkim_key k;
    do {
        assert_int_equal(header_next(&it, &f), 1);
    } while (!span_equal_nocase(f.name, SPAN("DKIM-Signature")));
    if (!dkim_signature_parse(&s, &f, &a, why) || !dkim_key_parse(&k, span_of(record), &a, why))
        fail_msg("%s", why->text);
    enum dkim_result result = dkim_verify_header(&s, &k, header, why);
    dkim_key_open(&k);
    assert_int_equal(dkim_verify_header(&s, &k, header, why), result);
    dkim_key_close(&k);
    arena_clear(&a);
    return result;
}

/* `from` becomes `to`, wherever it stands. */
static void change(struct buffer *out, struct span text, const char *from, const char *to)
{
    size_t at;
    assert_int_not_equal(span_find(text, span_of(from)), SPAN_NOT_FOUND);
    while ((at = span_find(text, span_of(from))) != SPAN_NOT_FOUND) {
        buffer_add(out, text.at, at);
        buffer_add_text(out, to);
        text = span_skip(text, at + strlen(from));
    }
    buffer_add_span(out, text);
}

static void examples_of_the_rfcs_hold(void **state)
{
    static const struct {
        const char *header, *key;
    } cases[] = {
        {rfc6376, dkim_trial_rsa},
        {rfc8463_ed25519, dkim_trial_ed25519},
        {rfc8463_rsa, key_8463_rsa},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = {""};
        struct buffer bare = BUFFER_EMPTY, other = BUFFER_EMPTY;
        if (verify(span_of(cases[i].header), cases[i].key, &e) != DKIM_HOLDS)
            fail_msg("case %zu: %s", i, e.text);
        change(&bare, span_of(cases[i].header), "\r\n", "\n"); /* as in a file */
        assert_int_equal(verify(buffer_span(&bare), cases[i].key, &e), DKIM_HOLDS);
        change(&other, span_of(cases[i].header), "dinner", "supper");
        assert_int_equal(verify(buffer_span(&other), cases[i].key, &e),
                         cases[i].key == dkim_trial_ed25519 ? DKIM_BROKEN : DKIM_OTHER_HEADER);
        buffer_free(&bare);
        buffer_free(&other);
    }
}

/* RFC 6376 3.4.5: the example that it has. */
static void fields_have_two_forms(void **state)
{
    static const struct {
        const char *field, *simple, *relaxed;
    } cases[] = {
        {"A: X\r\n", "A: X\r\n", "a:X\r\n"},
        {"B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
        {"Subject:\r\n  a\n\tb\n", "Subject:\r\n  a\r\n\tb\r\n", "subject:a b\r\n"},
        {"X:", "X:\r\n", "x:\r\n"},
        {"X: \r\n \r\n", "X: \r\n \r\n", "x:\r\n"},
        {"X: a\rb", "X: a\rb\r\n", "x:a\rb\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct header_iterator it = header_start(span_of(cases[i].field));
        struct header_field f;
        assert_int_equal(header_next(&it, &f), 1);
        dkim_add_field(&out, &f, false);
        assert_string_equal(buffer_text(&out), cases[i].simple);
        buffer_clear(&out);
        dkim_add_field(&out, &f, true);
        assert_string_equal(buffer_text(&out), cases[i].relaxed);
        buffer_free(&out);
    }
}

/* RFC 6376 5.4.2, 3.5 (b=), 3.7. */
static void what_is_signed(void **state)
{
    static const struct {
        const char *header, *want;
    } cases[] = {
        {"DKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=s; h=X:x:From:X:Y; b = Zm9v ; "
         "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=\r\nX: 1\r\nFrom: me\r\nx: 2\r\n",
         "x: 2\r\nX: 1\r\nFrom: me\r\nDKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=s; "
         "h=X:x:From:X:Y; b =; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="},
        {"From: me\r\nDKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=s;\r\n "
         "h=From:DKIM-Signature:DKIM-Signature; c=relaxed; "
         "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n\tb=Zm\r\n\t9v\r\n"
         "DKIM-Signature: other\r\n",
         "from:me\r\ndkim-signature:other\r\ndkim-signature:v=1; a=rsa-sha256; d=a.test; s=s; "
         "h=From:DKIM-Signature:DKIM-Signature; c=relaxed; "
         "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b="},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        struct header_iterator it = header_start(span_of(cases[i].header));
        struct header_field f;
        struct dkim_signature s;
        struct error e;
        while (header_next(&it, &f) > 0 && !span_equal(f.name, SPAN("DKIM-Signature")))
            ;
        assert_true(dkim_signature_parse(&s, &f, &a, &e));
        assert_true(dkim_add_signed_header(&out, &s, span_of(cases[i].header)));
        assert_string_equal(buffer_text(&out), cases[i].want);
        buffer_free(&out);
        arena_clear(&a);
    }
}

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define HEADER "From: a@example.org\r\nTo: b@example.net\r\nSubject: one  two\r\nX: 1\r\n"

static void changes_on_the_way(void **state)
{
    static const struct {
        const char *form, *from, *to;
        enum dkim_result want; /* of RSA */
    } cases[] = {
        {"relaxed", "X: 1", "X: 2", DKIM_HOLDS}, /* not signed */
        {"relaxed", "From: a", "Received: x\r\nFrom: a", DKIM_HOLDS},
        {"relaxed", "one  two", "one\r\n\ttwo", DKIM_HOLDS},
        {"simple", "one  two", "one\r\n\ttwo", DKIM_OTHER_HEADER},
        {"relaxed", "To:", "TO :", DKIM_HOLDS},
        {"simple", "To:", "TO:", DKIM_OTHER_HEADER},
        {"relaxed", "one  two", "onetwo", DKIM_OTHER_HEADER},
        {"relaxed", "one", "[x] one", DKIM_OTHER_HEADER},
        {"relaxed", "To: b@example.net\r\n", "", DKIM_OTHER_HEADER},
        {"relaxed", "X: 1", "Cc: c@example.net", DKIM_OTHER_HEADER}, /* signed as missing */
        {"relaxed", "From: a", "From: c@example.net\r\nFrom: a", DKIM_HOLDS}, /* lowest first */
        {"relaxed", "X: 1", "From: c@example.net", DKIM_OTHER_HEADER},
        {"relaxed", "t=1;", "t=2;", DKIM_OTHER_HEADER}, /* of the signature itself */
        {"relaxed", "; b=", "; b=Zm9v", DKIM_BROKEN},
    };
    static const char *const algorithms[] = {"rsa-sha256", "ed25519-sha256"};
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        struct buffer tags = BUFFER_EMPTY, good = BUFFER_EMPTY, changed = BUFFER_EMPTY;
        bool is_rsa = i % 2 == 0;
        const char *key = is_rsa ? dkim_trial_rsa : dkim_trial_ed25519;
        struct error e = {""};
        buffer_printf(&tags, "v=1; a=%s; c=%s; d=example.org; s=s1; t=1; h=From:to:Subject:Cc; " BH,
                      algorithms[i % 2], cases[i / 2].form);
        dkim_trial_sign(&good, buffer_text(&tags), SPAN(HEADER));
        assert_int_equal(verify(buffer_span(&good), key, &e), DKIM_HOLDS);
        change(&changed, buffer_span(&good), cases[i / 2].from, cases[i / 2].to);
        enum dkim_result got = verify(buffer_span(&changed), key, &e), want = cases[i / 2].want;
        if (got != (is_rsa || want == DKIM_HOLDS ? want : DKIM_BROKEN))
            fail_msg("case %zu: %d: %s", i, got, e.text);
        assert_true(got == DKIM_HOLDS || e.text[0]);
        buffer_free(&tags);
        buffer_free(&good);
        buffer_free(&changed);
    }
}

static void a_key_must_be_fit(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } cases[] = {
        {"p=", "p=; n=", "its key has been revoked"},
        {"p=", "k=ed25519; p=", "its key is of another kind than the signature"},
        {"p=", "h=sha1; p=", "its key is not meant for SHA-256"},
        {"p=", "s=tlsrpt; p=", "its key is not meant for mail"},
        {"p=", "t=s; p=", "its key is not meant for domains below its own"},
        {"p=MIGf", "p=MIGe", "it is no public key that can be read"},
        {"p=MIGf", "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=; n=",
         "its key is not of the kind that its record tells"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer record = BUFFER_EMPTY;
        struct error e = {""};
        change(&record, span_of(dkim_trial_rsa), cases[i].from, cases[i].to);
        assert_int_equal(verify(span_of(rfc6376), buffer_text(&record), &e), DKIM_UNFIT);
        assert_string_equal(e.text, cases[i].says);
        buffer_free(&record);
    }
    struct error e;
    assert_int_equal(verify(span_of(rfc6376), key_8463_rsa, &e), DKIM_BROKEN); /* another's */
}

static void what_is_too_long_is_not_looked_at(void **state)
{
    struct buffer header = BUFFER_EMPTY;
    struct error e;
    buffer_add_text(&header, rfc6376);
    for (int i = 7; i < MOST_HEADER_FIELDS; i++)
        buffer_add_text(&header, "X: y\r\n");
    assert_int_equal(verify(buffer_span(&header), dkim_trial_rsa, &e), DKIM_HOLDS);
    buffer_add_text(&header, "X: y\r\n");
    assert_int_equal(verify(buffer_span(&header), dkim_trial_rsa, &e), DKIM_UNFIT);
    assert_string_equal(e.text, "the header is too long to be checked");
    buffer_free(&header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_rfcs_hold),
        cmocka_unit_test(fields_have_two_forms),
        cmocka_unit_test(what_is_signed),
        cmocka_unit_test(changes_on_the_way),
        cmocka_unit_test(a_key_must_be_fit),
        cmocka_unit_test(what_is_too_long_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
