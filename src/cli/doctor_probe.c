#include "cli/doctor_probe.h"

#include "base/inet.h"
#include "base/list.h"
#include "base/memory.h"
#include "mail/date.h"
#include "smtp/reply.h"
#include "sys/clock.h"
#include "sys/http_fetch.h"
#include "sys/net.h"
#include "sys/tls.h"
#include "transport/mta_sts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

/* A server may make strangers wait some seconds for its greeting. */
enum { CONNECT_MS = 6000, TALK_MS = 14000, FETCH_MS = 10000, THREADS = 4, MOST_CHAIN = 6 };
enum { SUBMISSIONS = 465 };

enum step { CONNECTING, GREETING, EHLO, STARTTLS, HANDSHAKE, DONE };

struct run {
    const struct doctor_probe_settings *settings;
    struct loop *loop;
    struct tls_context *trust;
    struct workers *workers;
    struct arena *arena;
    size_t left;
};

struct probing {
    struct run *run;
    struct doctor_probe *result;
    struct watch watch;
    struct timer patience;
    struct tls *tls;
    struct reply_parser parser;
    enum step step;
};

/* ---- the end of one */

static void one_less(struct run *r)
{
    if (--r->left == 0)
        loop_stop(r->loop);
}

static void finish(struct probing *p)
{
    static const char quit[] = "QUIT\r\n";
    if (p->step > GREETING && p->step != HANDSHAKE)
        stream_send(p->watch.fd, p->tls, quit, sizeof quit - 1, 0);
    p->step = DONE;
    timer_stop(p->run->loop, &p->patience);
    stream_close(p->run->loop, &p->watch, &p->tls);
    reply_parser_free(&p->parser);
    one_less(p->run);
}

static bool is_no_way(int why)
{
    return why == ENETUNREACH || why == EAFNOSUPPORT || why == EADDRNOTAVAIL;
}

static void fail(struct probing *p, int why)
{
    p->result->end = why == ECONNREFUSED ? PROBE_REFUSED
                     : why == ETIMEDOUT  ? PROBE_SILENT
                     : is_no_way(why)    ? PROBE_NO_WAY
                                         : PROBE_BROKE;
    p->result->why = arena_copy(p->run->arena, span_of(strerror(why)));
}

/* The server has spoken, and then no more. */
static void break_off(struct probing *p, const char *why)
{
    if (p->step == STARTTLS || p->step == HANDSHAKE)
        p->result->problem = span_of(why);
    else if (p->step == GREETING || p->step == CONNECTING)
        p->result->why = span_of(why);
    finish(p);
}

static void patience_ends(struct timer *t)
{
    struct probing *p = LIST_ENTRY(t, struct probing, patience);
    if (p->step == CONNECTING || p->step == GREETING)
        p->result->end = PROBE_SILENT;
    break_off(p, "no answer came in time");
}

/* ---- what is said */

static void say(struct probing *p, enum step step, struct span line)
{
    p->step = step;
    if (stream_send(p->watch.fd, p->tls, line.at, line.len, 0) != (ssize_t)line.len)
        break_off(p, "the connection broke");
}

static void take_chain(struct probing *p)
{
    struct doctor_probe *r = p->result;
    struct tls_shown shown[MOST_CHAIN];
    size_t count = tls_shown(p->tls, shown, MOST_CHAIN, p->run->arena);
    struct doctor_certificate *chain = arena_new(p->run->arena, (count + 1) * sizeof *chain);
    for (size_t i = 0; i < count; i++) {
        const struct tls_certificate *c = &shown[i].certificate;
        chain[i] = (struct doctor_certificate){.names = c->names,
                                               .name_count = c->name_count,
                                               .begins_ms = c->begins_ms,
                                               .ends_ms = c->ends_ms,
                                               .issuer = c->issuer,
                                               .kind = c->kind,
                                               .whole = shown[i].whole,
                                               .key = shown[i].key};
    }
    r->chain = chain;
    r->chain_count = count;
    r->version = span_of(tls_version(p->tls));
    r->is_encrypted = true;
    /* A chain comes to whom we trust before its names and dates are looked at. */
    r->is_trusted = tls_flaw(p->tls) != TLS_FLAW_TRUST;
    if (!r->is_trusted)
        r->distrust = span_of(tls_flaw_words(p->tls));
}

static void shaken(void *arg, const struct error *why)
{
    struct probing *p = arg;
    if (why) {
        break_off(p, arena_copy(p->run->arena, span_of(why->text)).at);
        return;
    }
    take_chain(p);
    if (p->result->port != SUBMISSIONS) {
        p->step = EHLO; /* it can be told goodbye */
        finish(p);
        return;
    }
    p->step = GREETING;
    watch_start(p->run->loop, &p->watch, stream_events(p->tls, EPOLLIN));
}

