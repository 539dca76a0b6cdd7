#include "sending/sent_links.h"

#include "base/test.h"
#include "config/options.h"

#include <string.h>

static const char bad_table[] = "bad.example phishing, seen in October\n"
                                "!clicks.example our newsletters go through it\n";

/* As lists answer. */
static const struct {
    const char *name, *txt; /* NULL: the DNS fails */
    unsigned char a[4];
} zone[] = {
    {"listed.example.dbl.example", "https://dbl.example/?listed.example", {127, 0, 1, 4}},
    {"www.deep.example.dbl.example", "", {127, 0, 1, 5}},
    {"abused.example.dbl.example", "", {127, 0, 1, 102}},
    {"silent.example.dbl.example", "", {127, 255, 255, 254}},
    {"dead.example.dbl.example", NULL, {0}},
    {"7.2.0.192.dbl.example", "", {127, 0, 1, 2}},
    {"late.example.uri.example", "", {127, 0, 0, 2}},
    {"other.example.dbl.example", "", {127, 0, 1, 255}},
};

static void answer(struct lookups *l, struct lookups_question *q)
{
    char data[256];
    struct span record = SPAN_NONE;
    struct dns_answer found = {.result = DNS_NO_NAME, .ttl = 60};
    for (size_t i = 0; i < COUNT_OF(zone); i++) {
        if (!span_equal(q->name, span_of(zone[i].name)))
            continue;
        found.result = zone[i].txt ? DNS_FOUND : DNS_FAILED;
        found.why = SPAN("no answer in time");
        if (q->type == DNS_A) {
            record = span_make(zone[i].a, 4);
        } else if (zone[i].txt) {
            data[0] = (char)strlen(zone[i].txt);
            memcpy(data + 1, zone[i].txt, strlen(zone[i].txt));
            record = span_make(data, strlen(zone[i].txt) + 1);
        }
    }
    found.records = &record;
    found.count = found.result == DNS_FOUND;
    lookups_answer(l, q, &found);
}

/* What is found in a message, as a person is told of it; " ?LIST" when one has not answered. */
static size_t look(const char *lines, struct span message, struct buffer *out)
{
    static const struct span own[] = {SPAN("example.org"), SPAN("Bücher.example")};
    struct options o;
    struct error e;
    struct arena a = ARENA_EMPTY;
    struct lookups lookups = {0};
    struct bad_links bad = {.by_host = MAP_EMPTY};
    struct sent_links seen;
    struct sent_links_unknown unknown;
    assert_true(options_parse(&o, "test.conf", span_of(lines), &e));
    assert_true(bad_links_parse(&bad, "links", span_of(bad_table), &a, &e));
    const struct sent_links_known known = {&o.sending, &bad, own, COUNT_OF(own)};
    sent_links_see(message, &known, &seen, &a);
    while (!sent_links_ask(&o.sending, &lookups, &seen, &unknown, &a))
        for (struct lookups_question *q; (q = lookups_take(&lookups));)
            answer(&lookups, q);
    if (seen.found.fault) {
        buffer_printf(out, "%s: ", link_fault_word(seen.found.fault));
        sent_links_add_words(out, &seen.found);
    }
    if (unknown.list.len)
        buffer_printf(out, " ?%.*s", SPAN_F(unknown.list));
    size_t asked = lookups.count;
    lookups_free(&lookups);
    bad_links_free(&bad);
    arena_clear(&a);
    options_free(&o);
    return asked;
}

#define LISTS                                                                                      \
    "known-host bank.example\nlink-list dbl.example answers 127.0.1.2,127.0.1.4/31,127.0.1.102\n"  \
    "link-list key.uri.example name uri.example see https://uri.example/remove\n"

