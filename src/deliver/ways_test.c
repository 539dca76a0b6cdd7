/* What the DNS says, written as text, and the ways that it leads to, likewise. */
#include "base/test.h"

#include "deliver/ways.h"

#include <stdio.h>
#include <string.h>

/* ---- answers from text */

static struct span wire_of_name(struct arena *a, struct span name)
{
    struct buffer wire = BUFFER_EMPTY;
    while (name.len && !span_equal(name, SPAN("."))) {
        struct span label = span_cut(&name, '.');
        buffer_add_char(&wire, (char)label.len);
        buffer_add_span(&wire, label);
    }
    buffer_add_char(&wire, 0);
    struct span copy = arena_copy(a, buffer_span(&wire));
    buffer_free(&wire);
    return copy;
}

/* "10 mx1.test" */
static struct span wire_of_mx(struct arena *a, struct span text)
{
    uint64_t preference = 0;
    assert_true(span_to_u64(span_word(&text), 65535, &preference));
    struct span name = wire_of_name(a, span_word(&text));
    char *wire = arena_new(a, name.len + 2);
    wire[0] = (char)(preference >> 8);
    wire[1] = (char)preference;
    memcpy(wire + 2, name.at, name.len);
    return span_make(wire, name.len + 2);
}

static struct span wire_of_address(struct arena *a, struct span text)
{
    struct net_address at;
    unsigned char bytes[16];
    assert_true(net_address_parse(&at, text, 0));
    net_address_bytes(&at, bytes);
    bool is_v6 = net_address_is_v6(&at);
    return arena_copy(a, span_make(bytes + (is_v6 ? 0 : 12), is_v6 ? 16 : 4));
}

static void add_record(struct dns_answer *answer, struct span record, struct arena *a)
{
    if (!answer->records)
        answer->records = arena_new(a, 100 * sizeof record);
    assert_true(answer->count < 100);
    answer->result = DNS_FOUND;
    answer->records[answer->count++] = record;
}

/* "10 mx1.test, 20 mx2.test", "none", "no-name", "failed", or "broken" */
static struct dns_answer mx_answer(const char *text, struct arena *a)
{
    struct dns_answer answer = {.result = DNS_NO_RECORD};
    struct span rest = span_of(text);
    if (strcmp(text, "no-name") == 0)
        answer.result = DNS_NO_NAME;
    else if (strcmp(text, "failed") == 0)
        answer = (struct dns_answer){.result = DNS_FAILED, .why = SPAN("SERVFAIL")};
    else if (strcmp(text, "broken") == 0)
        add_record(&answer, SPAN("\0\12\7short"), a);
    else if (strcmp(text, "none") != 0)
        while (rest.len)
            add_record(&answer, wire_of_mx(a, span_trim(span_cut(&rest, ','))), a);
    return answer;
}

struct answers {
    struct dns_answer v4[MOST_HOSTS], v6[MOST_HOSTS];
    struct host_answers of[MOST_HOSTS];
};

/* Of "mx1=192.0.2.1 2001:db8::1; mx2=failed; mx3=failed6 192.0.2.3" those of one name. */
static void take_host(const char *hosts, struct span name, struct dns_answer *v4,
                      struct dns_answer *v6, struct arena *a)
{
    struct span rest = span_of(hosts);
    *v4 = *v6 = (struct dns_answer){.result = DNS_NO_NAME};
    while (rest.len) {
        struct span entry = span_trim(span_cut(&rest, ';')), host = span_cut(&entry, '=');
        if (!span_equal(host, name))
            continue;
        v4->result = v6->result = DNS_NO_RECORD;
        for (struct span word; (word = span_word(&entry)).len;)
            if (span_starts(word, SPAN("failed"))) {
                struct dns_answer failed = {.result = DNS_FAILED, .why = SPAN("SERVFAIL")};
                *v6 = failed;
                *v4 = span_equal(word, SPAN("failed6")) ? *v4 : failed;
            } else {
                bool is_v6 = span_find_char(word, ':') != SPAN_NOT_FOUND;
                add_record(is_v6 ? v6 : v4, wire_of_address(a, word), a);
            }
    }
}

