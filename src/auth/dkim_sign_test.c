/* What we sign holds for who checks it; a field that is added, and a body that is changed, show. */
#include "base/test.h"

#include "auth/dkim_sign.h"
#include "auth/dkim_trial.h"
#include "auth/dkim_verify.h"

#include <string.h>

/* ---- a signature of ours, as others see it */

static const char mail[] = "From: Mail Delivery Subsystem <mailer-daemon@mx.example.org>\r\n"
                           "To: alice@example.org\r\n"
                           "Subject: Not delivered: bob@example.com\r\n"
                           "X-Failed-Recipients: bob@example.com\r\n"
                           "MIME-Version: 1.0\r\n"
                           "\r\n"
                           "See  you.  \r\n\r\n";

static const char body_hash_of_mail[] = "See you.\r\n";

static void sign(struct buffer *out, enum key_kind kind, struct span message)
{
    struct private_key *k = dkim_trial_key(kind);
    const struct dkim_signer s = {SPAN("example.org"), SPAN("s1"), k};
    assert_int_equal(private_key_kind(k), kind);
    assert_true(dkim_sign(out, &s, 1, message, 1795520641));
    buffer_add_span(out, message);
    private_key_free(&k);
}

/* Of the first field. */
static enum dkim_result verify(struct span message, enum key_kind kind, struct dkim_signature *s,
                               struct arena *a)
{
    const char *record = kind == KEY_RSA ? dkim_trial_rsa : dkim_trial_ed25519;
    struct span header = span_first(message, header_length(message));
    struct header_iterator it = header_start(header);
    struct header_field f;
    struct dkim_key k;
    struct error why = {""};
    while (header_next(&it, &f) > 0 && !span_equal(f.name, SPAN("DKIM-Signature")))
        ;
    if (!dkim_signature_parse(s, &f, a, &why) || !dkim_key_parse(&k, span_of(record), a, &why))
        fail_msg("%s", why.text);
    return dkim_verify_header(s, &k, header, &why);
}

static enum dkim_result verify_with(const char *added, struct span signed_mail, enum key_kind kind)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct dkim_signature s;
    buffer_add_text(&text, added);
    buffer_add_span(&text, signed_mail);
    enum dkim_result result = verify(buffer_span(&text), kind, &s, &a);
    buffer_free(&text);
    arena_clear(&a);
    return result;
}

static void what_we_sign_holds(void **state)
{
    unsigned char hash[SHA256_LENGTH];
    sha256(span_of(body_hash_of_mail), hash);
    for (int kind = KEY_RSA; kind <= KEY_ED25519; kind++) {
        struct buffer text = BUFFER_EMPTY;
        struct arena a = ARENA_EMPTY;
        struct dkim_signature s;
        sign(&text, (enum key_kind)kind, span_of(mail));
        assert_int_equal(verify(buffer_span(&text), (enum key_kind)kind, &s, &a), DKIM_HOLDS);
        assert_true(span_equal(s.body_hash, span_make((const char *)hash, sizeof hash)));
        assert_true(s.has_relaxed_header && s.has_relaxed_body && !s.has_body_length);
        assert_int_equal(s.made_s, 1795520641);
        struct span signed_mail = buffer_span(&text);
        struct span rest = signed_mail, line;
        while ((line = span_cut(&rest, '\n')).len)
            assert_true(line.len <= 78);
        assert_int_equal(verify_with("Received: by us\r\n", signed_mail, (enum key_kind)kind),
                         DKIM_HOLDS);
        assert_int_not_equal(
            verify_with("Subject: Click here\r\n", signed_mail, (enum key_kind)kind), DKIM_HOLDS);
        assert_int_not_equal(
            verify_with("In-Reply-To: <a@b>\r\n", signed_mail, (enum key_kind)kind), DKIM_HOLDS);
        arena_clear(&a);
        buffer_free(&text);
    }
}

static void a_message_without_a_body_is_signed(void **state)
{
    static const char *const cases[] = {"From: a@example.org\r\n", "From: a@example.org\r\n\r\n"};
    unsigned char hash[SHA256_LENGTH];
    sha256(SPAN_NONE, hash);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_EMPTY;
        struct arena a = ARENA_EMPTY;
        struct dkim_signature s;
        sign(&text, KEY_ED25519, span_of(cases[i]));
        assert_int_equal(verify(buffer_span(&text), KEY_ED25519, &s, &a), DKIM_HOLDS);
        assert_true(span_equal(s.body_hash, span_make((const char *)hash, sizeof hash)));
        arena_clear(&a);
        buffer_free(&text);
    }
}

