/* The public header as another program uses it: answers as text and as packets, in any order, late,
 * and never; a signature of its own. (Installed, and by other compilers: tests/e2e/
 * test_auth_library.py.) */
#include "base/test.h"

#include "base/buffer.h"
#include "base/dns_response.h"

#include <plainpost/auth.h>
#include <stdlib.h>
#include <string.h>

static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                          "-----END PRIVATE KEY-----\n"; /* of RFC 8032 7.1 */
static const char message[] = "Received: from a\n"
                              "Authentication-Results: mx.example.net; spf=pass\n"
                              "Authentication-Results: other.example; spf=fail\n"
                              "From: Alice <alice@example.org>\nTo: bob@example.net\n"
                              "Subject: Hello\n\nHello!\n";

/* What the DNS has; `key`: what signs. */
struct zone {
    const char *name;
    enum plainpost_record type;
    const char *record; /* NULL: nobody answers */
};

static const struct zone *find(const struct zone *z, const struct plainpost_question *q)
{
    for (; z->name; z++)
        if (strcmp(z->name, q->name) == 0 && z->type == q->type)
            return z;
    return NULL;
}

static size_t answer_all(struct plainpost_check *c, const struct zone *zone)
{
    size_t count = 0;
    for (const struct plainpost_question *q; (q = plainpost_check_ask(c)); count++) {
        const struct zone *z = find(zone, q);
        enum plainpost_answered how = !z          ? PLAINPOST_NO_NAME
                                      : z->record ? PLAINPOST_FOUND
                                                  : PLAINPOST_NO_ANSWER;
        assert_int_equal(
            plainpost_check_answer(c, q, how, z ? &z->record : NULL, how == PLAINPOST_FOUND),
            PLAINPOST_AUTH_OK);
    }
    return count;
}

static void run(struct plainpost_check *c, const struct zone *zone)
{
    for (int rounds = 0; !plainpost_check_run(c); rounds++) {
        assert_true(rounds < 20);
        assert_null(plainpost_check_dmarc(c));
        assert_null(plainpost_check_spf(c));
        assert_true(answer_all(c, zone) > 0);
    }
}

