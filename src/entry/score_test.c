#include "base/test.h"

#include "auth/dns_trial.h"
#include "base/inet.h"
#include "entry/score.h"
#include "entry/words.h"
#include "outcome/cause.h"

#include <string.h>

static const char options[] = "greylist-points 3\nrefuse-points 8\n"
                              "dns-list zen.example points 127.0.0.2=6 127.0.0.10/31=3 see "
                              "https://zen.example/remove\n"
                              "dns-list k3y.paid.example name paid.example points 2\n"
                              "dns-list good.example points -9\n"
                              "dns-list domains.example about sender points 127.0.1.0/24=4\n"
                              "dns-list hellos.example about hello points 1\n";

/* 192.0.2.7 is as it should be; 192.0.2.n others are not. */
static const char zone[] =
    "7.2.0.192.in-addr.arpa PTR mail.fine.example\n"
    "mail.fine.example A 192.0.2.7\n"
    "mx-only.example MX 10 mail.fine.example\n"
    "six.example AAAA 2001:db8::7\n"
    "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.example\n"
    "8.2.0.192.in-addr.arpa PTR elsewhere.example\n"
    "elsewhere.example A 192.0.2.99\n"
    "9.2.0.192.in-addr.arpa PTR elsewhere.example\n"
    "9.2.0.192.in-addr.arpa PTR nine.example\n"
    "nine.example A 192.0.2.9\n"
    "10.2.0.192.in-addr.arpa PTR 192-0-2-10.home.example\n"
    "192-0-2-10.home.example A 192.0.2.10\n"
    "11.2.0.192.in-addr.arpa PTR a.pool.home.example\n"
    "a.pool.home.example A 192.0.2.11\n"
    "12.2.0.192.in-addr.arpa FAIL\n"
    "13.2.0.192.in-addr.arpa PTR thirteen.example\n"
    "thirteen.example FAIL\n"
    "20.2.0.192.zen.example A 127.0.0.2\n"
    "20.2.0.192.zen.example TXT Spam came from it, see https://zen.example/?ip=192.0.2.20\n"
    "21.2.0.192.zen.example A 127.0.0.10\n"
    "21.2.0.192.zen.example A 127.0.0.11\n"
    "21.2.0.192.zen.example A 127.0.0.2\n"
    "22.2.0.192.zen.example A 127.0.0.77\n"
    "23.2.0.192.zen.example A 127.255.255.254\n"
    "24.2.0.192.zen.example A 198.51.100.1\n"
    "25.2.0.192.zen.example FAIL\n"
    "26.2.0.192.zen.example A 127.0.0.2\n"
    "26.2.0.192.good.example A 127.0.2.1\n"
    "27.2.0.192.k3y.paid.example A 127.0.0.3\n"
    "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.example A 127.0.0.2\n"
    "bad.example.domains.example A 127.0.1.2\n"
    "bad.hello.example.hellos.example A 127.0.0.1\n"
    "bad.hello.example A 192.0.2.7\n";

#define FINE "mail.fine.example"