static void shake_hands(struct probing *p)
{
    const struct tls_wish wish = {
        .name = p->result->host, .proof = TLS_PROOF_AUTHORITY, .is_noted_only = true};
    p->step = HANDSHAKE;
    watch_stop(p->run->loop, &p->watch);
    p->tls = tls_call(p->run->trust, p->watch.fd, &wish);
    tls_shake_hands(p->tls, p->run->loop, p->run->workers, (struct tls_done){shaken, p});
}

static bool offers_encryption(struct span text)
{
    span_cut(&text, '\n');
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        if (span_equal_nocase(span_trim(line), SPAN("STARTTLS")))
            return true;
    }
    return false;
}

static void take_reply(struct probing *p, const struct reply *reply)
{
    struct arena *a = p->run->arena;
    struct span text = arena_copy(a, reply->text);
    switch (p->step) {
    case GREETING:
        p->result->end = PROBE_SPOKE;
        p->result->code = reply->code;
        p->result->greeting = text;
        if (reply->code == 220)
            say(p, EHLO, arena_printf(a, "EHLO %.*s\r\n", SPAN_F(p->run->settings->hostname)));
        else
            finish(p);
        break;
    case EHLO:
        if (reply->code == 250)
            p->result->extensions = text;
        if (!p->tls && offers_encryption(p->result->extensions))
            say(p, STARTTLS, SPAN("STARTTLS\r\n"));
        else
            finish(p);
        break;
    case STARTTLS:
        if (reply->code == 220)
            shake_hands(p);
        else
            break_off(p, arena_printf(a, "%d %.*s", reply->code, SPAN_F(text)).at);
        break;
    case CONNECTING:
    case HANDSHAKE:
    case DONE:
        break;
    }
}

static void take_bytes(struct probing *p, struct span bytes)
{
    struct reply reply;
    enum reply_result result = reply_parse(&p->parser, &bytes, &reply);
    if (result == REPLY_DONE) {
        take_reply(p, &reply);
    } else if (result == REPLY_MALFORMED) {
        p->result->end = PROBE_BROKE;
        break_off(p, "what answers there does not speak SMTP");
    }
}

/* ---- the connection */

static void connected(struct probing *p)
{
    int why = net_connect_error(p->watch.fd);
    if (why) {
        fail(p, why);
        finish(p);
        return;
    }
    timer_stop(p->run->loop, &p->patience);
    timer_set(p->run->loop, &p->patience, loop_now(p->run->loop) + TALK_MS);
    p->step = GREETING;
    if (p->result->port == SUBMISSIONS)
        shake_hands(p);
    else
        watch_change(p->run->loop, &p->watch, EPOLLIN);
}

static void ready(struct watch *w, uint32_t events)
{
    struct probing *p = LIST_ENTRY(w, struct probing, watch);
    char bytes[TLS_RECORD];
    if (p->step == CONNECTING) {
        connected(p);
        return;
    }
    ssize_t n = stream_recv(w->fd, p->tls, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        take_bytes(p, span_make(bytes, (size_t)n));
    else
        break_off(p, "the server closed the connection");
    if (p->step != DONE && p->step != HANDSHAKE)
        watch_change(p->run->loop, w, stream_events(p->tls, EPOLLIN));
}

static bool start(struct probing *p)
{
    struct net_address at;
    const unsigned char *address = p->result->address;
    bool is_v4 = inet_is_v4(address);
    struct span bytes = is_v4 ? span_make(address + 12, 4) : span_make(address, 16);
    p->watch.fd = -1;
    errno = EADDRNOTAVAIL;
    if (net_address_from_bytes(&at, bytes, p->result->port))
        p->watch.fd = net_connect(&at, NULL);
    if (p->watch.fd < 0) {
        fail(p, errno);
        return false;
    }
    p->watch.ready = ready;
    p->patience.due = patience_ends;
    watch_start(p->run->loop, &p->watch, EPOLLOUT);
    timer_set(p->run->loop, &p->patience, clock_monotonic_ms() + CONNECT_MS);
    return true;
}

/* ---- the policy */

struct fetching {
    struct work work;
    struct run *run;
    const char *host, *addresses;
    enum http_result result;
    int64_t our_date_ms;
    struct buffer body, type, date;
    struct error why;
};

static void fetch(struct work *w) /* in a worker */
{
    struct fetching *f = LIST_ENTRY(w, struct fetching, work);
    atomic_bool stops = false;
    const struct http_fetch wish = {.host = f->host,
                                    .path = "/.well-known/mta-sts.txt",
                                    .addresses = f->addresses,
                                    .authorities = f->run->settings->authorities,
                                    .most = STS_LONGEST_POLICY,
                                    .most_ms = FETCH_MS,
                                    .date = &f->date,
                                    .stops = &stops};
    f->result = http_fetch(&wish, &f->body, &f->type, &f->why);
    f->our_date_ms = clock_now_ms();
}

static void fetched(struct task *t)
{
    one_less(LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct fetching, work)->run);
}

