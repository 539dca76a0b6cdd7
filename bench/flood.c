/* Sends mail to a server on this machine and counts what arrives where the server takes it, all in
 * one thread; says as one JSON object how fast and how late. A first part, the warm-up, does not
 * count. What is measured begins when a line comes on standard input, after "ready" was printed, so
 * that whoever started us can read the server's counters at that moment.
 *
 * Exit status: 0 all mail was taken and arrived, once; 1 it did not; 2 it was called in a wrong
 * way. */
#include "base/json.h"
#include "maildirs.h"
#include "sink.h"
#include "source.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP = 1, MEASURED = 2 }; /* phases */
static const size_t warm_up_mail = 300;
static const int64_t second = 1000000000; /* ns */

static const char how[] =
    "use it as: flood --to ADDRESS:PORT (--sink ADDRESS:PORT | --maildirs DIRECTORY |\n"
    "                 --queued)\n"
    "                 --domain DOMAIN [OPTION...]\n"
    "           flood --to ADDRESS:PORT --idle [OPTION...]\n"
    "  --to              the server\n"
    "  --sink            listen here for the mail that it relays\n"
    "  --maildirs        watch DIRECTORY/u0 to u99 for the mail that it delivers\n"
    "  --queued          the mail stays in the server's queue: nothing arrives\n"
    "  --domain          of the recipients, u0 to u99\n"
    "  --idle            only open sessions, say \"ready\", and hold them until a line comes\n"
    "  --tls             begin each connection with the handshake of TLS\n"
    "  --sessions N      at a time (50)\n"
    "  --bytes N         of a message (10240)\n"
    "  --per-connection N   messages; 0: connections are kept open (1)\n"
    "  --rate N          messages a second; 0: as fast as they go (0)\n"
    "  --messages N      so many; 0: until the time is over (0)\n"
    "  --seconds N       how long mail is sent (10)\n"
    "  --limit N         seconds after which all ends, whatever happened (120)\n";

struct options {
    struct net_address to, sink;
    const char *maildirs, *domain;
    uint64_t sessions, bytes, per_connection, rate, messages, seconds, limit;
    int is_idle, is_queued, is_secure;
};

struct flood {
    const struct options *options;
    struct wires wires;
    struct tally tally;
    struct sink *sink;
    struct maildirs *maildirs;
    int64_t limit;      /* ns: when all ends */
    clock_t cpu_before; /* of ours, before what is measured */
};

/* ---- what is asked for */

/* Mail is for a server on this machine: no other may be flooded by mistake. */
static bool is_loopback(const struct net_address *a)
{
    static const unsigned char v4[13] = {[10] = 0xff, [11] = 0xff, [12] = 127}, v6[16] = {[15] = 1};
    unsigned char bytes[16];
    net_address_bytes(a, bytes);
    return memcmp(bytes, v4, sizeof v4) == 0 || memcmp(bytes, v6, sizeof v6) == 0;
}

static bool read_address(struct net_address *a, const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port;
    if (!colon || !span_to_u64(span_of(colon + 1), UINT16_MAX, &port))
        return false;
    struct span host = span_make(text, (size_t)(colon - text));
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = span_make(host.at + 1, host.len - 2);
    return net_address_parse(a, host, (uint16_t)port) && is_loopback(a);
}

enum kind { ADDRESS, TEXT, NUMBER };

static bool read_value(enum kind kind, void *into, const char *text)
{
    switch (kind) {
    case ADDRESS:
        return read_address(into, text);
    case TEXT:
        *(const char **)into = text;
        return true;
    case NUMBER:
        return span_to_u64(span_of(text), INT32_MAX, into);
    }
    return false;
}

static bool is_sensible(const struct options *o)
{
    int ends = (o->sink.len > 0) + (o->maildirs != NULL) + o->is_queued;
    return o->to.len && (ends == 1 ? o->domain != NULL : !ends && o->is_idle) && o->sessions && o->bytes >= 512 && o->seconds &&
           o->limit;
}

