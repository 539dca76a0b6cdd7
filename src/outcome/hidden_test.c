#include "outcome/hidden.h"

#include "base/test.h"

#define TEAM "[team@example.org]"

static void a_hidden_address_is_not_in_the_words(void **state)
{
    static const struct {
        const char *hidden, *words, *told; /* NULL: as they were */
    } cases[] = {
        {"carol@example.com", "no such user", NULL},
        {"carol@example.com", "", NULL},
        {"carol@example.com", "carol@example.com", TEAM},
        {"carol@example.com", "<carol@example.com>: Recipient address rejected",
         "<" TEAM ">: Recipient address rejected"},
        {"carol@example.com", "User unknown: carol@example.com.", "User unknown: " TEAM "."},
        {"carol@example.com", "carol@example.com... User unknown", TEAM "... User unknown"},
        {"carol@example.com", "carol@example.com\nand carol@example.com", TEAM "\nand " TEAM},
        {"carol@example.com", "rcpt='carol@example.com',x", "rcpt='" TEAM "',x"},
        {"carol@example.com", "...carol@example.com", "..." TEAM},
        {"carol@[192.0.2.1]", "carol@[192.0.2.1]carol@[192.0.2.1]x", TEAM TEAM "x"},
        /* other letters */
        {"carol@example.com", "<Carol@EXAMPLE.com> is full", "<" TEAM "> is full"},
        {"Carol@Example.com", "<carol@example.com> is full", "<" TEAM "> is full"},
        /* quoted, encoded */
        {"carol@example.com", "<\"carol\"@example.com>", "<" TEAM ">"},
        {"\"carol c\"@example.com", "\"Carol C\"@example.com?", TEAM "?"},
        {"\"carol\"@example.com", "carol@example.com?", TEAM "?"},
        {"carol@example.com", "see https://x.test/?to=carol%40example.com&y",
         "see https://x.test/?to=" TEAM "&y"},
        {"carol@example.com", "ORCPT=rfc822;carol+40example.com", "ORCPT=rfc822;" TEAM},
        {"carol@example.com", "\"carol@example.com", "\"" TEAM},
        /* the local part alone, where it is marked as a name */
        {"carol@example.com", "unknown user: \"carol\"", "unknown user: \"" TEAM "\""},
        {"carol@example.com", "<carol>... no mailbox", "<" TEAM ">... no mailbox"},
        {"user@example.com", "user unknown: 'User'", "user unknown: '" TEAM "'"},
        {"carol@example.com", "\"carol>", NULL},
        {"carol@example.com", "\"carol", NULL},
        /* what only contains it is another address, or another word */
        {"carol@example.com", "x.carol@example.com", NULL},
        {"carol@example.com", "xcarol@example.com", NULL},
        {"carol@example.com", "x+carol@example.com", NULL},
        {"carol@example.com",
         "j\xc3\xbc"
         "carol@example.com",
         NULL},
        {"carol@example.com", "carol@example.com.au", NULL},
        {"carol@example.com", "carol@example.community", NULL},
        {"carol@example.com", "carol@example.com-x", NULL},
        {"carol@example.com", "carol@mx.example.com", NULL},
        {"carol@example.com", "carol of example.com", NULL},
        {"carol@example.com", "\"carols\"", NULL},
        /* beyond ASCII */
        {"j\xc3\xb6rg@example.com", "<j\xc3\xb6rg@example.com>", "<" TEAM ">"},
        {"j\xc3\xb6rg@b\xc3\xbc"
         "cher.test",
         "<j\xc3\xb6rg@xn--bcher-kva.test>", "<" TEAM ">"},
        {"carol@b\xc3\xbc"
         "cher.test",
         "carol@b\xc3\xbc"
         "cher.test!",
         TEAM "!"},
        {"carol@xn--bcher-kva.test", "carol@XN--BCHER-KVA.test!", TEAM "!"},
        /* what is no address hides nothing */
        {"", "<>", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span told = words_without(span_of(cases[i].words), span_of(cases[i].hidden),
                                         SPAN("team@example.org"), &a);
        const char *wanted = cases[i].told ? cases[i].told : cases[i].words;
        if (!span_equal(told, span_of(wanted)))
            fail_msg("%s: \"%.*s\", not \"%s\"", cases[i].hidden, SPAN_F(told), wanted);
        arena_clear(&a);
    }
}

/* team → sub → carol: the sender knows neither of the last two; an owner of a list knows its
 * members. */
static void the_sender_sees_none_of_a_chain(void **state)
{
    struct recipient to[] = {
        {.address = SPAN("team@example.org"), .is_expanded = true},
        {.address = SPAN("sub@example.org"), .parent = 1, .is_expanded = true},
        {.address = SPAN("carol@example.com"), .parent = 2},
    };
    const struct envelope e = {.recipients = to, .recipient_count = 3};
    const struct span words = SPAN("carol@example.com for sub@example.org for team@example.org");
    struct arena a = ARENA_EMPTY;
    assert_true(span_equal(words_for_sender(&e, 2, words, &a),
                           SPAN(TEAM " for " TEAM " for team@example.org")));
    assert_true(words_for_sender(&e, 0, words, &a).at == words.at);
    to[2].reverse_path = SPAN("owner@example.org");
    assert_true(words_for_sender(&e, 2, words, &a).at == words.at);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hidden_address_is_not_in_the_words),
        cmocka_unit_test(the_sender_sees_none_of_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
