/* Asks a name server of its own: a thread that answers every question for addresses but those for
 * names that begin with "silent". */
#include "base/test.h"

#include "sys/resolve.h"
#include "sys/worker.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUESTION_AT = 12, PATIENCE = 3000 /* ms, where an answer comes */, SOON = 150 };

static int server;
static struct loop *loop;
static struct dns *dns;
static struct resolve *resolve;
static int done_count;

/* ---- the name server (RFC 1035 4.1) */

static size_t question_end(const unsigned char *packet)
{
    size_t at = QUESTION_AT;
    while (packet[at])
        at += 1u + packet[at];
    return at + 1 + 4;
}

static size_t answer(unsigned char *packet)
{
    static const unsigned char address[] = {0xc0, QUESTION_AT, 0, 1, 0,   1, 0, 0,
                                            0,    60,          0, 4, 192, 0, 2, 1};
    size_t len = question_end(packet);
    packet[2] = 0x84; /* an answer, by authority */
    packet[3] = 0;
    memcpy(packet + 4, "\0\1\0\1\0\0\0\0", 8);
    memcpy(packet + len, address, sizeof address);
    return len + sizeof address;
}

static void *serve(void *arg)
{
    unsigned char packet[4096];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    while (recvfrom(server, packet, 512, 0, (void *)&from, &size) > QUESTION_AT) {
        if (memcmp(packet + QUESTION_AT + 1, "silent", 6) != 0)
            sendto(server, packet, answer(packet), 0, (void *)&from, size);
        size = sizeof from;
    }
    return NULL;
}

static uint16_t server_open(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server, (void *)&at, size), 0);
    assert_int_equal(getsockname(server, (void *)&at, &size), 0);
    return ntohs(at.sin_port);
}

/* ---- asking it */

static int start(void **state)
{
    struct error e;
    struct buffer at = BUFFER_EMPTY;
    buffer_printf(&at, "127.0.0.1:%u", server_open());
    const struct span servers[] = {buffer_span(&at)};
    const struct dns_settings settings = {.servers = servers, .server_count = 1};
    thread_start(serve, NULL, "name server");
    loop = loop_new(&e);
    dns = dns_new(&settings, loop, &e);
    assert_non_null(dns);
    resolve = resolve_new(dns, loop);
    buffer_free(&at);
    done_count = 0;
    return 0;
}

static int end(void **state)
{
    dns_free(&dns);
    resolve_free(&resolve);
    loop_free(&loop);
    shutdown(server, SHUT_RDWR); /* its thread ends */
    close(server);
    return 0;
}

static void done(struct resolving *g)
{
    done_count++;
    loop_stop(loop);
}

static void stop(struct timer *t)
{
    loop_stop(loop);
}

static void run_for(int64_t ms)
{
    struct timer timer = {.due = stop};
    timer_set(loop, &timer, loop_now(loop) + ms);
    loop_run(loop);
    timer_stop(loop, &timer);
}

static bool is_found(struct lookups *l, const char *name)
{
    const struct dns_answer *a = lookups_get(l, span_of(name), DNS_A);
    return a && a->result == DNS_FOUND && a->count == 1;
}

static void all_that_is_open_is_answered_at_once(void **state)
{
    struct lookups l = {0};
    struct resolving g = {.lookups = &l, .done = done};
    assert_null(lookups_get(&l, SPAN("one.example.org"), DNS_A));
    assert_null(lookups_get(&l, SPAN("a name.example.org"), DNS_A));
    resolve_start(resolve, &g, loop_now(loop) + PATIENCE);
    assert_true(resolve_is_under_way(&g));
    assert_int_equal(done_count, 0);
    run_for(PATIENCE);
    assert_int_equal(done_count, 1);
    assert_true(is_found(&l, "one.example.org"));
    assert_true(is_found(&l, "a name.example.org"));
    assert_null(lookups_get(&l, SPAN("two.example.org"), DNS_A)); /* it goes on from there */
    resolve_start(resolve, &g, loop_now(loop) + PATIENCE);
    run_for(PATIENCE);
    assert_int_equal(done_count, 2);
    assert_true(is_found(&l, "two.example.org"));
    assert_null(lookups_get(&l, SPAN("Three.example.org"), DNS_A));
    assert_false(resolve_known(resolve, &l));
    assert_false(resolve_is_under_way(&g));
    lookups_free(&l);
    assert_null(lookups_get(&l, SPAN("Two.example.org"), DNS_A)); /* it is still good */
    assert_true(resolve_known(resolve, &l));
    assert_true(is_found(&l, "two.example.org"));
    lookups_free(&l);
}

static void what_has_no_answer_in_time_is_given_up(void **state)
{
    struct lookups l = {0};
    struct resolving g = {.lookups = &l, .done = done};
    assert_null(lookups_get(&l, SPAN("silent.example.org"), DNS_A));
    assert_null(lookups_get(&l, SPAN("loud.example.org"), DNS_A));
    resolve_start(resolve, &g, loop_now(loop) + SOON);
    run_for(PATIENCE);
    assert_int_equal(done_count, 1);
    assert_true(is_found(&l, "loud.example.org"));
    const struct dns_answer *a = lookups_get(&l, SPAN("silent.example.org"), DNS_A);
    assert_int_equal(a->result, DNS_FAILED);
    assert_string_equal(a->why.at, "no name server has answered in time");
    lookups_free(&l);
}

static void who_stops_hears_nothing_more(void **state)
{
    struct lookups l = {0};
    struct resolving g = {.lookups = &l, .done = done};
    resolve_stop(&g);
    assert_null(lookups_get(&l, SPAN("loud.example.org"), DNS_A));
    assert_null(lookups_get(&l, SPAN("silent.example.org"), DNS_A));
    resolve_start(resolve, &g, loop_now(loop) + SOON);
    resolve_stop(&g);
    lookups_free(&l);
    g.lookups = NULL;
    run_for(2 * SOON);
    assert_int_equal(done_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_that_is_open_is_answered_at_once, start, end),
        cmocka_unit_test_setup_teardown(what_has_no_answer_in_time_is_given_up, start, end),
        cmocka_unit_test_setup_teardown(who_stops_hears_nothing_more, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