static const struct {
    const char *address, *hello, *sender;
    const char *found; /* as in the log; behind it " ?" and how many are not known */
    const char *words; /* a part of the reply; NULL: it is let in */
} cases[] = {
    {"192.0.2.7", FINE, "a.example", "", NULL},
    {"192.0.2.7", "MAIL.fine.EXAMPLE", "", "", NULL},
    {"192.0.2.7", "mx-only.example", "", "", NULL},
    {"192.0.2.7", "[192.0.2.7]", "", "", NULL},
    {"2001:db8::7", "six.example", "", "zen.example=6", "2001:db8::7 is on the list zen.example."},
    {"2001:db8::7", "[IPv6:2001:db8::7]", "", "zen.example=6",
     "451 4.7.1 <bob@here.example>: grey"},
    /* names of its address */
    {"192.0.2.1", FINE, "", "no-reverse-name=3",
     "192.0.2.1 has no name in the reverse DNS (no PTR record)."},
    {"2001:db8::8", FINE, "", "no-reverse-name=3", "2001:db8::8 has no name"},
    {"192.0.2.8", FINE, "", "reverse-name-unconfirmed=2", NULL},
    {"192.0.2.9", FINE, "", "", NULL},
    {"192.0.2.10", FINE, "", "generic-name=2", NULL},
    {"192.0.2.11", FINE, "", "generic-name=2", NULL},
    {"192.0.2.12", FINE, "", " ?1", NULL},
    {"192.0.2.13", FINE, "", " ?1", NULL},
    /* what it says */
    {"192.0.2.7", "friend", "", "hello-malformed=2", NULL},
    {"192.0.2.7", "192.0.2.7", "", "hello-malformed=2", NULL},
    {"192.0.2.7", "my_host.example", "", "hello-unknown=2", NULL},
    {"192.0.2.7", "", "", "hello-malformed=2", NULL},
    {"192.0.2.7", "[192.0.2.7", "", "hello-malformed=2", NULL},
    {"192.0.2.7", "[192.0.2.8]", "", "hello-other-address=3",
     "it calls itself \"[192.0.2.8]\" (EHLO), which is not its address."},
    {"192.0.2.7", "nowhere.example", "", "hello-unknown=2", NULL},
    {"192.0.2.7", "thirteen.example", "", " ?3", NULL},
    {"192.0.2.7", "MX.here.example", "", "hello-ours=5",
     "it calls itself \"MX.here.example\" (EHLO), which is the name of the server that it talks "
     "to."},
    {"192.0.2.1", "friend", "", "no-reverse-name=3 hello-malformed=2", "451 4.7.1"},
    {"192.0.2.1", "mx.here.example", "", "hello-ours=5 no-reverse-name=3", "550 5.7.1"},
    /* lists */
    {"192.0.2.20", FINE, "", "zen.example=6 no-reverse-name=3",
     "192.0.2.20 is on the list zen.example, which says: Spam came from it, see "
     "https://zen.example/?ip=192.0.2.20."},
    {"192.0.2.21", FINE, "", "zen.example=9 no-reverse-name=3",
     "have 192.0.2.21 taken off the list zen.example: https://zen.example/remove"},
    {"192.0.2.22", FINE, "", "no-reverse-name=3", "451 4.7.1"},
    {"192.0.2.23", FINE, "", "no-reverse-name=3 ?1", "451 4.7.1"},
    {"192.0.2.24", FINE, "", "no-reverse-name=3 ?1", "451 4.7.1"},
    {"192.0.2.25", FINE, "", "no-reverse-name=3 ?1", "451 4.7.1"},
    {"192.0.2.26", FINE, "", "zen.example=6 no-reverse-name=3 good.example=-9", NULL},
    {"192.0.2.27", FINE, "", "no-reverse-name=3 paid.example=2", "is on the list paid.example."},
    {"192.0.2.7", FINE, "bad.example", "domains.example=4",
     "bad.example is on the list domains.example."},
    {"192.0.2.7", FINE, "[192.0.2.7]", "", NULL},
    {"192.0.2.7", "bad.hello.example", "", "hellos.example=1", NULL},
};

static struct entry_score score_of(const struct options *o, const struct entry_client *c,
                                   struct lookups *l, struct arena *a)
{
    struct entry_score score;
    for (int round = 0; !entry_score(o, c, l, &score, a); round++) {
        assert_true(round < 3); /* names lead to addresses, and listings to words */
        dns_trial_answer(l, span_of(zone));
        arena_clear(a);
    }
    return score;
}

static void check_reply(struct reply r, const char *words)
{
    struct buffer out = BUFFER_EMPTY, whole = BUFFER_EMPTY;
    reply_add(&out, r);
    struct span rest = buffer_span(&out);
    for (size_t lines = 0; rest.len; lines++) {
        struct span line = span_cut(&rest, '\n');
        assert_true(line.len < 512 && lines < 10);
    }
    buffer_printf(&whole, "%d %d.%d.%d %.*s", r.code, r.status.class, r.status.subject,
                  r.status.detail, SPAN_F(r.text));
    if (!strstr(buffer_text(&whole), words))
        fail_msg("%s\nhas not: %s", buffer_text(&whole), words);
    buffer_free(&out);
    buffer_free(&whole);
}

