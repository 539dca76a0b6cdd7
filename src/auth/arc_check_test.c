/* Chains that we seal hold, and each change to them shows. (The suite of others, and dkimpy:
 * tests/e2e/test_arc.py.) */
#include "base/test.h"

#include "auth/arc_check.h"
#include "auth/arc_seal.h"
#include "auth/authres.h"
#include "auth/dkim_trial.h"
#include "auth/dns_trial.h"
#include "auth/message_check.h"

#include <string.h>

#define MAIL                                                                                       \
    "From: Alice <alice@example.org>\r\nTo: list@example.net\r\nSubject: Minutes\r\n\r\nSee "      \
    "you.\r\n"

enum { NOW = 1795520641 };

static struct span zone(struct arena *a)
{
    return arena_printf(a,
                        "rsa._domainkey.example.net TXT %s\n"
                        "ed._domainkey.example.net TXT %s\n"
                        "down._domainkey.example.net FAIL\n",
                        dkim_trial_rsa, dkim_trial_ed25519);
}

/* The message after one more hop: a results field that says `found`, under three of ARC. */
static enum arc_sealing hop(struct buffer *message, const char *selector, const char *found,
                            struct error *e)
{
    struct buffer checked = BUFFER_EMPTY, set = BUFFER_EMPTY;
    bool is_rsa = strcmp(selector, "rsa") == 0;
    struct private_key *k = dkim_trial_key(is_rsa ? KEY_RSA : KEY_ED25519);
    const struct arc_sealer s = {.domain = SPAN("example.net"),
                                 .selector = span_of(selector),
                                 .key = k,
                                 .server = SPAN("mx.example.net"),
                                 .names = SPAN_NONE};
    enum arc_state state = ARC_NONE;
    buffer_printf(&checked, "Authentication-Results: mx.example.net; %s\r\n", found);
    buffer_add_span(&checked, buffer_span(message));
    arc_found(buffer_span(&checked), s.server, &state);
    enum arc_sealing done = arc_seal(&set, &s, buffer_span(&checked), state, NOW, e);
    buffer_clear(message);
    buffer_add_span(message, buffer_span(&set));
    buffer_add_span(message, span_skip(buffer_span(&checked),
                                       span_find(buffer_span(&checked), SPAN("\r\n")) + 2));
    buffer_free(&checked);
    buffer_free(&set);
    private_key_free(&k);
    return done;
}

static void check(struct span message, struct arc_verdict *v, struct lookups *l, struct arena *a)
{
    int rounds = 0;
    size_t signatures;
    while (!arc_ask(message, l, &signatures, a)) {
        assert_true(rounds++ < 3);
        dns_trial_answer(l, zone(a));
    }
    assert_true(arc_check(message, NOW, l, v, a));
}

static void make_chain(struct buffer *message, size_t sets)
{
    struct error e;
    buffer_add_text(message, MAIL);
    for (size_t i = 0; i < sets; i++)
        assert_int_equal(hop(message, i % 2 ? "ed" : "rsa",
                             i ? "arc=pass; dkim=fail (changed)" : "dkim=pass header.d=example.org",
                             &e),
                         ARC_SEALED);
}

static void what_we_seal_holds(void **state)
{
    for (size_t sets = 0; sets <= 4; sets++) {
        struct buffer message = BUFFER_EMPTY;
        struct arena a = ARENA_EMPTY;
        struct lookups l = {0};
        struct arc_verdict v;
        make_chain(&message, sets);
        check(buffer_span(&message), &v, &l, &a);
        if (v.state != (sets ? ARC_PASS : ARC_NONE))
            fail_msg("%zu: %s", sets, arena_text(&a, v.why));
        assert_int_equal(v.chain.count, sets);
        if (sets) {
            assert_true(v.has_oldest_pass && v.oldest_pass == 0);
            assert_true(span_equal(v.chain.sets[0].results,
                                   SPAN("mx.example.net; dkim=pass header.d=example.org")));
        }
        arena_clear(&a);
        lookups_free(&l);
        buffer_free(&message);
    }
}

