/* Requests as people make them, patterns, and what is refused. */
#include "base/test.h"

#include "control/request.h"

#include <string.h>

static void patterns_match_addresses(void **state)
{
    static const struct {
        const char *pattern, *address;
        bool matches;
    } cases[] = {
        {"alice@example.org", "alice@example.org", true},
        {"ALICE@example.org", "alice@EXAMPLE.org", true},
        {"alice@example.org", "malice@example.org", false},
        {"alice@example.org", "alice@example.org.test", false},
        {"@example.org", "alice@example.org", true},
        {"@example.org", "alice@mail.example.org", false},
        {"@*.example.org", "alice@mail.example.org", true},
        {"@*.example.org", "alice@example.org", false},
        {"*@example.*", "alice@example.net", true},
        {"a?ice@*", "alice@example.net", true},
        {"a?ice@*", "aice@example.net", false},
        {"*", "", true},
        {"<>", "", true},
        {"<>", "a@b.test", false},
        {"@*", "", false}, /* the null reverse-path has no domain */
        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        {"alice", "alice@example.org", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (filter_pattern(span_of(cases[i].pattern), span_of(cases[i].address)) !=
            cases[i].matches)
            fail_msg("%s %s", cases[i].pattern, cases[i].address);
}

static void destinations_match_by_name_or_domain(void **state)
{
    static const struct {
        const char *pattern, *address, *destination;
        bool matches;
    } cases[] = {
        {"example.org", "a@example.org", "192.0.2.7:25", true},
        {"192.0.2.7:25", "a@example.org", "192.0.2.7:25", true},
        {"mx:example.net", "a@example.org", "mx:example.net", true},
        {"example.net", "a@example.org", "mx:example.net", true},
        {"Example.ORG", "a@example.org", "mx:example.org", true},
        {"*.example.org", "a@mail.example.org", "mx:mail.example.org", true},
        {"example.net", "a@example.org", "mx:example.org", false},
        {"ample.org", "a@example.org", "mx:example.org", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (filter_destination(span_of(cases[i].pattern), span_of(cases[i].address),
                               span_of(cases[i].destination)) != cases[i].matches)
            fail_msg("%s %s", cases[i].pattern, cases[i].address);
}

/* All that is said must hold. */
static void a_filter_is_an_and(void **state)
{
    struct recipient to[] = {{.address = SPAN("bob@example.net")},
                             {.address = SPAN("eve@example.com")}};
    struct envelope e = {.id = 5000 * 1000,
                         .reverse_path = SPAN("alice@example.org"),
                         .has_owner = true,
                         .owner = 7,
                         .recipients = to,
                         .recipient_count = 2};
    struct outcome full = {.cause = {CAUSE_INBOX_FULL, VARIANT_NONE}};
    struct filter f = {.from = SPAN("@example.org"), .to = SPAN("bob@*")};
    assert_true(filter_message(&f, &e, false) && filter_has_recipients(&f));
    assert_true(filter_recipient(&f, &e, 0, NULL, SPAN_NONE));
    assert_false(filter_recipient(&f, &e, 1, NULL, SPAN_NONE));
    f.cause = SPAN("inbox-full");
    assert_false(filter_recipient(&f, &e, 0, NULL, SPAN_NONE));
    assert_true(filter_recipient(&f, &e, 0, &full, SPAN_NONE));
    f.is_held = true;
    assert_false(filter_message(&f, &e, false));
    assert_true(filter_message(&f, &e, true));
    f.has_owner = true;
    f.owner = 8;
    assert_false(filter_message(&f, &e, true));
    f.owner = 7;
    assert_true(filter_message(&f, &e, true));
    e.has_owner = false;
    assert_false(filter_message(&f, &e, true));
    struct filter old = {.older_ms = 1000}, young = {.newer_ms = 1000};
    assert_true(filter_id(&old, e.id, 6000) && !filter_id(&old, e.id, 5999));
    assert_true(filter_id(&young, e.id, 5999) && !filter_id(&young, e.id, 6000));
}

static void requests_are_understood(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct request r;
    struct error e;
    assert_true(request_parse(&r,
                              SPAN("remove\nfrom @example.org\nolder 2h\ncause greylisted\nheld\n"
                                   "why  too old \n"),
                              &a, &e));
    assert_int_equal(r.verb, VERB_REMOVE);
    assert_true(span_equal(r.filter.from, SPAN("@example.org")) && r.filter.is_held);
    assert_int_equal(r.filter.older_ms, 2 * 3600 * 1000);
    assert_true(span_equal(r.why, SPAN("too old")));
    assert_true(request_parse(&r, SPAN("hold\nid 1k10smnkhb9\nid 1k10smnkhba\n"), &a, &e));
    assert_int_equal(r.filter.id_count, 2);
    assert_int_equal(r.filter.ids[0] + 1, r.filter.ids[1]);
    assert_true(request_parse(&r, SPAN("redirect\nto a@b.test\nnew c@d.test\n"), &a, &e));
    assert_true(request_parse(&r, SPAN("retry\nall\n"), &a, &e) && r.is_all);
    assert_true(request_parse(&r, SPAN("list"), &a, &e) && !r.is_in);
    assert_true(request_parse(&r, SPAN("account-changed\nname alice\nwhat filter\n"), &a, &e));
    assert_true(verb_is_operators(r.verb) && span_equal(r.what, SPAN("filter")));
    assert_true(request_parse(&r, SPAN("trace\nin\nwhat 1k10sawp4dr\n"), &a, &e) && r.is_in);
    arena_clear(&a);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "does not know that request"},
        {"destroy\n", "does not know that request"},
        {"remove\n", "which messages?"},
        {"remove\nwhy x\n", "which messages?"},
        {"remove\nall\nheld\n", "--all means every message"},
        {"show\n", "which message?"},
        {"bounce\nall\n", "--why"},
        {"redirect\nall\n", "where to?"},
        {"redirect\nall\nnew nobody\n", "\"nobody\" is no address"},
        {"suspend\n", "a domain or a destination is wanted"},
        {"suspend\nname a b\n", "neither a domain nor a destination"},
        {"suppress\nname bob@example.org\n", "who writes to the address will read why"},
        {"suppress\nname bob\nwhy gone\n", "\"bob\" is no address; write it as"},
        {"unsuppress\n", "an address is wanted"},
        {"account\n", "which account?"},
        {"account\nname a b\n", "\"a b\" is no name of an account"},
        {"account-hold\nname alice\n", "will read why"},
        {"account-profile\nname alice\nprofile bulk 5\n", "a profile is person"},
        {"account-profile\nname alice\nprofile newsletter\n", "\"newsletter\" is none"},
        {"account-profile\nname alice\nprofile newsletter 0\n", "is none"},
        {"account-profile\nname alice\nprofile person 5\n", "is none"},
        {"account-changed\nname alice\n", "what was changed?"},
        {"account-changed\nname alice\nwhat mind\n", "--what filter"},
        {"account-changed\nwhat filter\n", "which account?"},
        {"trace\n", "is wanted"},
        {"trace\nin\n", "is wanted"},
        {"trace\nin x\nwhat 1k10sawp4dr\n", "not expected"},
        {"list\nolder 2\n", "--older"},
        {"list\nolder 2y\n", "--older"},
        {"list\ncause bad-luck\n", "there is no cause \"bad-luck\""},
        {"list\nid 123\n", "a queue id is wanted"},
        {"list\nlimit 0\n", "a limit is a number"},
        {"list\nheld yes\n", "not expected"},
        {"list\nfrom \n", "a value is wanted for \"from\""},
        {"list\nfrm x\n", "nothing is known of \"frm\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena a = ARENA_EMPTY;
        struct request r;
        struct error e = {0};
        bool ok = request_parse(&r, span_of(cases[i].text), &a, &e);
        if (ok || !strstr(e.text, cases[i].words))
            fail_msg("%s: %s", cases[i].text, ok ? "taken" : e.text);
        arena_clear(&a);
    }
}

/* A line end in a value must not become another key. */
static void a_value_stays_a_value(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct request r;
    struct error e;
    buffer_add_text(&text, "bounce\n");
    request_add(&text, "from", SPAN("a@b.test\nall\r\n\n"));
    request_add(&text, "why", SPAN("no\n\nall"));
    assert_true(request_parse(&r, buffer_span(&text), &a, &e));
    assert_false(r.is_all);
    assert_true(span_equal(r.why, SPAN("no  all")));
    buffer_free(&text);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_addresses),
        cmocka_unit_test(destinations_match_by_name_or_domain),
        cmocka_unit_test(a_filter_is_an_and),
        cmocka_unit_test(requests_are_understood),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(a_value_stays_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