static void start_fetching(struct fetching *f, const struct doctor_report *r)
{
    f->host = arena_text(f->run->arena, r->policy_host);
    f->addresses = arena_text(f->run->arena, r->policy_addresses);
    f->work = (struct work){.task.run = fetched, .loop = f->run->loop, .call = fetch};
    workers_submit(f->run->workers, &f->work);
}

static void take_policy(struct doctor_policy *p, struct fetching *f)
{
    struct arena *a = f->run->arena;
    int zone;
    *p = (struct doctor_policy){.is_fetched = f->result == HTTP_FETCHED,
                                .text = arena_copy(a, buffer_span(&f->body)),
                                .type = arena_copy(a, buffer_span(&f->type)),
                                .why = SPAN_NONE,
                                .our_date_ms = f->our_date_ms};
    if (f->result != HTTP_FETCHED)
        p->why = arena_copy(a, span_of(f->why.text));
    if (!date_parse(buffer_span(&f->date), &p->date_ms, &zone))
        p->date_ms = 0;
    buffer_free(&f->body);
    buffer_free(&f->type);
    buffer_free(&f->date);
}

/* ---- all of it */

static enum doctor_clock look_at_clock(void)
{
    struct timex t = {0};
    int state = adjtimex(&t); /* reads only, as no mode is set */
    return state < 0                                        ? CLOCK_UNKNOWN
           : state == TIME_ERROR || (t.status & STA_UNSYNC) ? CLOCK_ALONE
                                                            : CLOCK_KEPT;
}

static void run_all(struct run *r, const struct doctor_report *report, struct doctor_probe *results,
                    struct doctor_probes *probes)
{
    struct probing *all = memory_new((report->target_count + 1) * sizeof *all);
    struct fetching policy = {.run = r};
    for (size_t i = 0; i < report->target_count; i++) {
        const struct doctor_target *t = &report->targets[i];
        results[i] = (struct doctor_probe){
            .host = arena_copy(r->arena, t->host), .port = t->port, .end = PROBE_BROKE};
        memcpy(results[i].address, t->address, 16);
        all[i] = (struct probing){.run = r, .result = &results[i]};
        r->left += start(&all[i]);
    }
    if (report->policy_host.len) {
        r->left++;
        start_fetching(&policy, report);
    }
    if (r->left)
        loop_run(r->loop);
    take_policy(&probes->policy, &policy);
    workers_free(&r->workers);
    loop_stop(r->loop); /* what handshakes that nobody waits for still hold is let go of */
    loop_run(r->loop);
    free(all);
}

const struct doctor_probes *doctor_probe(const struct doctor_report *report,
                                         const struct doctor_probe_settings *s, struct arena *a,
                                         struct error *e)
{
    struct run r = {.settings = s, .arena = a};
    struct doctor_probes *probes = arena_new(a, sizeof *probes);
    struct doctor_probe *results = arena_new(a, (report->target_count + 1) * sizeof *results);
    r.loop = loop_new(e);
    r.trust = r.loop ? tls_client_new(s->authorities, e) : NULL;
    if (r.trust) {
        r.workers = workers_new(THREADS);
        run_all(&r, report, results, probes);
    }
    probes->at = results;
    probes->count = report->target_count;
    probes->clock = look_at_clock();
    bool ok = r.trust != NULL;
    tls_context_unref(&r.trust);
    loop_free(&r.loop);
    return ok ? probes : NULL;
}

/* A socket for datagrams that is connected sends nothing, and has the address that it would send
 * from. */
static bool own_address(const char *far, unsigned char to[16])
{
    struct net_address at, own;
    bool is_known = false;
    if (!net_address_parse(&at, span_of(far), 53))
        return false;
    int fd = socket(at.at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (connect(fd, (const struct sockaddr *)&at.at, at.len) == 0 && net_address_of(&own, fd)) {
        net_address_bytes(&own, to);
        is_known = inet_is_reachable(to);
    }
    close(fd);
    return is_known;
}

size_t doctor_own_addresses(unsigned char to[2][16])
{
    size_t count = 0;
    count += own_address("198.41.0.4", to[count]);
    count += own_address("2001:503:ba3e::2:30", to[count]);
    return count;
}
