/* Dialling over real sockets of loopback, on a real loop. A host is written as a number, and how an
 * address of it behaves as a letter: "1h 1o 2r" is a host with two addresses, of which one hangs
 * and one answers, and a second host that refuses. */
#include "base/test.h"

#include "base/list.h"
#include "deliver/dial.h"
#include "sys/clock.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 8, MARGIN = 150 /* ms that a busy machine may be late */, GUARD = 10000 };

/* ---- the other side */

struct peer {
    int fd, filling[2];
    struct net_address address;
};

static void peer_bind(struct peer *p, const char *host)
{
    *p = (struct peer){.filling = {-1, -1}};
    assert_true(net_address_parse(&p->address, span_of(host), 0));
    p->fd = socket(p->address.at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(p->fd >= 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&p->address.at, p->address.len), 0);
    assert_int_equal(getsockname(p->fd, (struct sockaddr *)&p->address.at, &p->address.len), 0);
}

/* A full backlog: the system answers no SYN any more. */
static void peer_fill(struct peer *p)
{
    assert_int_equal(listen(p->fd, 0), 0);
    for (int i = 0; i < 2; i++) {
        p->filling[i] = net_connect(&p->address, NULL);
        assert_true(p->filling[i] >= 0);
    }
}

/* 'o': takes connections, 'r': refuses, 'h': hangs */
static void peer_open(struct peer *p, char how)
{
    peer_bind(p, "127.0.0.1");
    if (how == 'o')
        assert_int_equal(listen(p->fd, 16), 0);
    if (how == 'h')
        peer_fill(p);
}

static void peer_close(struct peer *p)
{
    for (int i = 0; i < 2; i++)
        if (p->filling[i] >= 0)
            close(p->filling[i]);
    close(p->fd);
}

/* ---- one call */

struct call {
    struct loop *loop;
    struct dial *dial;
    struct timer guard;
    struct way ways[MOST];
    size_t count;
    char failed[MOST + 1]; /* the indexes of ways, in the order in which they failed */
    int reached;           /* the index, or -1 */
    int last;              /* likewise; of the way that came with the end */
    char words[512];
    int fd;
    bool is_done;
    int64_t began, took;
};

static void failed(void *arg, const struct way *w)
{
    struct call *c = arg;
    assert_false(c->is_done);
    c->failed[strlen(c->failed)] = (char)('0' + (w - c->ways));
}

static void done(void *arg, int fd, const struct way *w, const struct error *why)
{
    struct call *c = arg;
    assert_non_null(c->dial); /* never from within dial_new */
    assert_false(c->is_done);
    assert_int_equal(fd < 0, why != NULL);
    c->is_done = true;
    c->fd = fd;
    c->last = w ? (int)(w - c->ways) : -1;
    c->reached = fd >= 0 ? c->last : -1;
    snprintf(c->words, sizeof c->words, "%s", why ? why->text : "");
    c->took = clock_monotonic_ms() - c->began;
    dial_free(&c->dial);
    loop_stop(c->loop);
}

static void guard_due(struct timer *t)
{
    fail_msg("the dial does not end");
}

static uint32_t first(void *arg)
{
    return 0;
}

static void call_begin(struct call *c, int64_t patience, const struct target *target,
                       struct chance chance)
{
    struct error e;
    c->loop = loop_new(&e);
    assert_non_null(c->loop);
    c->guard.due = guard_due;
    timer_set(c->loop, &c->guard, loop_now(c->loop) + GUARD);
    const struct dial_settings s = {.loop = c->loop,
                                    .patience = patience,
                                    .target = target,
                                    .chance = chance,
                                    .failed = failed,
                                    .done = done,
                                    .arg = c};
    c->began = clock_monotonic_ms();
    c->dial = dial_new(&s, c->ways, c->count);
}

static void call_end(struct call *c)
{
    if (c->fd > 0)
        close(c->fd);
    timer_stop(c->loop, &c->guard);
    dial_free(&c->dial);
    loop_free(&c->loop);
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *d = opendir("/proc/self/fd");
    assert_non_null(d);
    while (readdir(d))
        count++;
    closedir(d);
    return count;
}