static void harmful_links_are_found(void **state)
{
    static const struct {
        const char *body, *found;
    } table[] = {
        {"nothing", ""},
        {"see https://fine.example/x and www.example.org", ""},
        {"see https://www.bad.example/x?y.",
         "bad: the link hxxps://www[.]bad[.]example/x?y, which is known as harmful here "
         "(\"phishing, seen in October\")"},
        {"https://bad.example/a https://bad.example/b",
         "bad: the link hxxps://bad[.]example/a, which is known as harmful here (\"phishing, seen "
         "in "
         "October\")"},
        {"https://bad.example/?to=https://fine.example/",
         "bad: the link hxxps://bad[.]example/?to=https://fine.example/, which is known as harmful "
         "here "
         "(\"phishing, seen in October\")"},
        {"https://listed.example/a",
         "listed: the link hxxps://listed[.]example/a, whose host is on the list of harmful ones "
         "of dbl.example (\"https://dbl.example/?listed.example\")"},
        {"https://sub.listed.example/a",
         "listed: the link hxxps://sub[.]listed[.]example/a, whose host is on the list of harmful "
         "ones of dbl.example (\"https://dbl.example/?listed.example\")"},
        {"https://www.deep.example/", "listed: the link hxxps://www[.]deep[.]example/, whose host "
                                      "is on the list of harmful ones of dbl.example"},
        {"https://deep.example/", ""},
        {"http://192.0.2.7/cam", "listed: the link hxxp://192[.]0[.]2[.]7/cam, whose host is on "
                                 "the list of harmful ones of dbl.example"},
        {"https://other.example/", ""}, /* listed for what does no harm */
        {"https://silent.example/", " ?dbl.example"},
        {"https://dead.example/ https://listed.example/",
         "listed: the link hxxps://listed[.]example/, whose host is on the list of harmful ones of "
         "dbl.example (\"https://dbl.example/?listed.example\") ?dbl.example"},
        {"https://dead.example/", " ?dbl.example"},
        {"https://examp1e.org/login", "alike: the link hxxps://examp1e[.]org/login, whose host "
                                      "looks like example.org and is another"},
        {"https://bank.example.evil.test/",
         "alike: the link hxxps://bank[.]example[.]evil[.]test/, whose host looks like "
         "bank.example and is another"},
        {"https://bucher.example/",
         "alike: the link hxxps://bucher[.]example/, whose host looks like "
         "xn--bcher-kva.example and is another"},
        {"https://examp1e.org/ https://listed.example/a",
         "listed: the link hxxps://listed[.]example/a, whose host is on the list of harmful ones "
         "of dbl.example (\"https://dbl.example/?listed.example\")"},
        {"https://my.bank.example/ https://bücher.example/", ""},
        {"https://examp1e.org/ https://listed.example/a https://bad.example/",
         "bad: the link hxxps://bad[.]example/, which is known as harmful here (\"phishing, seen "
         "in October\")"},
        {"https://eu.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbad.example%2Fx",
         "bad: the link "
         "hxxps://eu[.]safelinks[.]protection[.]outlook[.]com/?url=https%3A%2F%2Fbad.example%2Fx, "
         "which is known as harmful here (\"phishing, seen in October\")"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buffer message = BUFFER_EMPTY, found = BUFFER_EMPTY;
        buffer_printf(&message, "Subject: x\r\n\r\n%s\r\n", table[i].body);
        look(LISTS, buffer_span(&message), &found);
        assert_string_equal(buffer_text(&found), table[i].found);
        buffer_free(&message);
        buffer_free(&found);
    }
}

static void the_text_of_a_link_is_compared_with_where_it_leads(void **state)
{
    static const struct {
        const char *page, *found;
    } table[] = {
        {"<a href='https://evil.test/x'>https://www.shop.example/</a>",
         "other: the link hxxps://evil[.]test/x behind a text that names www.shop.example"},
        {"<a href='https://evil.test/x'>www.shop.example</a>",
         "other: the link hxxps://evil[.]test/x behind a text that names www.shop.example"},
        {"<a href='//evil.test/x'>shop.com</a>",
         "other: the link //evil[.]test/x behind a text that names shop.com"},
        {"<a href='https://evil.test/x'> https://shop.net/account </a>",
         "other: the link hxxps://evil[.]test/x behind a text that names shop.net"},
        {"<a href='ftp://evil.test/x'>shop.org</a>",
         "other: the link ftp://evil[.]test/x behind a text that names shop.org"},
        {"<a href='https://fine.example'>x</a><p>https://bad.example/p</p>",
         "bad: the link hxxps://bad[.]example/p, which is known as harmful here (\"phishing, seen "
         "in October\")"},
        {"<a href='https://urldefense.com/v3/?u=https%3A%2F%2Fshop.example&to=a@b.test'>our "
         "shop</a>",
         ""},
        {"<a href='https:\\\\bad.example\\x'>here</a>",
         "bad: the link hxxps:\\\\bad[.]example\\x, which is known as harmful here (\"phishing, "
         "seen in "
         "October\")"},
        {"<a href='https://www.shop.example@evil.test/x'>our shop</a>",
         "other: the link hxxps://www.shop.example@evil[.]test/x behind a text that names "
         "www.shop.example"},
        {"<a href='https://john.doe@shop.example/x'>our shop</a>", ""},
        {"<a href='https://www.xn--bcher-kva.test/x'>www.Bücher.test</a>", ""},
        {"<a href='https://evil.test/x'>our shop</a>", ""},
        {"<a href='https://shop.example/x'>www.shop.example</a>", ""},
        {"<a href='https://www.example.org/x'>www.shop.example</a>", ""}, /* it leads home */
        {"<a href='https://clicks.example/x'>www.shop.example</a>", ""},  /* that is fine here */
        {"<a href='https://nodejs.example'>Node.js</a> <a href='https://ms.example'>ASP.NET</a>",
         ""},
        {"<a "
         "href='https://urldefense.com/v3/__https://www.shop.example/x__;!!a'>www.shop.example</a>",
         ""},
        {"<a href='mailto:a@evil.test'>www.shop.example</a>", ""},
        {"<a href='javascript:x()'>x</a><form action='https://bad.example/f'><input></form>",
         "bad: the link hxxps://bad[.]example/f, which is known as harmful here (\"phishing, seen "
         "in October\")"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct buffer message = BUFFER_EMPTY, found = BUFFER_EMPTY;
        buffer_printf(&message, "Content-Type: text/html\r\n\r\n%s\r\n", table[i].page);
        look(LISTS, buffer_span(&message), &found);
        assert_string_equal(buffer_text(&found), table[i].found);
        buffer_free(&message);
        buffer_free(&found);
    }
}

/* Whoever reports harmful mail attaches it. */
static void what_is_attached_is_not_read(void **state)
{
    struct buffer found = BUFFER_EMPTY;
    look(LISTS,
         SPAN("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee what came\r\n--b\r\n"
              "Content-Type: message/rfc822\r\n\r\n\r\nhttps://bad.example/\r\n--b\r\n"
              "Content-Disposition: attachment\r\n\r\nhttps://bad.example/\r\n--b--\r\n"),
         &found);
    assert_string_equal(buffer_text(&found), "");
    buffer_free(&found);
}

static void the_dns_is_asked_no_more_than_needed(void **state)
{
    struct buffer message = BUFFER_EMPTY, found = BUFFER_EMPTY;
    buffer_add_text(&message,
                    "\r\nhttps://example.org/ https://my.bank.example/ "
                    "https://clicks.example/ https://fine.example/ https://FINE.example/b "
                    "http://198.51.100.1/");
    assert_int_equal(look(LISTS, buffer_span(&message), &found), 2 * 2); /* of two lists */
    assert_int_equal(look("", buffer_span(&message), &found), 0);
    for (int i = 0; i < 1000; i++)
        buffer_printf(&message, " https://www.site%d.example/", i);
    assert_int_equal(look(LISTS, buffer_span(&message), &found), 2 * (2 + 2 * 14));
    buffer_add_text(&message, " https://bad.example/");
    assert_int_equal(look(LISTS, buffer_span(&message), &found), 0); /* it is known already */
    assert_non_null(strstr(buffer_text(&found), "bad: "));
    buffer_free(&message);
    buffer_free(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmful_links_are_found),
        cmocka_unit_test(the_text_of_a_link_is_compared_with_where_it_leads),
        cmocka_unit_test(what_is_attached_is_not_read),
        cmocka_unit_test(the_dns_is_asked_no_more_than_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