static void each_change_shows(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } cases[] = {
        {"See you", "See me",
         "message signature 3 of the chain does not hold: the body was changed"},
        {"Subject: M", "Subject: m",
         "message signature 3 of the chain does not hold: a field that"},
        {"From: A", "From: Eve <eve@example.org>\r\nFrom: A", "message signature 3"},
        {"dkim=pass", "dkim=fail", "seal 3 of the chain does not hold"},
        {"cv=none", "cv=pass", "the chain is broken: seal 1 says cv=pass, which can't be there"},
        {"cv=none", "cv=None", "seal 1 does not tell how the chain was before it"},
        {"cv=none; ", "", "seal 1 does not tell how the chain was before it"},
        {"cv=pass; d=example.net; i=3", "cv=fail; d=example.net; i=3",
         "seal 3 says that it was broken before"},
        {"cv=pass; d=example.net; i=2", "cv=fail; d=example.net; i=2",
         "seal 2 says that it was broken before"},
        {"cv=pass; d=example.net; i=2", "cv=pass; d=example.net; i=1", "ARC-Seal 1 is there twice"},
        {"cv=pass; d=example.net; i=3", "cv=pass; d=example.net; i=51", "more than 50 sets"},
        {"cv=pass; d=example.net; i=3", "cv=pass; d=example.net; i=0", "does not tell its place"},
        {"cv=pass; d=example.net; i=3", "cv=pass; d=example.net; i=4", "set 3 lacks its ARC-Seal"},
        {"cv=pass; d=example.net; i=3", "cv=pass; d=example.net; h=from; i=3",
         "seal 3 can't be read: a seal names no fields"},
        {"s=rsa;\r\n t=", "s=missing;\r\n t=", "there is no key missing._domainkey.example.net"},
        {"s=rsa;\r\n t=", "s=down;\r\n t=", "its name servers do not answer"},
        {"ARC-Message-Signature: a=rsa", "ARC-Message-Signature: a=x",
         "message signature 3 can't be read: its algorithm"},
        {"h=from", "h=arc-seal:from", "it names an ARC-Seal among its fields"},
        {"ARC-Authentication-Results: i=2;", "ARC-Authentication-Results: 2;",
         "begin with its place"},
        {"ARC-Authentication-Results: i=2;", "X-Results: i=2;",
         "set 2 lacks its ARC-Authentication"},
        {"\r\n\r\nSee", "\r\nSee", "where the body begins"},
        {"\r\n\r\nSee", "\r\nno field\r\n\r\nSee", "where the body begins"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer message = BUFFER_EMPTY, changed = BUFFER_EMPTY;
        struct arena a = ARENA_EMPTY;
        struct lookups l = {0};
        struct arc_verdict v;
        make_chain(&message, 3);
        struct span text = buffer_span(&message);
        size_t at = span_find(text, span_of(cases[i].from));
        assert_true(at != SPAN_NOT_FOUND);
        buffer_add_span(&changed, span_first(text, at));
        buffer_add_text(&changed, cases[i].to);
        buffer_add_span(&changed, span_skip(text, at + strlen(cases[i].from)));
        check(buffer_span(&changed), &v, &l, &a);
        const char *why = arena_text(&a, v.why);
        if (v.state != ARC_FAIL || !strstr(why, cases[i].why))
            fail_msg("case %zu: %s: %s", i, arc_state_word(v.state), why);
        arena_clear(&a);
        lookups_free(&l);
        buffer_free(&message);
        buffer_free(&changed);
    }
}