static void take_hosts(struct answers *to, const char *text, const struct mail_hosts *hosts,
                       struct arena *a)
{
    for (size_t i = 0; i < hosts->count; i++) {
        take_host(text, hosts->at[i].name, &to->v4[i], &to->v6[i], a);
        to->of[i] = (struct host_answers){&to->v4[i], &to->v6[i]};
    }
}

/* Ours are all addresses that end in 99. */
static bool is_own(void *arg, const struct net_address *address)
{
    unsigned char bytes[16];
    net_address_bytes(address, bytes);
    return bytes[15] == (net_address_is_v6(address) ? 0x99 : 99) && net_address_port(address) == 25;
}

static const struct own_addresses own = {is_own, NULL};

/* ---- ways as text: "mx1 [2001:db8::1]:25, 192.0.2.1:25 | mx2 192.0.2.2:25", or the problem */

static void add_ways(struct buffer *out, const struct way *ways, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_next_host = i == 0 || ways[i].rank != ways[i - 1].rank;
        buffer_add_text(out, i == 0 ? "" : is_next_host ? " | " : ", ");
        if (is_next_host)
            buffer_printf(out, "%.*s ", SPAN_F(ways[i].host));
        net_address_add_endpoint(out, &ways[i].address);
    }
}

static void add_result(struct buffer *out, const struct ways *w)
{
    if (!w->problem.status.class) {
        add_ways(out, w->at, w->count);
        return;
    }
    assert_int_equal(w->problem.code, 0);
    status_add(out, w->problem.status);
    buffer_printf(out, " %.*s", SPAN_F(w->problem.text));
}

static void expect_text(struct buffer *got, const char *text)
{
    if (strcmp(buffer_text(got), text) != 0)
        fail_msg("\"%s\", not \"%s\"", buffer_text(got), text);
    buffer_free(got);
}

struct case_of_domain {
    const char *mx, *hosts, *ways;
};

static void find(const struct case_of_domain *c, struct buffer *out)
{
    struct arena a = ARENA_EMPTY;
    struct answers *answers = arena_new(&a, sizeof *answers);
    struct dns_answer mx = mx_answer(c->mx, &a);
    struct mail_hosts hosts = mail_hosts_find(SPAN("d.test"), &mx, SPAN("us.test"), &a);
    struct ways ways = {.problem = hosts.problem};
    if (!hosts.problem.status.class) {
        take_hosts(answers, c->hosts, &hosts, &a);
        ways = ways_find(SPAN("d.test"), &hosts, answers->of, 25, own, &a);
    }
    add_result(out, &ways);
    arena_clear(&a);
}

static void expect_all(const struct case_of_domain *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer got = BUFFER_EMPTY;
        find(&cases[i], &got);
        expect_text(&got, cases[i].ways);
    }
}

/* ---- RFC 5321 5.1 */

