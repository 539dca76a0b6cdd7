#include "base/test.h"

#include "abuse/origin.h"
#include "base/inet.h"

#define R(from, by) "Received: from " from " by " by "; Fri, 27 Nov 2026 10:00:00 +0100\r\n"
#define FORGED R("bank.test (bank.test [198.51.100.1])", "mx.example.org")

/* "trust address server"; `ours`: names parted by blanks. */
static const struct {
    const char *ours, *network, *header, *found;
} cases[] = {
    {"mx.example.org", NULL, R("a (unknown [192.0.2.7])", "mx.example.org (Postfix) with ESMTP"),
     "ours 192.0.2.7 mx.example.org"},
    /* what stands below was written by the sender */
    {"mx.example.org", NULL, R("a (unknown [192.0.2.7])", "mx.example.org") FORGED,
     "ours 192.0.2.7 mx.example.org"},
    /* however he greets */
    {"mx.example.org", NULL, R("mx.example.org (unknown [192.0.2.7])", "mx.example.org") FORGED,
     "ours 192.0.2.7 mx.example.org"},
    /* from server to server of ours */
    {"example.org", NULL,
     R("mx (mx.example.org [203.0.113.2])", "box.example.org")
         R("a (unknown [192.0.2.7])", "mx.example.org") FORGED,
     "ours 192.0.2.7 mx.example.org"},
    {"example.org", "203.0.113.0/24",
     R("mx (unknown [203.0.113.2])", "box.example.org")
         R("a (unknown [192.0.2.7])", "mx.example.org"),
     "ours 192.0.2.7 mx.example.org"},
    {"example.org", NULL,
     R("localhost (localhost [127.0.0.1])", "mx.example.org")
         R("a (unknown [192.0.2.7])", "mx.example.org"),
     "ours 192.0.2.7 mx.example.org"},
    {"example.org", NULL,
     R("x ([10.1.2.3])", "box.example.org") R("a (192.0.2.7)", "EX01 with Microsoft SMTP Server"),
     "ours 192.0.2.7 EX01"},
    /* others had it before */
    {"example.org", NULL,
     R("imap.isp.test (imap.isp.test [203.0.113.9])", "localhost with IMAP")
         R("a (unknown [192.0.2.7])", "mx.example.org"),
     "ours 192.0.2.7 mx.example.org"},
    /* written on our side */
    {"example.org", NULL, R("laptop (laptop [10.1.2.3])", "mx.example.org"),
     "ours - mx.example.org"},
    {"example.org", NULL,
     R("laptop (laptop [10.1.2.3])", "mx.example.org")
         R("bank.test (bank.test [198.51.100.1])", "mx.evil.test"),
     "ours - mx.example.org"},
    /* not ours at all: then nothing is known */
    {"example.net", NULL, R("a (unknown [192.0.2.7])", "mx.example.org"), "unknown - "},
    {"example.org", NULL, R("a (unknown [192.0.2.7])", "mx.evilexample.org"), "unknown - "},
    {"example.org", NULL, "Subject: x\r\n", "unknown - "},
    /* nobody is named: the organization of the topmost server is believed */
    {"", NULL, R("a (unknown [192.0.2.7])", "mx.example.org") FORGED,
     "assumed 192.0.2.7 mx.example.org"},
    {"", NULL,
     "Received: by 2002:a05:6a10::b0 with SMTP id x; Fri, 27 Nov 2026 10:00:00 +0100\r\n" R(
         "a (a.evil.test. [192.0.2.7])", "mx.example.org with ESMTPS"),
     "assumed 192.0.2.7 mx.example.org"},
    {"", NULL,
     R("mx2.example.org (mx2.example.org [203.0.113.2])", "box.example.org")
         R("a (unknown [192.0.2.7])", "mx2.example.org"),
     "assumed 192.0.2.7 mx2.example.org"},
    {"", NULL, R("a (unknown [192.0.2.7])", "localhost"), "unknown - "},
};

static const char *trust_name(enum origin_trust t)
{
    return t == ORIGIN_OURS ? "ours" : t == ORIGIN_ASSUMED ? "assumed" : "unknown";
}

static void what_others_could_have_written_is_not_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer told = BUFFER_EMPTY;
        struct span name = span_of(cases[i].ours);
        struct network network;
        struct networks networks = {&network, cases[i].network != NULL, true};
        struct origin_ours ours = {&name, name.len > 0, &networks, SPAN_NONE};
        struct origin o;
        if (cases[i].network)
            assert_true(network_parse(span_of(cases[i].network), &network));
        origin_find(&o, span_of(cases[i].header), &ours, &a);
        buffer_printf(&told, "%s ", trust_name(o.trust));
        if (o.has_address)
            inet_add(&told, o.field.address);
        else
            buffer_add_char(&told, '-');
        buffer_printf(&told, " %.*s", SPAN_F(o.trust ? o.field.by : SPAN_NONE));
        assert_string_equal(buffer_text(&told), cases[i].found);
        buffer_free(&told);
        arena_clear(&a);
    }
}

static void our_own_name_is_believed_where_it_wrote(void **state)
{
    (void)state;
    struct arena a = ARENA_EMPTY;
    struct origin_ours ours = {NULL, 0, NULL, SPAN("mx.example.org")};
    struct origin o;
    origin_find(&o, SPAN(R("a (unknown [192.0.2.7])", "mx.example.org") FORGED), &ours, &a);
    assert_int_equal(o.trust, ORIGIN_OURS);
    origin_find(&o, SPAN(R("a (unknown [192.0.2.7])", "mx.elsewhere.test")), &ours, &a);
    assert_int_equal(o.trust, ORIGIN_ASSUMED);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_could_have_written_is_not_believed),
        cmocka_unit_test(our_own_name_is_believed_where_it_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
