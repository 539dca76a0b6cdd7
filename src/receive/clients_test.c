/* Counters of clients, with a clock of the test's own. */
#include "base/test.h"

#include "base/inet.h"
#include "receive/clients.h"

#include <pthread.h>
#include <string.h>

static void address(unsigned char bytes[16], const char *text)
{
    assert_true(inet_parse(span_of(text), bytes));
}

static bool enter(struct clients *c, struct client *client, const char *from, int64_t now,
                  struct client_refusal *why)
{
    unsigned char bytes[16];
    address(bytes, from);
    *client = (struct client){0};
    return clients_enter(c, client, bytes, now, why);
}

/* ---- sessions */

static const struct clients_settings two_and_three = {
    .address = {2}, .network = {3}, .ipv4_bits = 24, .ipv6_bits = 64, .most_idle = 1000};

static void sessions_of_an_address_and_of_its_network_are_bounded(void **state)
{
    struct clients *c = clients_new(&two_and_three);
    struct client a, b, other, no, far;
    struct client_refusal why;
    assert_true(enter(c, &a, "192.0.2.1", 0, &why) && enter(c, &b, "192.0.2.1", 0, &why));
    assert_false(enter(c, &no, "192.0.2.1", 0, &why));
    assert_true(!why.is_network && !why.is_rate && why.sessions == 2);
    assert_true(enter(c, &other, "192.0.2.2", 0, &why));
    assert_false(enter(c, &no, "192.0.2.3", 0, &why));
    assert_true(why.is_network && !why.is_rate && why.sessions == 3);
    assert_true(enter(c, &far, "192.0.3.1", 0, &why));
    clients_leave(c, &far, 0);
    clients_leave(c, &a, 0);
    clients_leave(c, &a, 0); /* it is gone: nothing */
    assert_true(enter(c, &a, "192.0.2.3", 0, &why));
    clients_leave(c, &a, 0);
    clients_leave(c, &b, 0);
    clients_leave(c, &other, 0);
    assert_int_equal(clients_count(c), 0); /* those that were refused left nothing behind */
    clients_unref(&c);
    assert_null(c);
}