static void better_hosts_come_first(void **state)
{
    static const struct case_of_domain cases[] = {
        {"10 a", "a=192.0.2.1", "a 192.0.2.1:25"},
        {"20 b, 10 a, 30 c", "a=192.0.2.1; b=192.0.2.2; c=192.0.2.3",
         "a 192.0.2.1:25 | b 192.0.2.2:25 | c 192.0.2.3:25"},
        {"65535 b, 0 a", "a=192.0.2.1; b=192.0.2.2", "a 192.0.2.1:25 | b 192.0.2.2:25"},
        {"256 b, 255 a", "a=192.0.2.1; b=192.0.2.2", "a 192.0.2.1:25 | b 192.0.2.2:25"},
        {"10 A.Test", "a.test=192.0.2.1", "a.test 192.0.2.1:25"},
        /* the same host twice is tried twice */
        {"10 a, 20 a", "a=192.0.2.1", "a 192.0.2.1:25 | a 192.0.2.1:25"},
        /* without MX the domain itself */
        {"none", "d.test=192.0.2.1", "d.test 192.0.2.1:25"},
        {"none", "d.test=2001:db8::1", "d.test [2001:db8::1]:25"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void families_take_turns(void **state)
{
    static const struct case_of_domain cases[] = {
        {"10 a", "a=192.0.2.1 192.0.2.2 2001:db8::1",
         "a [2001:db8::1]:25, 192.0.2.1:25, 192.0.2.2:25"},
        {"10 a", "a=192.0.2.1 2001:db8::1 2001:db8::2 2001:db8::3",
         "a [2001:db8::1]:25, 192.0.2.1:25, [2001:db8::2]:25, [2001:db8::3]:25"},
        {"10 a, 20 b", "a=2001:db8::1 192.0.2.1; b=192.0.2.2 2001:db8::2",
         "a [2001:db8::1]:25, 192.0.2.1:25 | b [2001:db8::2]:25, 192.0.2.2:25"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void some_hosts_can_be_missing(void **state)
{
    static const struct case_of_domain cases[] = {
        {"10 a, 20 b", "b=192.0.2.2", "b 192.0.2.2:25"},
        {"10 a, 20 b", "a=; b=192.0.2.2", "b 192.0.2.2:25"},
        {"10 a, 20 b", "a=failed; b=192.0.2.2", "b 192.0.2.2:25"},
        {"10 a, 20 b", "a=192.0.2.1; b=failed", "a 192.0.2.1:25"},
        {"10 a", "a=failed6 192.0.2.1", "a 192.0.2.1:25"},
        {"none", "d.test=failed6 192.0.2.1", "d.test 192.0.2.1:25"},
    };
    expect_all(cases, COUNT_OF(cases));
}

#define NO_MAIL "5.1.10 the domain d.test takes no mail: its operator says so in the DNS (null MX)"

static void domains_without_a_way_say_why(void **state)
{
    static const struct case_of_domain cases[] = {
        {"0 .", "", NO_MAIL},
        {"10 .", "", NO_MAIL},
        {"0 ., 10 .", "", NO_MAIL},
        /* RFC 7505 3: beside others it means nothing */
        {"0 ., 10 a", "a=192.0.2.1", "a 192.0.2.1:25"},
        {"no-name", "", "5.1.2 there is no domain d.test: the DNS does not know it"},
        {"failed", "",
         "4.4.3 the DNS does not say which servers take mail for the domain d.test: SERVFAIL"},
        {"broken", "",
         "5.4.4 the DNS names no mail server for the domain d.test that could be used: its MX "
         "record is malformed"},
        {"none", "d.test=",
         "5.4.4 the domain d.test has no mail server: the DNS has neither an MX record nor an "
         "address for it"},
        {"10 a", "a=", "5.4.4 the mail server of the domain d.test, a, has no address in the DNS"},
        {"10 d.test", "",
         "5.4.4 the mail server of the domain d.test, d.test, has no address in the DNS"},
        {"10 192.0.2.1", "",
         "5.4.4 the mail server of the domain d.test, 192.0.2.1, has no address in the DNS"},
        {"10 a, 20 b", "",
         "5.4.4 the mail servers of the domain d.test (a and others) have no address in the DNS"},
        /* one that may come back is worth waiting for */
        {"10 a, 20 b", "b=failed",
         "4.4.3 the DNS does not say the address of b, a mail server of the domain d.test: "
         "SERVFAIL"},
        {"10 a", "a=failed6",
         "4.4.3 the DNS does not say the address of a, a mail server of the domain d.test: "
         "SERVFAIL"},
        {"none", "d.test=failed",
         "4.4.3 the DNS does not say the address of d.test, a mail server of the domain d.test: "
         "SERVFAIL"},
    };
    expect_all(cases, COUNT_OF(cases));
}

#define OURSELVES                                                                                  \
    "5.4.6 the DNS names this server itself as the mail server of the domain d.test, but it was "  \
    "not told to take mail for this domain"

static void mail_is_not_sent_to_ourselves(void **state)
{
    static const struct case_of_domain cases[] = {
        {"10 us.test", "us.test=192.0.2.1", OURSELVES}, /* by name */
        {"10 US.Test", "us.test=192.0.2.1", OURSELVES},
        {"10 us.test", "", OURSELVES},
        {"10 a", "a=192.0.2.99", OURSELVES}, /* by address */
        {"10 a", "a=2001:db8::99", OURSELVES},
        {"10 a", "a=192.0.2.1 192.0.2.99", OURSELVES}, /* one is enough */
        {"none", "d.test=192.0.2.99", OURSELVES},
        {"10 us.test, 20 b", "b=192.0.2.2", OURSELVES},
        /* only those that are better than we are */
        {"10 a, 20 us.test", "a=192.0.2.1", "a 192.0.2.1:25"},
        {"10 a, 20 us.test, 30 c", "a=192.0.2.1; c=192.0.2.3", "a 192.0.2.1:25"},
        {"10 a, 20 b, 20 c", "a=192.0.2.1; b=192.0.2.2; c=192.0.2.99", "a 192.0.2.1:25"},
        {"10 a, 10 us.test", "a=192.0.2.1", OURSELVES},
        {"10 a, 20 us.test", "a=failed",
         "4.4.3 the DNS does not say the address of a, a mail server of the domain d.test: "
         "SERVFAIL"},
        {"10 a, 20 us.test",
         "a=", "5.4.4 the mail server of the domain d.test, a, has no address in the DNS"},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* ---- bounds */

static void of_too_many_hosts_the_best_are_kept(void **state)
{
    struct buffer mx = BUFFER_EMPTY, hosts = BUFFER_EMPTY, got = BUFFER_EMPTY, want = BUFFER_EMPTY;
    for (int i = 60; i > 0; i--) {
        buffer_printf(&mx, "%s%d h%d", i < 60 ? "," : "", i, i);
        buffer_printf(&hosts, "h%d=192.0.2.%d;", i, i);
    }
    for (int i = 1; i <= MOST_HOSTS; i++)
        buffer_printf(&want, "%sh%d 192.0.2.%d:25", i > 1 ? " | " : "", i, i);
    const struct case_of_domain c = {buffer_text(&mx), buffer_text(&hosts), NULL};
    find(&c, &got);
    expect_text(&got, buffer_text(&want));
    buffer_free(&mx);
    buffer_free(&hosts);
    buffer_free(&want);
}

static size_t count_of(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

/* A host with very many addresses leaves room for others; all together have a bound too. */
static void of_too_many_addresses_some_are_kept(void **state)
{
    struct buffer hosts = BUFFER_EMPTY, got = BUFFER_EMPTY;
    for (int h = 1; h <= 6; h++) {
        buffer_printf(&hosts, "h%d=", h);
        for (int i = 1; i <= 40; i++)
            buffer_printf(&hosts, " 192.0.%d.%d 2001:db8:%d::%d", h, i, h, i);
        buffer_add_char(&hosts, ';');
    }
    const struct case_of_domain c = {"1 h1, 2 h2, 3 h3, 4 h4, 5 h5, 6 h6", buffer_text(&hosts),
                                     NULL};
    find(&c, &got);
    assert_int_equal(count_of(buffer_text(&got), ":25"), MOST_WAYS);
    assert_int_equal(count_of(buffer_text(&got), "192.0.1."), MOST_OF_HOST / 2);
    assert_int_equal(count_of(buffer_text(&got), "2001:db8:1:"), MOST_OF_HOST / 2);
    assert_int_equal(count_of(buffer_text(&got), "192.0.2."), MOST_OF_HOST / 2);
    buffer_free(&hosts);
    buffer_free(&got);
}

static void records_of_a_wrong_length_are_left_out(void **state)
{
    struct span v4[] = {SPAN("\300\0\2"), SPAN("\300\0\2\1"), SPAN("\300\0\2\1\0"), SPAN("")};
    struct span v6[] = {SPAN("\300\0\2\1")};
    struct dns_answer four = {.result = DNS_FOUND, .records = v4, .count = COUNT_OF(v4)};
    struct dns_answer six = {.result = DNS_FOUND, .records = v6, .count = COUNT_OF(v6)};
    struct mail_hosts hosts = {.at = {{.name = SPAN("a")}}, .count = 1};
    struct host_answers answers = {&four, &six};
    struct arena a = ARENA_EMPTY;
    struct buffer got = BUFFER_EMPTY;
    struct ways ways = ways_find(SPAN("d.test"), &hosts, &answers, 25, own, &a);
    add_result(&got, &ways);
    expect_text(&got, "a 192.0.2.1:25");
    arena_clear(&a);
}

/* ---- without MX */

static void a_routes_server_is_looked_up(void **state)
{
    static const struct {
        const char *hosts, *ways;
    } cases[] = {
        {"s.test=192.0.2.1 2001:db8::1", "s.test [2001:db8::1]:25, 192.0.2.1:25"},
        {"s.test=failed6 192.0.2.1", "s.test 192.0.2.1:25"},
        {"s.test=failed", "4.4.3 the DNS does not say the address of s.test, to which a route of "
                          "this server leads: SERVFAIL"},
        {"s.test=", "4.3.5 a route of this server leads to s.test, which has no address in the "
                    "DNS; its operator must correct the route"},
        {"", "4.3.5 a route of this server leads to s.test, which has no address in the DNS; its "
             "operator must correct the route"},
        {"s.test=192.0.2.1 192.0.2.99", "4.3.5 a route of this server leads to s.test, which is "
                                        "this server itself; its operator must correct the route"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer got = BUFFER_EMPTY;
        struct dns_answer v4, v6;
        take_host(cases[i].hosts, SPAN("s.test"), &v4, &v6, &a);
        struct host_answers answers = {&v4, &v6};
        struct ways ways = ways_to_server(SPAN("s.test"), &answers, 25, own, &a);
        add_result(&got, &ways);
        expect_text(&got, cases[i].ways);
        arena_clear(&a);
    }
}

static void addresses_need_no_dns(void **state)
{
    static const struct {
        const char *address, *ways; /* of a route */
        uint16_t port;
    } of_routes[] = {
        {"192.0.2.1", "192.0.2.1 192.0.2.1:24", 24},
        {"2001:db8::1", "2001:db8::1 [2001:db8::1]:25", 25},
        {"192.0.2.99", "192.0.2.99 192.0.2.99:2525", 2525},
        {"192.0.2.99",
         "4.3.5 a route of this server leads to 192.0.2.99, which is this server "
         "itself; its operator must correct the route",
         25},
    };
    static const struct {
        const char *literal, *ways;
    } of_senders[] = {
        {"[192.0.2.1]", "[192.0.2.1] 192.0.2.1:25"},
        {"[IPv6:2001:db8::1]", "[IPv6:2001:db8::1] [2001:db8::1]:25"},
        {"[ipv6:2001:DB8::1]", "[ipv6:2001:DB8::1] [2001:db8::1]:25"},
        {"[192.0.2.99]", "5.4.6 [192.0.2.99] is this server itself, but it was not told to take "
                         "mail for this address"},
        {"[192.0.2.300]", "5.1.2 [192.0.2.300] is not the address of a mail server"},
        {"[tag:content]", "5.1.2 [tag:content] is not the address of a mail server"},
        {"[]", "5.1.2 [] is not the address of a mail server"},
    };
    for (size_t i = 0; i < COUNT_OF(of_routes) + COUNT_OF(of_senders); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer got = BUFFER_EMPTY;
        struct net_address at;
        struct ways ways;
        size_t k = i - COUNT_OF(of_routes);
        if (i < COUNT_OF(of_routes)) {
            struct span address = span_of(of_routes[i].address);
            assert_true(net_address_parse(&at, address, of_routes[i].port));
            ways = ways_to_address(&at, address, own, &a);
        } else {
            ways = ways_to_literal(span_of(of_senders[k].literal), 25, own, &a);
        }
        add_result(&got, &ways);
        expect_text(&got, i < COUNT_OF(of_routes) ? of_routes[i].ways : of_senders[k].ways);
        arena_clear(&a);
    }
}

static void a_unix_socket_is_one_way(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct buffer got = BUFFER_EMPTY;
    struct net_address at;
    assert_true(net_address_unix(&at, SPAN("/run/lmtp")));
    struct ways ways = ways_to_address(&at, SPAN("localhost"), own, &a);
    add_result(&got, &ways);
    expect_text(&got, "localhost /run/lmtp");
    arena_clear(&a);
}

static void what_breaks_the_rules_is_no_domain(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct buffer got = BUFFER_EMPTY;
    struct ways ways = {.problem = mail_hosts_impossible(SPAN("x..test"), &a)};
    add_result(&got, &ways);
    expect_text(&got,
                "5.1.2 there can be no domain x..test: its name breaks the rules for domain names");
    arena_clear(&a);
}

/* ---- spreading */

/* A small generator of George Marsaglia's (xorshift32): the same numbers in each run. */
static uint32_t next_number(void *arg)
{
    uint32_t *x = arg;
    *x ^= *x << 13;
    *x ^= *x >> 17;
    return *x ^= *x << 5;
}

struct tally {
    char order[64];
    size_t count;
};

static void note(struct tally *tally, size_t most, const char *order)
{
    size_t i = 0;
    while (i < most && tally[i].count && strcmp(tally[i].order, order) != 0)
        i++;
    if (i == most)
        fail_msg("not expected: %s", order);
    snprintf(tally[i].order, sizeof tally[i].order, "%s", order);
    tally[i].count++;
}

/* Hosts a, b, c are equal and each in any place; d is worse and stays behind them. What belongs to
 * one host stays together, and families keep taking turns. */
static void equal_hosts_come_in_every_order(void **state)
{
    static const struct case_of_domain c = {
        "5 a, 5 b, 5 c, 10 d", "a=192.0.2.1 2001:db8::1; b=192.0.2.2; c=192.0.2.3; d=192.0.2.4",
        ""};
    enum { RUNS = 6000, ORDERS = 6 };
    struct arena a = ARENA_EMPTY;
    struct answers *answers = arena_new(&a, sizeof *answers);
    struct dns_answer mx = mx_answer(c.mx, &a);
    struct mail_hosts hosts = mail_hosts_find(SPAN("d.test"), &mx, SPAN("us.test"), &a);
    struct tally tally[ORDERS] = {{{0}, 0}};
    uint32_t seed = 1;
    take_hosts(answers, c.hosts, &hosts, &a);
    struct ways ways = ways_find(SPAN("d.test"), &hosts, answers->of, 25, own, &a);
    assert_int_equal(ways.count, 5);
    for (int i = 0; i < RUNS; i++) {
        struct buffer names = BUFFER_EMPTY;
        struct way mixed[5];
        memcpy(mixed, ways.at, sizeof mixed);
        ways_mix(mixed, COUNT_OF(mixed), (struct chance){next_number, &seed});
        for (size_t k = 0; k < COUNT_OF(mixed); k++) {
            bool is_first = k == 0 || mixed[k].rank != mixed[k - 1].rank;
            bool is_a = span_equal(mixed[k].host, SPAN("a"));
            buffer_add_span(&names, is_first ? mixed[k].host : SPAN("+"));
            assert_int_equal(is_a && is_first, net_address_is_v6(&mixed[k].address));
        }
        note(tally, ORDERS, buffer_text(&names));
        buffer_free(&names);
    }
    for (size_t i = 0; i < ORDERS; i++) {
        assert_true(tally[i].count > RUNS / ORDERS * 9 / 10);
        assert_true(tally[i].count < RUNS / ORDERS * 11 / 10);
        assert_true(strchr(tally[i].order, 'd') == tally[i].order + strlen(tally[i].order) - 1);
    }
    arena_clear(&a);
}

static void addresses_of_a_host_come_in_every_order(void **state)
{
    enum { RUNS = 3000, ORDERS = 6 };
    struct tally v4[ORDERS] = {{{0}, 0}}, v6[2] = {{{0}, 0}};
    struct arena a = ARENA_EMPTY;
    struct dns_answer four, six;
    uint32_t seed = 7;
    take_host("s=192.0.2.1 192.0.2.2 192.0.2.3 2001:db8::8 2001:db8::9", SPAN("s"), &four, &six,
              &a);
    struct host_answers answers = {&four, &six};
    struct ways ways = ways_to_server(SPAN("s"), &answers, 25, own, &a);
    assert_int_equal(ways.count, 5);
    for (int i = 0; i < RUNS; i++) {
        char of_v4[4] = "", of_v6[4] = "", families[6] = "";
        struct way mixed[5];
        memcpy(mixed, ways.at, sizeof mixed);
        ways_mix(mixed, COUNT_OF(mixed), (struct chance){next_number, &seed});
        for (size_t k = 0; k < COUNT_OF(mixed); k++) {
            unsigned char bytes[16];
            bool is_v6 = net_address_is_v6(&mixed[k].address);
            net_address_bytes(&mixed[k].address, bytes);
            char *order = is_v6 ? of_v6 : of_v4;
            order[strlen(order)] = (char)('0' + bytes[15]);
            families[k] = is_v6 ? '6' : '4';
        }
        assert_string_equal(families, "64644");
        note(v4, ORDERS, of_v4);
        note(v6, 2, of_v6);
    }
    for (size_t i = 0; i < ORDERS; i++)
        assert_in_range(v4[i].count, RUNS / ORDERS * 9 / 10, RUNS / ORDERS * 11 / 10);
    for (size_t i = 0; i < 2; i++)
        assert_in_range(v6[i].count, RUNS / 2 * 9 / 10, RUNS / 2 * 11 / 10);
    arena_clear(&a);
}

/* Ways to three hosts; of each rule, which are left, and what is told when none is. */
static void hosts_that_must_not_be_used_are_left_out(void **state)
{
    static const struct {
        enum transport_rule rules[3];
        const char *want;
        bool is_for_good[3];
    } cases[] = {
        {{RULE_DANE, RULE_OPPORTUNISTIC, RULE_DANE}, "0 0 1 2"},
        {{RULE_FORBIDDEN, RULE_OPPORTUNISTIC, RULE_FORBIDDEN}, "1"},
        {{RULE_OFF, RULE_FORBIDDEN, RULE_OFF}, "0 0 2"},
        {{RULE_FORBIDDEN, RULE_FORBIDDEN, RULE_FORBIDDEN}, "4.7.5 the first is bad"},
        {{RULE_FORBIDDEN, RULE_FORBIDDEN, RULE_FORBIDDEN},
         "5.7.10 the first is bad",
         {true, true, true}},
        {{RULE_FORBIDDEN, RULE_FORBIDDEN, RULE_FORBIDDEN},
         "4.7.5 the second is bad",
         {true, false, true}},
        {{RULE_FORBIDDEN, RULE_DANE, RULE_FORBIDDEN}, "1", {true, true, true}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct way at[] = {{.rank = 0}, {.rank = 0}, {.rank = 1}, {.rank = 2}};
        struct ways w = {.at = at, .count = COUNT_OF(at)};
        struct transport_demand demands[3] = {{.problem = SPAN("the first is bad")},
                                              {.problem = SPAN("the second is bad")}};
        struct buffer got = BUFFER_EMPTY;
        for (size_t k = 0; k < 3; k++) {
            demands[k].rule = cases[i].rules[k];
            demands[k].is_for_good = cases[i].is_for_good[k];
        }
        ways_demand(&w, demands);
        for (size_t k = 0; k < w.count; k++) {
            assert_ptr_equal(w.at[k].demand, &demands[w.at[k].rank]);
            buffer_printf(&got, "%s%zu", k ? " " : "", w.at[k].rank);
        }
        if (w.problem.status.class)
            buffer_printf(&got, "%d.%d.%d %.*s", w.problem.status.class, w.problem.status.subject,
                          w.problem.status.detail, SPAN_F(w.problem.text));
        assert_string_equal(buffer_text(&got), cases[i].want);
        buffer_free(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(better_hosts_come_first),
        cmocka_unit_test(families_take_turns),
        cmocka_unit_test(some_hosts_can_be_missing),
        cmocka_unit_test(domains_without_a_way_say_why),
        cmocka_unit_test(mail_is_not_sent_to_ourselves),
        cmocka_unit_test(of_too_many_hosts_the_best_are_kept),
        cmocka_unit_test(of_too_many_addresses_some_are_kept),
        cmocka_unit_test(records_of_a_wrong_length_are_left_out),
        cmocka_unit_test(a_routes_server_is_looked_up),
        cmocka_unit_test(addresses_need_no_dns),
        cmocka_unit_test(a_unix_socket_is_one_way),
        cmocka_unit_test(what_breaks_the_rules_is_no_domain),
        cmocka_unit_test(hosts_that_must_not_be_used_are_left_out),
        cmocka_unit_test(equal_hosts_come_in_every_order),
        cmocka_unit_test(addresses_of_a_host_come_in_every_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