/* RFC 8058 4: a List-Unsubscribe counts only if it is signed. A list may add its own fields. */
static void what_lists_add_is_signed_as_it_is(void **state)
{
    static const char letter[] = "List-Unsubscribe: <https://example.org/u>\r\n"
                                 "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
                                 "From: a@example.org\r\n\r\nx\r\n";
    static const char *const signed_ones[] = {"List-Unsubscribe", "List-Unsubscribe-Post"};
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct dkim_signature s;
    sign(&text, KEY_ED25519, span_of(letter));
    struct span signed_mail = buffer_span(&text);
    assert_int_equal(verify(signed_mail, KEY_ED25519, &s, &a), DKIM_HOLDS);
    for (size_t i = 0; i < COUNT_OF(signed_ones); i++)
        assert_int_equal(dkim_signature_covers(&s, span_of(signed_ones[i])), 1);
    assert_int_equal(dkim_signature_covers(&s, SPAN("From")), 2);
    assert_int_equal(verify_with("List-Id: <l.example.org>\r\nSender: l@example.org\r\n",
                                 signed_mail, KEY_ED25519),
                     DKIM_HOLDS);
    arena_clear(&a);
    buffer_free(&text);
}

static void several_sign_at_once(void **state)
{
    struct private_key *rsa = dkim_trial_key(KEY_RSA), *ed = dkim_trial_key(KEY_ED25519);
    const struct dkim_signer all[] = {{SPAN("example.org"), SPAN("s1"), rsa},
                                      {SPAN("example.org"), SPAN("s2"), ed}};
    struct buffer both = BUFFER_EMPTY, one = BUFFER_EMPTY, draft = BUFFER_EMPTY;
    assert_true(dkim_sign(&both, all, 2, span_of(mail), 1));
    for (size_t i = 0; i < 2; i++)
        assert_true(dkim_sign(&one, &all[i], 1, span_of(mail), 1));
    assert_string_equal(buffer_text(&both), buffer_text(&one));
    assert_true(dkim_sign_draft(&draft, all, 2, span_of(mail), 1));
    assert_int_equal(draft.len, both.len);
    assert_string_not_equal(buffer_text(&draft), buffer_text(&both));
    dkim_sign_fill(draft.at, draft.len, all, 2, span_of(mail));
    assert_string_equal(buffer_text(&draft), buffer_text(&both));
    private_key_free(&rsa);
    private_key_free(&ed);
    buffer_free(&both);
    buffer_free(&one);
    buffer_free(&draft);
}

static void more_than_can_be_signed_is_not(void **state)
{
    struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct private_key *k = dkim_trial_key(KEY_ED25519);
    const struct dkim_signer s = {SPAN("example.org"), SPAN("s1"), k};
    for (int i = 0; i < MOST_SIGNED_FIELDS; i++)
        buffer_add_text(&text, "From: a@example.org\r\n");
    assert_false(dkim_sign(&out, &s, 1, buffer_span(&text), 1));
    assert_false(dkim_sign(&out, &s, 1, SPAN("From: a@example.org\r\nHello\r\n"), 1));
    assert_int_equal(out.len, 0);
    private_key_free(&k);
    buffer_free(&text);
    buffer_free(&out);
}

/* ---- keys */

static const char elliptic[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoLIyp7QoFqy7RTz9\n"
                               "yt0B9te2voeguGoduPqEACbgJd2hRANCAAS6D6Wr8S80/OqrkQTx0DeSxMPQ19IG\n"
                               "5pFR9MgPDKp0FvztTjGhjBC18UeU6YnAO8AbmvjKat8nHIBEahCU75sz\n"
                               "-----END PRIVATE KEY-----\n";

static void keys_that_cannot_sign_are_told(void **state)
{
    static const struct {
        const char *pem, *problem;
    } cases[] = {
        {"", "no private key in it"},
        {"hello\n", "no private key in it"},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key in it"},
        {elliptic, "neither of RSA nor of Ed25519"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = {""};
        assert_null(private_key_read(span_of(cases[i].pem), &e));
        if (!strstr(e.text, cases[i].problem))
            fail_msg("%zu: %s", i, e.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_sign_holds),
        cmocka_unit_test(a_message_without_a_body_is_signed),
        cmocka_unit_test(what_lists_add_is_signed_as_it_is),
        cmocka_unit_test(several_sign_at_once),
        cmocka_unit_test(more_than_can_be_signed_is_not),
        cmocka_unit_test(keys_that_cannot_sign_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