static void ways_open(struct call *c, struct peer *peers, const char *text)
{
    struct span rest = span_of(text);
    for (struct span word; (word = span_word(&rest)).len; c->count++) {
        struct peer *p = &peers[c->count];
        peer_open(p, word.at[1]);
        c->ways[c->count] = (struct way){
            .address = p->address, .host = span_first(word, 1), .rank = (size_t)(word.at[0] - '0')};
    }
}

/* ---- who is tried when */

static const struct target no_sources;
static const struct chance no_chance = {first, NULL};

struct case_of_ways {
    const char *ways;
    int64_t patience;
    int reached;
    const char *failed;
    int64_t took;      /* ms */
    const char *words; /* of a failure */
    int last;
};

/* False: it was right, but late. */
static bool is_in_time(const struct case_of_ways *w)
{
    struct call c = {.fd = -1};
    struct peer peers[MOST];
    size_t before = open_descriptors();
    ways_open(&c, peers, w->ways);
    call_begin(&c, w->patience, &no_sources, no_chance);
    loop_run(c.loop);
    if (c.reached != w->reached || strcmp(c.failed, w->failed) != 0 || c.took + 2 < w->took ||
        c.last != (w->reached < 0 ? w->last : w->reached))
        fail_msg("%s: reached %d, failed \"%s\", last %d, after %lld ms", w->ways, c.reached,
                 c.failed, c.last, (long long)c.took);
    if (w->reached < 0)
        assert_string_equal(c.words, w->words);
    call_end(&c);
    for (size_t i = 0; i < c.count; i++)
        peer_close(&peers[i]);
    assert_int_equal(open_descriptors(), before); /* attempts that lost are closed */
    return c.took <= w->took + MARGIN;
}

/* A machine that is busy with other things may be late now and then, but not each time. */
static void expect(const struct case_of_ways *w)
{
    enum { MOST_TRIES = 10 };
    size_t tries = 1;
    while (!is_in_time(w))
        if (tries++ == MOST_TRIES)
            fail_msg("%s: later than after %d ms", w->ways, (int)w->took + MARGIN);
}

static void expect_all(const struct case_of_ways *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(&cases[i]);
}

static void addresses_of_a_host_race(void **state)
{
    static const struct case_of_ways cases[] =
        {
            {"1o", 1000, 0, "", 0},
            {"1o 1o", 1000, 0, "", 0},
            {"1h 1o", 2000, 1, "", 250},
            {"1h 1h 1o", 2000, 2, "", 500},
            {"1r 1o", 2000, 1, "0", 0},      /* at once */
            {"1h 1r 1o", 2000, 2, "1", 250}, /* the second fails: the third at once */
            {"1r 1h 1o", 2000, 2, "0", 250},
            {"1h 1o", 100, 1, "0", 100}, /* the first fails before its 250 ms are over: likewise */
        };
    expect_all(cases, COUNT_OF(cases));
}

static void hosts_wait_for_each_other(void **state)
{
    static const struct case_of_ways cases[] = {
        {"1o 2o", 1000, 0, "", 0},       {"1r 2o", 1000, 1, "0", 0},
        {"1h 2o", 600, 1, "0", 600}, /* not after 250 ms */
        {"1h 1h 2o", 500, 2, "01", 750}, {"1h 1r 2o", 500, 2, "10", 500},
        {"1h 2h 3o", 300, 2, "01", 600}, {"1r 2h 2o", 1000, 2, "0", 250},
    };
    expect_all(cases, COUNT_OF(cases));
}

#define REFUSED "could not connect: Connection refused"
#define TOO_SLOW "could not connect: no answer in time"