static bool read_options(struct options *o, int argc, char **argv)
{
    const struct {
        enum kind kind;
        void *into;
    } values[] = {{ADDRESS, &o->to},      {ADDRESS, &o->sink},          {TEXT, &o->maildirs},
                  {TEXT, &o->domain},     {NUMBER, &o->sessions},       {NUMBER, &o->bytes},
                  {NUMBER, &o->messages}, {NUMBER, &o->per_connection}, {NUMBER, &o->rate},
                  {NUMBER, &o->seconds},  {NUMBER, &o->limit}};
    const struct option names[] = {{"to", 1, NULL, 0},
                                   {"sink", 1, NULL, 1},
                                   {"maildirs", 1, NULL, 2},
                                   {"domain", 1, NULL, 3},
                                   {"sessions", 1, NULL, 4},
                                   {"bytes", 1, NULL, 5},
                                   {"messages", 1, NULL, 6},
                                   {"per-connection", 1, NULL, 7},
                                   {"rate", 1, NULL, 8},
                                   {"seconds", 1, NULL, 9},
                                   {"limit", 1, NULL, 10},
                                   {"idle", 0, &o->is_idle, 1},
                                   {"queued", 0, &o->is_queued, 1},
                                   {"tls", 0, &o->is_secure, 1},
                                   {0}};
    int name, index = 0;
    *o = (struct options){
        .sessions = 50, .bytes = 10240, .per_connection = 1, .seconds = 10, .limit = 120};
    while ((name = getopt_long(argc, argv, "", names, &index)) != -1) {
        if (name == '?')
            return false;
        if (names[index].has_arg && !read_value(values[name].kind, values[name].into, optarg)) {
            fprintf(stderr,
                    "flood: --%s can't be %s: an address is one of this machine, in 127.0.0.0/8 or "
                    "[::1], with a port; a number has decimal digits only\n",
                    names[index].name, optarg);
            return false;
        }
    }
    return optind == argc && is_sensible(o);
}

/* ---- what happens */

static struct source *new_source(struct flood *f, size_t messages)
{
    const struct options *o = f->options;
    return source_new(&(struct source_settings){
        .wires = &f->wires,
        .tally = &f->tally,
        .to = o->to,
        .domain = o->domain,
        .sessions = (unsigned)o->sessions,
        .per_connection = (unsigned)o->per_connection,
        .rate = f->tally.phase == WARM_UP ? 0 : (unsigned)o->rate,
        .bytes = o->bytes,
        .messages = messages,
        .until = f->tally.start + (int64_t)o->seconds * second,
        .is_secure = o->is_secure,
        .only_greets = o->is_idle,
    });
}

static bool has_time(const struct flood *f)
{
    return now_ns() < f->limit;
}

static void serve(struct flood *f)
{
    wires_serve(&f->wires, f->options->rate ? 1 : 20);
}

/* False: there is no line; whoever started us is gone. */
static bool wait_for_line(struct flood *f)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char c = 0;
    puts("ready");
    fflush(stdout);
    while (has_time(f) && poll(&input, 1, 0) == 0)
        serve(f);
    return has_time(f) && read(STDIN_FILENO, &c, 1) == 1;
}

/* Of what is to arrive. */
static size_t count_lost(const struct flood *f)
{
    return f->options->is_queued ? 0 : tally_lost(&f->tally);
}

/* Send, and wait until all that was acknowledged has arrived. */
static void run_phase(struct flood *f, unsigned phase, size_t messages)
{
    tally_start(&f->tally, phase);
    struct source *s = new_source(f, messages);
    while (source_goes_on(s) && has_time(f))
        serve(f);
    source_free(&s);
    while (count_lost(f) && has_time(f))
        serve(f);
}

/* Every message was taken, and arrived, once. */
static bool is_complete(const struct flood *f)
{
    const struct tally *t = &f->tally;
    return t->acknowledged && t->acknowledged == t->begun && !count_lost(f) && !t->repeated &&
           !(f->maildirs && maildirs_missed_some(f->maildirs));
}

