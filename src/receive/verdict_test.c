#include "base/test.h"

#include "outcome/wait_asked.h"
#include "receive/verdict.h"

#include <string.h>

/* What we tell a client that is too fast; a server of our own kind understands it. */
static void who_is_too_fast_is_told_when_to_come_back(void **state)
{
    static const struct {
        struct client_refusal why;
        int code;
        const char *words;
        int64_t wait_ms; /* as our own client reads it */
    } cases[] = {
        {{.is_rate = true, .event = CLIENT_CONNECTION, .rate = {60, 60000}, .wait_ms = 1},
         421,
         "4.7.0 Too many connections from 192.0.2.1; at most 60 a minute are taken. Please try "
         "again in 1 second",
         1000},
        {{.is_rate = true, .event = CLIENT_MESSAGE, .rate = {100, 3600000}, .wait_ms = 35001},
         450,
         "4.7.1 Too many messages from 192.0.2.1; at most 100 an hour are taken. Please try again "
         "in 36 seconds",
         36000},
        {{.is_rate = true, .event = CLIENT_RECIPIENT, .rate = {5, 90000}, .wait_ms = 121000},
         450,
         "4.7.1 Too many recipients from 192.0.2.1; at most 5 each 90 seconds are taken. Please "
         "try again in 3 minutes",
         180000},
        {{.is_rate = true,
          .is_network = true,
          .event = CLIENT_MESSAGE,
          .rate = {1, 86400000},
          .wait_ms = 86400000},
         450,
         "4.7.1 Too many messages from the network 192.0.2.1; at most 1 a day are taken. Please "
         "try again in 24 hours",
         86400000},
        {{.is_rate = true, .event = CLIENT_MESSAGE, .rate = {1, 7200000}, .wait_ms = 120000},
         450,
         "4.7.1 Too many messages from 192.0.2.1; at most 1 each 2 hours are taken. Please try "
         "again in 120 seconds",
         120000},
        {{.sessions = 20},
         421,
         "4.7.0 Too many connections from 192.0.2.1 at a time; at most 20 are taken. Please try "
         "again in a few minutes",
         0},
        {{.sessions = 20, .is_network = true},
         421,
         "4.7.0 Too many connections from the network 192.0.2.1 at a time; at most 20 are taken. "
         "Please try again in a few minutes",
         0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer text = BUFFER_EMPTY;
        struct reply r = verdict_limit(&cases[i].why, SPAN("192.0.2.1"), &a);
        status_add(&text, r.status);
        buffer_printf(&text, " %.*s", SPAN_F(r.text));
        assert_int_equal(r.code, cases[i].code);
        assert_string_equal(buffer_text(&text), cases[i].words);
        assert_int_equal(wait_asked_for(r.text), cases[i].wait_ms);
        buffer_free(&text);
        arena_clear(&a);
    }
}

/* What one of our own users sees in his mail program. */
static void an_account_hears_of_its_limits(void **state)
{
    static const struct account_limit limit = {.message = 100};
    static const struct account_refusal why = {.rate = {500, 3600000}, .wait_ms = 720000};
    const struct span who = SPAN("alice@example.org"), host = SPAN("mx.example.org");
    struct arena a = ARENA_EMPTY;
    struct reply r = verdict_account_message(&limit, who, host, &a);
    assert_true(r.code == 550 && r.status.class == 5 && r.status.subject == 5);
    assert_true(span_equal(
        r.text, SPAN("This message has too many recipients: with the account alice@example.org one "
                     "message may go to at most 100. A mailing list reaches more people; "
                     "postmaster@mx.example.org can help with one, or with the limit")));
    assert_int_equal(cause_find(r.code, r.status, r.text).cause, CAUSE_TOO_MANY);
    r = verdict_account_rate(&why, who, host, &a);
    assert_true(r.code == 450 && r.status.class == 4 && r.status.detail == 28);
    assert_true(span_equal(
        r.text,
        SPAN("The account alice@example.org has reached its sending limit: at most 500 recipients "
             "an hour. Please send this again in 12 minutes. If you have not written to so many, "
             "somebody else may know your password: change it now, and tell "
             "postmaster@mx.example.org")));
    assert_int_equal(wait_asked_for(r.text), 720000);
    assert_int_equal(cause_find(r.code, r.status, r.text).cause, CAUSE_TOO_MANY);
    arena_clear(&a);
}

/* What the next hop has said of a recipient at a relay domain, or that it can't be asked. */
static void the_words_of_the_next_hop_are_passed_on(void **state)
{
    static const struct outcome yes = {.kind = OUTCOME_RELAYED},
                                no = {.kind = OUTCOME_FAILED,
                                      .code = 550,
                                      .status = {5, 1, 1},
                                      .is_remote = true,
                                      .words = SPAN("No such\nuser \x1b here"),
                                      .host = SPAN("mx.far.test")},
                                bare_no = {.kind = OUTCOME_FAILED,
                                           .code = 553,
                                           .is_remote = true,
                                           .words = SPAN("who?"),
                                           .host = SPAN("mx.far.test")},
                                impossible = {.kind = OUTCOME_FAILED,
                                              .status = {5, 1, 10},
                                              .words = SPAN("there is no such domain")},
                                later = {.kind = OUTCOME_DELAYED,
                                         .code = 450,
                                         .status = {4, 2, 0},
                                         .is_remote = true,
                                         .words = SPAN("greylisted"),
                                         .host = SPAN("mx.far.test")},
                                unwelcome = {.kind = OUTCOME_DELAYED,
                                             .code = 554,
                                             .status = {5, 7, 1},
                                             .is_remote = true,
                                             .words = SPAN("go away"),
                                             .host = SPAN("mx.far.test")},
                                down = {.kind = OUTCOME_DELAYED,
                                        .status = {4, 4, 1},
                                        .words = SPAN("could not connect"),
                                        .host = SPAN("mx.far.test")};
#define CANT                                                                                       \
    " <b@far.test>: the server that mail for this address goes to, mx.far.test, can't be asked "   \
    "right now whether it takes it. Please try again later. "
#define NO                                                                                         \
    " <b@far.test>: the server that mail for this address goes to, mx.far.test, does not take "    \
    "it. "                                                                                         \
    "Its words: "
    static const struct {
        const struct outcome *answer;
        const char *strict, *lax; /* ask; ask else accept, and trusted clients */
    } cases[] = {
        {&yes, "250 2.1.5 Recipient accepted", "250 2.1.5 Recipient accepted"},
        {&no, "550 5.1.1" NO "550 5.1.1 No such user <U+001B> here",
         "550 5.1.1" NO "550 5.1.1 No such user <U+001B> here"},
        {&bare_no, "550 5.1.1" NO "553 who?", "550 5.1.1" NO "553 who?"},
        {&impossible,
         "550 5.1.10 <b@far.test>: mail for this address can't be delivered: there is "
         "no such domain",
         "550 5.1.10 <b@far.test>: mail for this address can't be delivered: there is no such "
         "domain"},
        {&later, "450 4.2.0" CANT "Its words: 450 4.2.0 greylisted",
         "250 2.1.5 Recipient accepted"},
        {&unwelcome, "450 4.4.1" CANT "Its words: 554 5.7.1 go away",
         "250 2.1.5 Recipient accepted"},
        {&down, "450 4.4.1" CANT "The reason: 4.4.1 could not connect",
         "250 2.1.5 Recipient accepted"},
    };
    struct options o;
    struct error e;
    assert_true(options_parse(&o, "test.conf",
                              SPAN("route * mx\nrelay-domain far.test ask\n"
                                   "relay-domain lax.test ask else accept\n"),
                              &e));
    o.relay_domains[1].match = SPAN("far.test"); /* the same address under the other rule */
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int how = 0; how < 3; how++) {
            struct options one = o;
            struct arena a = ARENA_EMPTY;
            struct buffer text = BUFFER_EMPTY;
            one.relay_domains = &o.relay_domains[how == 1];
            one.relay_domain_count = 1;
            struct file_marks marks = {0};
            one.users = o.users;
            struct directory *d = directory_load(&one, &marks, &e);
            assert_non_null(d);
            struct reply r = verdict_answered(d, how == 2, SPAN("b@far.test"), cases[i].answer, &a);
            reply_add(&text, r);
            text.len -= 2;
            text.at[text.len] = 0;
            assert_string_equal(buffer_text(&text), how ? cases[i].lax : cases[i].strict);
            buffer_free(&text);
            arena_clear(&a);
            directory_unref(&d);
            file_marks_free(&marks);
        }
    options_free(&o);
}