static void networks_are_cut_where_the_bits_end(void **state)
{
    static const struct {
        unsigned v4, v6;
        const char *one, *other;
        bool is_same;
    } cases[] = {
        {24, 64, "192.0.2.1", "192.0.2.254", true},
        {24, 64, "192.0.2.1", "192.0.3.1", false},
        {25, 64, "192.0.2.1", "192.0.2.127", true},
        {25, 64, "192.0.2.1", "192.0.2.128", false},
        {32, 64, "192.0.2.1", "192.0.2.2", false},
        {8, 64, "10.0.0.1", "10.255.0.1", true},
        {24, 64, "192.0.2.1", "::ffff:192.0.2.9", true},
        {24, 64, "2001:db8::1", "2001:db8::ffff:1", true},
        {24, 64, "2001:db8::1", "2001:db8:0:1::1", false},
        {24, 63, "2001:db8::1", "2001:db8:0:1::1", true},
        {24, 128, "2001:db8::1", "2001:db8::2", false},
        {24, 16, "2001:db8::1", "2001:ffff::1", true},
        {24, 64, "192.0.2.1", "2001:db8::1", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct clients_settings s = {.address = {9},
                                           .network = {1},
                                           .ipv4_bits = cases[i].v4,
                                           .ipv6_bits = cases[i].v6,
                                           .most_idle = 1000};
        struct clients *c = clients_new(&s);
        struct client a, b;
        struct client_refusal why;
        assert_true(enter(c, &a, cases[i].one, 0, &why));
        if (enter(c, &b, cases[i].other, 0, &why) == cases[i].is_same)
            fail_msg("%s and %s", cases[i].one, cases[i].other);
        clients_leave(c, &a, 0);
        clients_leave(c, &b, 0);
        clients_unref(&c);
    }
}

static void networks_can_be_named(void **state)
{
    struct clients *c = clients_new(&two_and_three);
    struct buffer text = BUFFER_EMPTY;
    unsigned char bytes[16];
    address(bytes, "192.0.2.77");
    struct network n = clients_network(c, bytes);
    network_print(&text, &n);
    assert_string_equal(buffer_text(&text), "192.0.2.0/24");
    buffer_clear(&text);
    address(bytes, "2001:db8:1:2:3::4");
    n = clients_network(c, bytes);
    network_print(&text, &n);
    assert_string_equal(buffer_text(&text), "2001:db8:1:2:0:0:0:0/64");
    buffer_free(&text);
    clients_unref(&c);
}

/* ---- events */

static void events_have_a_rate_of_their_own(void **state)
{
    const struct clients_settings s = {.address = {9, {{5, 60000}, {2, 60000}, {3, 60000}}},
                                       .network = {9, {{9, 60000}, {3, 60000}, {0, 0}}},
                                       .ipv4_bits = 24,
                                       .ipv6_bits = 64,
                                       .most_idle = 1000};
    struct clients *c = clients_new(&s);
    struct client a, b, nobody = {0};
    struct client_refusal why;
    assert_true(enter(c, &a, "192.0.2.1", 1000, &why) && enter(c, &b, "192.0.2.2", 1000, &why));
    assert_true(clients_take(c, &a, CLIENT_MESSAGE, 1000, &why));
    assert_true(clients_take(c, &a, CLIENT_MESSAGE, 1000, &why));
    assert_false(clients_take(c, &a, CLIENT_MESSAGE, 1000, &why));
    assert_true(why.is_rate && !why.is_network && why.event == CLIENT_MESSAGE);
    assert_true(why.rate.count == 2 && why.rate.period_ms == 60000 && why.wait_ms == 30000);
    for (int i = 0; i < 3; i++)
        assert_true(clients_take(c, &a, CLIENT_RECIPIENT, 1000, &why));
    assert_false(clients_take(c, &a, CLIENT_RECIPIENT, 1000, &why));
    assert_true(why.event == CLIENT_RECIPIENT && why.wait_ms == 20000);

    /* One of the network's three is left. What it refuses does not count for the address. */
    assert_true(clients_take(c, &b, CLIENT_MESSAGE, 1000, &why));
    assert_false(clients_take(c, &b, CLIENT_MESSAGE, 1000, &why));
    assert_true(why.is_network && why.rate.count == 3 && why.wait_ms == 20000);
    assert_true(clients_take(c, &b, CLIENT_MESSAGE, 21000, &why));
    assert_false(clients_take(c, &b, CLIENT_MESSAGE, 21000, &why));
    assert_false(why.is_network); /* it has had its two: the first at 1000, the next in its room */

    for (int i = 0; i < 100; i++) /* who is not counted may do all */
        assert_true(clients_take(c, &nobody, CLIENT_MESSAGE, 1000, &why));
    clients_leave(c, &nobody, 1000);
    clients_leave(c, &a, 21000);
    clients_leave(c, &b, 21000);
    clients_unref(&c);
}

static void connections_have_a_rate_and_a_refused_one_costs_nothing(void **state)
{
    const struct clients_settings s = {.address = {9, {{3, 60000}}},
                                       .network = {9, {{4, 60000}}},
                                       .ipv4_bits = 24,
                                       .ipv6_bits = 64,
                                       .most_idle = 1000};
    struct clients *c = clients_new(&s);
    struct client client;
    struct client_refusal why;
    for (int i = 0; i < 3; i++) {
        assert_true(enter(c, &client, "192.0.2.1", 1000, &why));
        clients_leave(c, &client, 1000);
    }
    for (int i = 0; i < 100; i++) {
        assert_false(enter(c, &client, "192.0.2.1", 1000, &why));
        assert_true(why.is_rate && why.event == CLIENT_CONNECTION && why.wait_ms == 20000);
    }
    assert_true(enter(c, &client, "192.0.2.2", 1000, &why));
    clients_leave(c, &client, 1000);
    for (int i = 0; i < 100; i++) { /* by the network: it is given back to the address */
        assert_false(enter(c, &client, "192.0.2.3", 1000, &why));
        assert_true(why.is_network && why.wait_ms == 15000);
    }
    assert_true(enter(c, &client, "192.0.2.3", 16000, &why));
    clients_leave(c, &client, 16000);
    clients_unref(&c);
}

/* ---- memory */

static void old_counters_drop_out(void **state)
{
    const struct clients_settings s = {.address = {9, {{2, 60000}}},
                                       .network = {1000000, {{0, 0}}},
                                       .ipv4_bits = 24,
                                       .ipv6_bits = 64,
                                       .most_idle = 640,
                                       .seed = 1};
    struct clients *c = clients_new(&s);
    struct client client, kept;
    struct client_refusal why;
    unsigned char bytes[16] = {0x20, 1, 0x0d, 0xb8};
    assert_true(enter(c, &kept, "192.0.2.1", 0, &why));
    for (unsigned i = 0; i < 100000; i++) { /* a stranger with a network of addresses */
        bytes[14] = (unsigned char)(i >> 8);
        bytes[15] = (unsigned char)i;
        bytes[13] = (unsigned char)(i >> 16);
        client = (struct client){0};
        assert_true(clients_enter(c, &client, bytes, 1, &why));
        clients_leave(c, &client, 1);
    }
    assert_true(clients_count(c) <= 640 + 2);
    assert_true(clients_count(c) > 320);
    clients_leave(c, &kept, 1); /* it has been there all the time */
    assert_true(enter(c, &client, "192.0.2.1", 1, &why));
    clients_leave(c, &client, 1);
    assert_false(enter(c, &client, "192.0.2.1", 1, &why));
    /* What remembers nothing any more makes room for what comes. */
    for (unsigned i = 0; i < 1000; i++) {
        bytes[12] = 1;
        bytes[14] = (unsigned char)(i >> 8);
        bytes[15] = (unsigned char)i;
        client = (struct client){0};
        assert_true(clients_enter(c, &client, bytes, 1000000 + i * 30000, &why));
        clients_leave(c, &client, 1000000 + i * 30000);
    }
    assert_true(clients_count(c) < 200);
    clients_unref(&c);
}

/* ---- threads */

static void *come_and_go(void *arg)
{
    struct clients *c = arg;
    for (int i = 0; i < 2000; i++) {
        struct client client = {0};
        struct client_refusal why;
        unsigned char bytes[16] = {[10] = 0xFF, 0xFF, 192, 0, 2, [15] = (unsigned char)(i % 3)};
        if (!clients_enter(c, &client, bytes, i, &why))
            continue;
        clients_take(c, &client, CLIENT_MESSAGE, i, &why);
        clients_leave(c, &client, i);
    }
    return NULL;
}

static void threads_leave_no_session_behind(void **state)
{
    const struct clients_settings s = {.address = {2},
                                       .network = {3, {{0, 0}, {10, 1000}}},
                                       .ipv4_bits = 24,
                                       .ipv6_bits = 64,
                                       .most_idle = 1000};
    struct clients *c = clients_new(&s);
    pthread_t threads[4];
    struct client a, b, third;
    struct client_refusal why;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, c), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_true(enter(c, &a, "192.0.2.1", 1000000, &why) &&
                enter(c, &b, "192.0.2.1", 1000000, &why));
    assert_false(enter(c, &third, "192.0.2.1", 1000000, &why));
    clients_leave(c, &a, 1000000);
    clients_leave(c, &b, 1000000);
    clients_unref(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_an_address_and_of_its_network_are_bounded),
        cmocka_unit_test(networks_are_cut_where_the_bits_end),
        cmocka_unit_test(networks_can_be_named),
        cmocka_unit_test(events_have_a_rate_of_their_own),
        cmocka_unit_test(connections_have_a_rate_and_a_refused_one_costs_nothing),
        cmocka_unit_test(old_counters_drop_out),
        cmocka_unit_test(threads_leave_no_session_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