static void spf_is_checked(void **state)
{
    static const struct {
        const char *record, *client;
        enum plainpost_outcome outcome;
        const char *word, *term;
    } cases[] = {
        {"v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.7", PLAINPOST_PASS, "pass", "ip4:192.0.2.0/24"},
        {"v=spf1 ip4:192.0.2.0/24 -all", "2001:db8::1", PLAINPOST_FAIL, "fail", "-all"},
        {"v=spf1 ~all", "192.0.2.7", PLAINPOST_SOFTFAIL, "softfail", "~all"},
        {"v=spf1 ?all", "192.0.2.7", PLAINPOST_NEUTRAL, "neutral", "?all"},
        {"v=spf1 ipv4:192.0.2.1", "192.0.2.7", PLAINPOST_PERMERROR, "permerror", ""},
        {NULL, "192.0.2.7", PLAINPOST_TEMPERROR, "temperror", ""},
        {"hello", "192.0.2.7", PLAINPOST_NONE, "none", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct zone zone[] = {{"example.org", PLAINPOST_TXT, cases[i].record}, {NULL}};
        struct plainpost_check *c = plainpost_check_new();
        assert_int_equal(plainpost_check_set_client(c, cases[i].client, "mx.example.org"),
                         PLAINPOST_AUTH_OK);
        plainpost_check_set_sender(c, "alice@example.org");
        run(c, zone);
        const struct plainpost_spf *s = plainpost_check_spf(c);
        if (s->outcome != cases[i].outcome || strcmp(s->word, cases[i].word) != 0 ||
            strcmp(s->term, cases[i].term) != 0)
            fail_msg("case %zu: %s, \"%s\": %s", i, s->word, s->term, s->why);
        assert_string_equal(s->domain, "example.org");
        assert_null(plainpost_check_dmarc(c));
        assert_null(plainpost_check_field(c, "mx.example.net"));
        plainpost_check_free(&c);
        assert_null(c);
    }
}

static struct buffer signed_message(struct plainpost_signer *s)
{
    struct buffer all = BUFFER_EMPTY;
    char *field;
    assert_int_equal(plainpost_signer_sign(s, message, strlen(message), 1000, &field),
                     PLAINPOST_AUTH_OK);
    for (const char *at = field; *at; at++)
        if (*at != '\r')
            buffer_add_char(&all, *at);
    buffer_add_text(&all, message);
    free(field);
    return all;
}

static struct plainpost_signer *signer(void)
{
    struct plainpost_signer *s;
    char why[200];
    assert_int_equal(
        plainpost_signer_new(&s, "Example.ORG", "s1", pem, strlen(pem), why, sizeof why),
        PLAINPOST_AUTH_OK);
    assert_string_equal(plainpost_signer_record(s),
                        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    return s;
}

static void a_message_is_checked(void **state)
{
    static const struct {
        const char *changed_from, *changed_to;
        enum plainpost_outcome dkim, dmarc;
    } cases[] = {
        {"", "", PLAINPOST_PASS, PLAINPOST_PASS},
        {"Hello!", "Hullo!", PLAINPOST_FAIL, PLAINPOST_FAIL},
    };
    struct plainpost_signer *s = signer();
    const struct zone zone[] = {
        {"s1._domainkey.example.org", PLAINPOST_TXT, plainpost_signer_record(s)},
        {"_dmarc.example.org", PLAINPOST_TXT, "v=DMARC1; p=reject; rua=mailto:d@example.org"},
        {"example.org", PLAINPOST_TXT, "v=spf1 -all"},
        {NULL}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer all = signed_message(s);
        char *at = strstr(all.at, cases[i].changed_from);
        memcpy(at, cases[i].changed_to, strlen(cases[i].changed_to));
        struct plainpost_check *c = plainpost_check_new();
        plainpost_check_set_client(c, "192.0.2.7", "mx.example.org");
        plainpost_check_set_sender(c, "alice@example.org");
        plainpost_check_set_now(c, 2000);
        assert_int_equal(plainpost_check_set_message(c, all.at, all.len), PLAINPOST_AUTH_OK);
        buffer_free(&all);
        run(c, zone);
        const struct plainpost_dkim *d = plainpost_dkim_next(c, NULL);
        const struct plainpost_dmarc *m = plainpost_check_dmarc(c);
        assert_int_equal(d->outcome, cases[i].dkim);
        assert_string_equal(d->domain, "example.org");
        assert_string_equal(d->selector, "s1");
        assert_null(plainpost_dkim_next(c, d));
        assert_int_equal(plainpost_check_spf(c)->outcome, PLAINPOST_FAIL);
        assert_int_equal(m->outcome, cases[i].dmarc);
        assert_int_equal(m->published, PLAINPOST_POLICY_REJECT);
        assert_string_equal(m->author, "example.org");
        assert_string_equal(m->reports, "mailto:d@example.org");
        assert_string_equal(m->passed_by, i ? "" : "dkim");
        const char *field = plainpost_check_field(c, "mx.example.net");
        assert_memory_equal(field, "Authentication-Results: mx.example.net;\r\n\tspf=fail", 48);
        size_t size;
        const char *header = plainpost_check_header_without(c, "MX.example.net", &size);
        assert_int_equal(size, strlen(header));
        assert_null(strstr(header, "spf=pass"));
        assert_non_null(strstr(header, "Results: other.example; spf=fail\r\nFrom: Alice"));
        plainpost_check_free(&c);
    }
    plainpost_signer_free(&s);
}

static struct buffer with(const char *above, const struct buffer *message_text)
{
    struct buffer all = BUFFER_EMPTY;
    for (const char *at = above; *at; at++)
        if (*at != '\r')
            buffer_add_char(&all, *at);
    buffer_add_span(&all, buffer_span(message_text));
    return all;
}

/* The message as it goes on: below our field and our seal. */
static struct buffer handed_on(struct plainpost_signer *s, struct plainpost_check *c,
                               const struct buffer *message_text)
{
    char *set, why[200];
    struct buffer checked = with(plainpost_check_field(c, "mx.example.net"), message_text);
    enum plainpost_auth_status status =
        plainpost_signer_seal(s, "mx.example.net", checked.at, checked.len,
                              plainpost_check_arc(c)->outcome, 1500, &set, why, sizeof why);
    if (status != PLAINPOST_AUTH_OK)
        fail_msg("%d: %s", status, why);
    struct buffer all = with(set, &checked);
    free(set);
    buffer_free(&checked);
    return all;
}

static struct plainpost_check *checked(const struct buffer *b, const struct zone *zone)
{
    struct plainpost_check *c = plainpost_check_new();
    plainpost_check_set_now(c, 2000);
    assert_int_equal(plainpost_check_set_message(c, b->at, b->len), PLAINPOST_AUTH_OK);
    run(c, zone);
    return c;
}

static void expect_arc(struct plainpost_check *c, enum plainpost_outcome o, const char *word,
                       size_t sets, const char *domain)
{
    const struct plainpost_arc *arc = plainpost_check_arc(c);
    assert_int_equal(arc->outcome, o);
    assert_string_equal(arc->word, word);
    assert_int_equal(arc->sets, sets);
    assert_string_equal(arc->domain, domain);
    assert_string_equal(arc->selector, *domain ? "s1" : "");
    assert_int_equal(arc->oldest_pass, *domain ? 0 : -1);
    assert_int_equal(*arc->why != 0, o == PLAINPOST_FAIL);
}

static void a_chain_is_checked_and_goes_on(void **state)
{
    struct plainpost_signer *s = signer();
    const struct zone zone[] = {
        {"s1._domainkey.example.org", PLAINPOST_TXT, plainpost_signer_record(s)}, {NULL}};
    struct buffer all = signed_message(s);
    for (size_t sets = 0; sets < 3; sets++) {
        struct plainpost_check *c = checked(&all, zone);
        expect_arc(c, sets ? PLAINPOST_PASS : PLAINPOST_NONE, sets ? "pass" : "none", sets,
                   sets ? "example.org" : "");
        struct buffer next = handed_on(s, c, &all);
        plainpost_check_free(&c);
        buffer_free(&all);
        all = next;
    }
    *strstr(all.at, "Hello!") = 'h';
    struct plainpost_check *c = checked(&all, zone);
    expect_arc(c, PLAINPOST_FAIL, "fail", 3, "");
    struct buffer next = handed_on(s, c, &all); /* says that it is broken: the last one */
    plainpost_check_free(&c);
    char *set, why[200];
    assert_int_equal(plainpost_signer_seal(s, "mx.example.net", next.at, next.len, PLAINPOST_FAIL,
                                           1500, &set, why, sizeof why),
                     PLAINPOST_AUTH_NOT_SEALED);
    assert_null(set);
    assert_string_not_equal(why, "");
    assert_int_equal(plainpost_signer_seal(s, "mx.example.net", next.at, next.len,
                                           PLAINPOST_SOFTFAIL, 1500, &set, NULL, 0),
                     PLAINPOST_AUTH_BAD_ARGUMENT);
    buffer_free(&next);
    buffer_free(&all);
    plainpost_signer_free(&s);
}

static void dmarc_is_checked_without_a_message(void **state)
{
    const struct zone zone[] = {{"_dmarc.example.org", PLAINPOST_TXT, "v=DMARC1; p=quarantine"},
                                {NULL}};
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        struct plainpost_check *c = plainpost_check_new();
        assert_int_equal(plainpost_check_add_author(c, "mail.example.org"), PLAINPOST_AUTH_OK);
        if (is_signed)
            plainpost_check_add_signer(c, "example.org");
        assert_int_equal(plainpost_check_set_message(c, "", 0), PLAINPOST_AUTH_BAD_ARGUMENT);
        run(c, zone);
        assert_int_equal(plainpost_check_dmarc(c)->outcome,
                         is_signed ? PLAINPOST_PASS : PLAINPOST_FAIL);
        assert_string_equal(plainpost_check_dmarc(c)->place, "example.org");
        assert_null(plainpost_dkim_next(c, NULL));
        plainpost_check_free(&c);
    }
}

/* The response to a question for TXT at example.org. */
#define QUESTION "\0\0\x81\x80\0\1\0\1\0\0\0\0\7example\3org\0\0\x10\0\1"
#define RECORD "\xC0\x0C\0\x10\0\1\0\0\0\1\0\x0C\x0Bv=spf1 +all"

static void packets_are_answers(void **state)
{
    static const char packet[] = QUESTION RECORD;
    for (size_t size = sizeof packet - 1;; size = 0) {
        struct plainpost_check *c = plainpost_check_new();
        plainpost_check_set_client(c, "192.0.2.7", "example.org");
        assert_int_equal(plainpost_check_run(c), 0);
        const struct plainpost_question *q = plainpost_check_ask(c);
        assert_int_equal(q->type, PLAINPOST_TXT);
        assert_string_equal(q->name, "example.org");
        assert_int_equal(plainpost_check_run(c), 0); /* nothing is answered yet */
        assert_null(plainpost_check_ask(c));
        plainpost_check_answer_packet(c, q, packet, size);
        assert_int_equal(plainpost_check_run(c), 1);
        assert_int_equal(plainpost_check_spf(c)->outcome,
                         size ? PLAINPOST_PASS : PLAINPOST_TEMPERROR);
        assert_int_equal(plainpost_check_spf(c)->is_helo, 1);
        plainpost_check_free(&c);
        if (!size)
            break;
    }
}

static void time_may_be_over(void **state)
{
    struct plainpost_check *c = plainpost_check_new();
    plainpost_check_set_client(c, "192.0.2.7", "mx.example.org");
    plainpost_check_set_sender(c, "alice@example.org");
    plainpost_check_set_message(c, message, strlen(message));
    assert_int_equal(plainpost_check_run(c), 0);
    const struct plainpost_question *q = plainpost_check_ask(c);
    plainpost_check_give_up(c);
    assert_int_equal(plainpost_check_run(c), 1);
    assert_int_equal(plainpost_check_spf(c)->outcome, PLAINPOST_TEMPERROR);
    assert_int_equal(plainpost_check_dmarc(c)->outcome, PLAINPOST_TEMPERROR);
    plainpost_check_answer_packet(c, q, QUESTION RECORD, sizeof QUESTION RECORD - 1); /* late */
    assert_int_equal(plainpost_check_run(c), 1);
    assert_int_equal(plainpost_check_spf(c)->outcome, PLAINPOST_TEMPERROR);
    plainpost_check_free(&c);
}

static void what_is_wrong_is_said(void **state)
{
    struct plainpost_check *c = plainpost_check_new();
    struct plainpost_signer *s;
    const char *const records[] = {"192.0.2.1", "nonsense"};
    char why[200] = "", *field;
    assert_int_equal(plainpost_check_set_client(c, "192.0.2", ""), PLAINPOST_AUTH_BAD_ARGUMENT);
    assert_int_equal(plainpost_check_run(c), 1); /* nothing was to be checked */
    assert_int_equal(plainpost_check_set_client(c, "192.0.2.1", "a.example.org"),
                     PLAINPOST_AUTH_OK);
    assert_int_equal(plainpost_check_set_message(c, message, PLAINPOST_AUTH_LARGEST_MESSAGE + 1),
                     PLAINPOST_AUTH_TOO_LARGE);
    plainpost_check_run(c);
    const struct plainpost_question *q = plainpost_check_ask(c);
    const char *const spf[] = {"v=spf1 a -all"};
    assert_int_equal(plainpost_check_answer(c, q, PLAINPOST_NO_NAME, spf, 1),
                     PLAINPOST_AUTH_BAD_ARGUMENT);
    assert_int_equal(plainpost_check_answer(c, q, PLAINPOST_FOUND, spf, 1), PLAINPOST_AUTH_OK);
    plainpost_check_run(c);
    q = plainpost_check_ask(c);
    assert_int_equal(q->type, PLAINPOST_A);
    assert_int_equal(plainpost_check_answer(c, q, PLAINPOST_FOUND, records, 2),
                     PLAINPOST_AUTH_BAD_ARGUMENT);
    assert_int_equal(plainpost_check_answer(c, q, PLAINPOST_FOUND, records, 1), PLAINPOST_AUTH_OK);
    assert_int_equal(plainpost_check_run(c), 1);
    assert_int_equal(plainpost_check_spf(c)->outcome, PLAINPOST_PASS);
    plainpost_check_free(&c);
    assert_int_equal(plainpost_signer_new(&s, "example.org", "s1", "none", 4, why, sizeof why),
                     PLAINPOST_AUTH_BAD_ARGUMENT);
    assert_null(s);
    assert_non_null(strstr(why, "no private key"));
    assert_int_equal(plainpost_signer_new(&s, "a..b", "s1", pem, strlen(pem), why, sizeof why),
                     PLAINPOST_AUTH_BAD_ARGUMENT);
    assert_int_equal(plainpost_signer_new(&s, "example.org", "a b", pem, strlen(pem), NULL, 0),
                     PLAINPOST_AUTH_BAD_ARGUMENT);
    s = signer();
    assert_int_equal(
        plainpost_signer_sign(s, message, PLAINPOST_AUTH_LARGEST_MESSAGE + 1, 0, &field),
        PLAINPOST_AUTH_TOO_LARGE);
    assert_null(field);
    plainpost_signer_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spf_is_checked),
        cmocka_unit_test(a_message_is_checked),
        cmocka_unit_test(a_chain_is_checked_and_goes_on),
        cmocka_unit_test(dmarc_is_checked_without_a_message),
        cmocka_unit_test(packets_are_answers),
        cmocka_unit_test(time_may_be_over),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