static void who_changed_it_shows(void **state)
{
    struct buffer message = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct lookups l = {0};
    struct arc_verdict v;
    struct error e;
    make_chain(&message, 2);
    size_t at = span_find(buffer_span(&message), SPAN("See you"));
    message.at[at] = 's'; /* by a list, which seals again */
    assert_int_equal(hop(&message, "rsa", "arc=pass", &e), ARC_SEALED);
    check(buffer_span(&message), &v, &l, &a);
    assert_int_equal(v.state, ARC_PASS);
    assert_true(v.has_oldest_pass && v.oldest_pass == 3);
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
}

/* A chain that does not hold is sealed as one that has failed, and then no more. */
static void what_is_broken_is_sealed_once(void **state)
{
    struct buffer message = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct lookups l = {0};
    struct arc_verdict v;
    struct error e;
    make_chain(&message, 2);
    assert_int_equal(hop(&message, "rsa", "arc=fail", &e), ARC_SEALED);
    check(buffer_span(&message), &v, &l, &a);
    assert_int_equal(v.state, ARC_FAIL);
    assert_true(v.chain.has_ended);
    assert_int_equal(l.count, 0); /* nobody is asked about it */
    assert_int_equal(hop(&message, "rsa", "arc=fail", &e), ARC_ENDED);
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
}

static void what_is_not_sealed(void **state)
{
    struct buffer message = BUFFER_EMPTY;
    struct error e;
    make_chain(&message, 1);
    assert_int_equal(hop(&message, "rsa", "dkim=pass", &e), ARC_UNSEALED);
    assert_non_null(strstr(e.text, "nobody says whether they hold"));
    buffer_clear(&message);
    make_chain(&message, 50);
    assert_int_equal(hop(&message, "ed", "arc=pass", &e), ARC_UNSEALED);
    assert_non_null(strstr(e.text, "which is the most"));
    buffer_free(&message);
}

static void what_was_found_is_read(void **state)
{
    static const struct {
        const char *header;
        bool is_told;
        enum arc_state found;
    } cases[] = {
        {"", false, ARC_NONE},
        {"Authentication-Results: mx.example; arc=pass\r\n", true, ARC_PASS},
        {"Authentication-Results: MX.example 1; dkim=pass; arc=Fail (x)\r\n", true, ARC_FAIL},
        {"Authentication-Results: mx.example; spf=none\r\n"
         "Authentication-Results: mx.example; arc=none\r\n",
         true, ARC_NONE},
        {"Authentication-Results: other.example; arc=pass\r\n", false, ARC_NONE},
        {"Authentication-Results: mx.example; arc=pass; arc=fail\r\n", true, ARC_FAIL},
        {"Authentication-Results: mx.example; arc=odd\r\n", true, ARC_FAIL},
        {"Authentication-Results: mx.example; none\r\n", false, ARC_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum arc_state found = ARC_NONE;
        if (arc_found(span_of(cases[i].header), SPAN("mx.example"), &found) != cases[i].is_told ||
            found != cases[i].found)
            fail_msg("case %zu: %s", i, arc_state_word(found));
    }
}

static void our_results_tell_of_the_chain(void **state)
{
    struct buffer message = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct lookups l = {0};
    struct message_verdict v;
    make_chain(&message, 2);
    const struct message_request r = {.message = buffer_span(&message), .now = NOW};
    while (!message_check(&r, &l, &v, &a))
        dns_trial_answer(&l, zone(&a));
    struct authres results = message_results(&v, SPAN("mx.example"), &a);
    authres_write(&out, &results);
    assert_non_null(strstr(buffer_text(&out),
                           ";\r\n\tarc=pass reason=\"the chain holds: 2 seals, "
                           "the last by example.net\"\r\n\theader.oldest-pass=0"));
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_seal_holds),
        cmocka_unit_test(each_change_shows),
        cmocka_unit_test(who_changed_it_shows),
        cmocka_unit_test(what_is_broken_is_sealed_once),
        cmocka_unit_test(what_is_not_sealed),
        cmocka_unit_test(what_was_found_is_read),
        cmocka_unit_test(our_results_tell_of_the_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