static void check_case(const struct options *o, size_t i)
{
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct buffer found = BUFFER_EMPTY;
    struct entry_client c = {.hello = span_of(cases[i].hello),
                             .sender_domain = span_of(cases[i].sender),
                             .our_name = SPAN("mx.here.example")};
    assert_true(inet_parse(span_of(cases[i].address), c.address));
    struct entry_score s = score_of(o, &c, &l, &a);
    struct span bob = SPAN("bob@here.example"), us = SPAN("here.example");
    entry_score_add(&found, &s);
    if (s.unknown_count)
        buffer_printf(&found, " ?%zu", s.unknown_count);
    if (strcmp(buffer_text(&found), cases[i].found) != 0)
        fail_msg("case %zu: %s", i, buffer_text(&found));
    switch (entry_decide(o, s.points)) {
    case ENTRY_WELCOME:
        assert_null(cases[i].words);
        break;
    case ENTRY_DOUBTFUL:
        assert_non_null(cases[i].words);
        check_reply(entry_wait(&c, &s, bob, 60000, &a), cases[i].words);
        break;
    case ENTRY_REFUSED:
        assert_non_null(cases[i].words);
        check_reply(entry_refusal(&c, &s, bob, us, &a), cases[i].words);
        break;
    }
    buffer_free(&found);
    arena_clear(&a);
    lookups_free(&l);
}

static void clients_are_known_by_the_dns(void **state)
{
    struct options o;
    struct error e;
    assert_true(options_parse(&o, "x", span_of(options), &e));
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_case(&o, i);
    options_free(&o);
}

static void what_counts_nothing_is_not_asked(void **state)
{
    struct options o;
    struct error e;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    struct entry_score s;
    const struct entry_client c = {.hello = SPAN("a.example"), .our_name = SPAN("b.example")};
    assert_true(options_parse(&o, "x",
                              SPAN("refuse-points 1\npoints-no-reverse-name 0\n"
                                   "points-reverse-name-unconfirmed 0\npoints-generic-name 0\n"
                                   "points-hello-unknown 0\n"),
                              &e));
    assert_true(entry_is_used(&o) && !entry_is_about_sender(&o));
    assert_true(entry_score(&o, &c, &l, &s, &a) && !l.count && !s.points);
    options_free(&o);
    options_defaults(&o);
    assert_false(entry_is_used(&o)); /* as long as nobody wants it, nobody is asked */
    options_free(&o);
    arena_clear(&a);
}

/* What others make of our words when they come back in a bounce. */
static void words_are_understood(void **state)
{
    const struct dns_list list = {.name = SPAN("zen.example"), .see = SPAN_NONE};
    struct entry_finding f[] = {
        {ENTRY_LISTED, 9, &list, SPAN("192.0.2.7"), SPAN("bad \x80\nwords")},
        {ENTRY_GENERIC, 2, NULL, SPAN("x.example"), SPAN_NONE}};
    struct entry_client c = {.hello = SPAN("a")};
    struct entry_score s = {.points = 11, .findings = f, .count = 2};
    struct arena a = ARENA_EMPTY;
    inet_parse(SPAN("192.0.2.7"), c.address);
    struct reply r = entry_refusal(&c, &s, SPAN("b@c.example"), SPAN("mx.c.example"), &a);
    assert_int_equal(cause_find(r.code, r.status, r.text).cause, CAUSE_BLOCKED_REPUTATION);
    check_reply(r, "which says: bad ??words.\nthe name of");
    check_reply(r, "write to postmaster@mx.c.example, who");
    f[0] = (struct entry_finding){ENTRY_NO_NAME, 3, NULL, SPAN_NONE, SPAN_NONE};
    r = entry_refusal(&c, &s, SPAN("b@c.example"), SPAN("mx.c.example"), &a);
    assert_int_equal(cause_find(r.code, r.status, r.text).cause, CAUSE_BLOCKED_REPUTATION);
    check_reply(r, "550 5.7.25 <b@c.example>: mail from 192.0.2.7 is not taken here");
    r = entry_wait(&c, &s, SPAN("b@c.example"), 61000, &a);
    assert_int_equal(cause_find(r.code, r.status, r.text).variant, VARIANT_GREYLISTED);
    check_reply(r, "try again in 61 seconds or later");
    check_reply(entry_wait(&c, &s, SPAN("b@c.example"), 1, &a), "in 1 second or");
    check_reply(entry_wait(&c, &s, SPAN("b@c.example"), 300000, &a), "in 5 minutes or");
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_known_by_the_dns),
        cmocka_unit_test(what_counts_nothing_is_not_asked),
        cmocka_unit_test(words_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