static void what_failed_last_has_the_word(void **state)
{
    static const struct case_of_ways cases[] = {
        {"1r", 1000, -1, "0", 0, REFUSED, 0},       {"1r 1r 2r", 1000, -1, "012", 0, REFUSED, 2},
        {"1h", 300, -1, "0", 300, TOO_SLOW, 0},     {"1h 1h", 300, -1, "01", 550, TOO_SLOW, 1},
        {"1h 1r", 400, -1, "10", 400, TOO_SLOW, 0}, {"1h 2r", 300, -1, "01", 300, REFUSED, 1},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* What can't even be begun is a failure like others, and all of it comes through the loop. */
static void ways_that_cannot_be_begun_fail(void **state)
{
    struct call c = {.fd = -1, .count = 2};
    struct peer p;
    peer_open(&p, 'o');
    c.ways[0].address.at.ss_family = AF_UNIX; /* an empty name */
    c.ways[0].address.len = sizeof(sa_family_t);
    c.ways[1] = (struct way){.address = p.address, .rank = 1};
    call_begin(&c, 1000, &no_sources, no_chance);
    loop_run(c.loop);
    assert_int_equal(c.reached, 1);
    assert_string_equal(c.failed, "0");
    call_end(&c);
    peer_close(&p);
}

static void stop_due(struct timer *t)
{
    struct call *c = LIST_ENTRY(t, struct call, guard);
    dial_free(&c->dial);
    loop_stop(c->loop);
}

/* Given up in the middle: nothing is told any more, nothing stays open. */
static void a_dial_can_be_given_up(void **state)
{
    size_t before = open_descriptors();
    struct call c = {.fd = -1};
    struct peer peers[MOST];
    ways_open(&c, peers, "1h 1h 1h 2o");
    call_begin(&c, 1000, &no_sources, no_chance);
    c.guard.due = stop_due;
    timer_set(c.loop, &c.guard, loop_now(c.loop) + 300);
    loop_run(c.loop);
    assert_false(c.is_done);
    assert_null(c.dial);
    assert_string_equal(c.failed, "");
    call_end(&c);
    for (size_t i = 0; i < c.count; i++)
        peer_close(&peers[i]);
    assert_int_equal(open_descriptors(), before);
}

/* ---- from where */

static uint32_t counting(void *arg)
{
    return (*(uint32_t *)arg)++;
}

/* Connects `times` times, and adds the addresses that the other side saw: "127.0.2.1 127.0.2.2 ".
 */
static void seen_from(struct buffer *seen, const char *host, const char *target, size_t times)
{
    struct arena a = ARENA_EMPTY;
    struct target t;
    uint32_t number = 0;
    struct peer p;
    peer_bind(&p, host);
    assert_int_equal(listen(p.fd, 16), 0);
    assert_true(target_parse_name(span_of(target), &t, &a));
    for (size_t i = 0; i < times; i++) {
        struct call c = {.fd = -1, .count = 1, .ways = {{.address = p.address}}};
        struct net_address from;
        call_begin(&c, 1000, &t, (struct chance){counting, &number});
        loop_run(c.loop);
        if (c.reached == 0) {
            int fd = net_accept(p.fd, &from);
            assert_true(fd >= 0);
            net_address_add(seen, &from);
            close(fd);
        } else {
            buffer_add_text(seen, c.words);
        }
        buffer_add_char(seen, ' ');
        call_end(&c);
    }
    peer_close(&p);
    arena_clear(&a);
}

#define ONE "127.0.2.1 "
#define TWO "127.0.2.2 "

static void sources_are_used_by_their_weights(void **state)
{
    static const struct {
        const char *host, *target;
        size_t times;
        const char *seen;
    } cases[] = {
        {"127.0.0.1", "mx", 2, "127.0.0.1 127.0.0.1 "},
        {"127.0.0.1", "mx source 127.0.2.1", 2, ONE ONE},
        {"127.0.0.1", "mx source 127.0.2.1,127.0.2.2", 4, ONE TWO ONE TWO},
        {"127.0.0.1", "mx source 127.0.2.1,127.0.2.2*3", 8, ONE TWO TWO TWO ONE TWO TWO TWO},
        {"127.0.0.1", "127.0.0.1:25 source 127.0.2.1*2,127.0.2.2", 3, ONE ONE TWO},
        /* those of the other family do not count */
        {"127.0.0.1", "mx source ::1*9,127.0.2.1,127.0.2.2", 4, ONE TWO ONE TWO},
        {"127.0.0.1", "mx source ::1", 1, "127.0.0.1 "},
        {"127.0.0.1", "mx source 192.0.2.1", 1,
         "could not connect from 192.0.2.1: Cannot assign requested address "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer seen = BUFFER_EMPTY;
        seen_from(&seen, cases[i].host, cases[i].target, cases[i].times);
        assert_string_equal(buffer_text(&seen), cases[i].seen);
        buffer_free(&seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_a_host_race),
        cmocka_unit_test(hosts_wait_for_each_other),
        cmocka_unit_test(what_failed_last_has_the_word),
        cmocka_unit_test(ways_that_cannot_be_begun_fail),
        cmocka_unit_test(a_dial_can_be_given_up),
        cmocka_unit_test(sources_are_used_by_their_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