static int64_t per_second(size_t count, int64_t ns)
{
    return ns > 0 ? (int64_t)((double)count * (double)second / (double)ns + 0.5) : 0;
}

static void print_report(const struct flood *f)
{
    const struct tally *t = &f->tally;
    struct quantiles ack = tally_latency(t, offsetof(struct moments, acknowledged));
    struct quantiles arrival = tally_latency(t, offsetof(struct moments, arrived));
    const struct {
        const char *name;
        int64_t value;
    } members[] = {
        {"acknowledged", (int64_t)t->acknowledged},
        {"arrived", (int64_t)t->both},
        {"failed", (int64_t)t->failed},
        {"unanswered", (int64_t)(t->begun - t->acknowledged - t->failed)},
        {"lost", (int64_t)tally_lost(t)},
        {"repeated", (int64_t)t->repeated},
        {"acknowledged_per_s", per_second(t->acknowledged, t->last_acknowledged - t->start)},
        {"arrived_per_s", per_second(t->both, t->last_arrived - t->start)},
        {"ack_p50_us", ack.p50},
        {"ack_p99_us", ack.p99},
        {"arrival_p50_us", arrival.p50},
        {"arrival_p99_us", arrival.p99},
        {"flood_cpu_us", (int64_t)(clock() - f->cpu_before) * 1000000 / CLOCKS_PER_SEC},
    };
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_number(&j, members[i].name, members[i].value);
    json_text(&j, "first_failure", buffer_span(&t->first_failure));
    json_end(&j);
    puts(buffer_text(&out));
    buffer_free(&out);
}

static bool measure(struct flood *f, struct error *e)
{
    run_phase(f, WARM_UP, warm_up_mail);
    if (!is_complete(f))
        return error_set(e, "of %zu messages to warm up %zu were taken and %zu arrived. %s",
                         f->tally.begun, f->tally.acknowledged, f->tally.both,
                         buffer_text(&f->tally.first_failure));
    if (!wait_for_line(f))
        return error_set(e, "there came no line that said to begin");
    f->cpu_before = clock();
    run_phase(f, MEASURED, f->options->messages);
    print_report(f);
    return is_complete(f) || error_set(e, "not all mail was taken and arrived, once. %s",
                                       buffer_text(&f->tally.first_failure));
}

static bool hold_idle(struct flood *f, struct error *e)
{
    tally_start(&f->tally, MEASURED);
    struct source *s = new_source(f, 0);
    while (source_greeted(s) + f->tally.failed < f->options->sessions && has_time(f))
        serve(f);
    bool ok = source_greeted(s) == f->options->sessions && wait_for_line(f) && !f->tally.failed;
    unsigned greeted = source_greeted(s);
    source_free(&s);
    return ok || error_set(e, "%u sessions were opened, and %zu failed. %s", greeted,
                           f->tally.failed, buffer_text(&f->tally.first_failure));
}

static void allow_many_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bool start(struct flood *f, struct error *e)
{
    const struct options *o = f->options;
    allow_many_files();
    f->limit = now_ns() + (int64_t)o->limit * second;
    if (!wires_open(&f->wires, o->is_secure, e))
        return false;
    if (o->sink.len)
        return (f->sink = sink_listen(&f->wires, &o->sink, &f->tally, e)) != NULL;
    if (o->maildirs)
        return (f->maildirs = maildirs_watch(&f->wires, o->maildirs, &f->tally, e)) != NULL;
    return true;
}

int main(int argc, char **argv)
{
    struct options options;
    struct flood f = {.options = &options};
    struct error e;
    if (!read_options(&options, argc, argv)) {
        fputs(how, stderr);
        return 2;
    }
    bool ok = start(&f, &e) && (options.is_idle ? hold_idle(&f, &e) : measure(&f, &e));
    if (!ok)
        fprintf(stderr, "flood: %s\n", e.text);
    sink_free(&f.sink);
    maildirs_free(&f.maildirs);
    tally_free(&f.tally);
    wires_close(&f.wires);
    return ok ? 0 : 1;
}