static void relay_domains_are_judged(void **state)
{
    static const struct {
        const char *address;
        int stranger, trusted; /* 0: ask */
    } cases[] = {{"x@any.test", 250, 250}, {"x@ask.test", 0, 0},      {"x@drop.test", 250, 250},
                 {"x@no.test", 550, 550},  {"x@else.test", 550, 250}, {"x@sub.any.test", 550, 250}};
    struct options o;
    struct error e;
    struct file_marks marks = {0};
    assert_true(options_parse(&o, "test.conf",
                              SPAN("route * mx\nroute drop.test discard \"unread\"\n"
                                   "route no.test refuse \"gone\"\n"
                                   "relay-domain any.test any\nrelay-domain ask.test ask\n"
                                   "relay-domain drop.test ask\nrelay-domain no.test ask\n"),
                              &e));
    struct directory *d = directory_load(&o, &marks, &e);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span address = span_of(cases[i].address);
        assert_int_equal(verdict_recipient(d, &o, false, SPAN_NONE, address, &a).code,
                         cases[i].stranger);
        assert_int_equal(verdict_recipient(d, &o, true, SPAN_NONE, address, &a).code,
                         cases[i].trusted);
        arena_clear(&a);
    }
    directory_unref(&d);
    file_marks_free(&marks);
    options_free(&o);
}

/* With the reason, however strange, and its date. */
static void who_gets_no_mail_is_told_why(void **state)
{
    struct arena a = ARENA_EMPTY;
    const struct suppression s = {SPAN("bob@example.net"), 1795529698005,
                                  SPAN("550 5.1.1 gone\r\n250 \x1b[2J"), 0};
    struct reply r = verdict_suppressed(&s, SPAN("Bob@example.net"), &a);
    assert_true(r.code == 550 && status_equal(r.status, STATUS(5, 1, 1)));
    assert_string_equal(
        arena_text(&a, r.text),
        "<Bob@example.net> is on this server's list of addresses that can't get mail, since 24 Nov "
        "2026: 550 5.1.1 gone<U+000D><U+000A>250 <U+001B>[2J; please check the address, and if it "
        "is right and takes mail again, ask the people who run this server to take it off the "
        "list");
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_gets_no_mail_is_told_why),
        cmocka_unit_test(the_words_of_the_next_hop_are_passed_on),
        cmocka_unit_test(relay_domains_are_judged),
        cmocka_unit_test(who_is_too_fast_is_told_when_to_come_back),
        cmocka_unit_test(an_account_hears_of_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
