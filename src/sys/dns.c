#include "sys/dns.h"

#include "base/buffer.h"
#include "base/list.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>
#include <unistd.h>

/* One configuration of libunbound. An old one stays until its last question is answered. */
struct resolver {
    struct dns *dns;
    struct loop *loop;
    struct ub_ctx *context;
    struct watch watch;
    struct list link;
    size_t under_way;
    struct task leaving;
};

struct dns {
    struct loop *loop;
    pthread_mutex_t lock; /* of what follows, and of the counts of questions under way */
    struct resolver *current;
    struct list resolvers;
    atomic_uint changes;
};

/* What a name server says (RFC 1035 4.1.1), and what no server says. */
enum { RCODE_NO_NAME = 3 };

static const char *rcode_words(int rcode)
{
    switch (rcode) {
    case 1:
        return "its name server did not understand the question (FORMERR)";
    case 2:
        return "its name servers failed or did not answer (SERVFAIL)";
    case 5:
        return "its name server refused to answer (REFUSED)";
    default:
        return "its name server answered with an error";
    }
}

static void take_records(struct dns_question *q, const struct ub_result *r)
{
    size_t count = 0;
    while (r->data[count])
        count++;
    q->answer.records = arena_new(&q->arena, (count + 1) * sizeof *q->answer.records);
    for (size_t i = 0; i < count; i++)
        q->answer.records[i] = arena_copy(&q->arena, span_make(r->data[i], (size_t)r->len[i]));
    q->answer.count = count;
}

static struct span without_dot(const char *name)
{
    struct span s = span_of(name);
    return s.len > 1 && s.at[s.len - 1] == '.' ? span_first(s, s.len - 1) : s;
}

static bool is_alias(const struct ub_result *r)
{
    return r->canonname && r->qname &&
           !span_equal_nocase(without_dot(r->canonname), without_dot(r->qname));
}

static void resolver_free(struct resolver *r)
{
    if (r->watch.ready)
        watch_stop(r->loop, &r->watch);
    ub_ctx_delete(r->context);
    free(r);
}

/* In the loop, and not from within libunbound's answer. */
static void leave(struct task *t)
{
    struct resolver *r = LIST_ENTRY(t, struct resolver, leaving);
    if (list_is_linked(&r->link)) /* else the DNS is gone already */
        list_remove(&r->link);
    resolver_free(r);
}

static void leave_if_done(struct resolver *r) /* the lock is held */
{
    if (r->under_way || r == r->dns->current)
        return;
    r->leaving.run = leave;
    loop_post(r->loop, &r->leaving);
}

static void count_down(struct resolver *r)
{
    struct dns *d = r->dns;
    pthread_mutex_lock(&d->lock);
    r->under_way--;
    leave_if_done(r);
    pthread_mutex_unlock(&d->lock);
}

static void answered(void *arg, int failed, struct ub_result *r)
{
    struct dns_question *q = arg;
    struct dns_answer *a = &q->answer;
    a->result = DNS_FAILED;
    a->why = SPAN_NONE;
    if (failed)
        a->why = arena_copy(&q->arena, span_of(ub_strerror(failed)));
    else if (r->bogus)
        a->why = arena_printf(&q->arena, "DNSSEC says that the answer is not to be trusted: %s",
                              r->why_bogus ? r->why_bogus : "no reason was given");
    else if (r->rcode && r->rcode != RCODE_NO_NAME)
        a->why = span_of(rcode_words(r->rcode));
    else
        a->result = r->havedata ? DNS_FOUND : r->nxdomain ? DNS_NO_NAME : DNS_NO_RECORD;
    if (!failed) {
        a->is_secure = r->secure;
        a->is_bogus = r->bogus;
        a->ttl = r->ttl > 0 ? (uint32_t)r->ttl : 0;
    }
    if (a->result == DNS_FOUND)
        take_records(q, r);
    if (!failed && is_alias(r))
        a->canonical = arena_copy(&q->arena, without_dot(r->canonname));
    ub_resolve_free(r);
    count_down(q->resolver);
    loop_post(q->loop, &q->task);
}

static struct resolver *count_up(struct dns *d)
{
    pthread_mutex_lock(&d->lock);
    struct resolver *r = d->current;
    r->under_way++;
    pthread_mutex_unlock(&d->lock);
    return r;
}

void dns_ask(struct dns *d, struct dns_question *q, const char *name)
{
    int id;
    struct resolver *r = count_up(d);
    q->answer = (struct dns_answer){.result = DNS_FAILED};
    q->resolver = r;
    int failed = ub_resolve_async(r->context, name, (int)q->type, 1, q, answered, &id);
    if (failed)
        answered(q, failed, NULL);
}

static void ready(struct watch *w, uint32_t events)
{
    ub_process(LIST_ENTRY(w, struct resolver, watch)->context);
}

/* libunbound writes ADDRESS@PORT. */
static int set_server(struct ub_ctx *context, struct span server)
{
    struct buffer text = BUFFER_EMPTY;
    size_t colon = server.len;
    while (colon && server.at[colon - 1] != ':')
        colon--;
    struct span host = span_first(server, colon ? colon - 1 : 0);
    if (host.len > 2 && host.at[0] == '[')
        host = span_first(span_skip(host, 1), host.len - 2);
    buffer_printf(&text, "%.*s@%.*s", SPAN_F(host), SPAN_F(span_skip(server, colon)));
    int failed = ub_ctx_set_fwd(context, buffer_text(&text));
    buffer_free(&text);
    return failed;
}

/* As the C library does it: without the file, a server on this machine. */
static int set_system_servers(struct ub_ctx *context)
{
    return ub_ctx_resolvconf(context, NULL) ? ub_ctx_set_fwd(context, "127.0.0.1") : 0;
}

static bool set_servers(struct ub_ctx *context, const struct dns_settings *s, struct error *e)
{
    for (size_t i = 0; i < s->server_count; i++) {
        struct span server = s->servers[i];
        int failed = 0;
        if (span_equal(server, SPAN("system")))
            failed = set_system_servers(context);
        else if (!span_equal(server, SPAN("recursive")))
            failed = set_server(context, server);
        if (failed)
            return error_set(e, "the name server \"%.*s\" can't be used: %s", SPAN_F(server),
                             ub_strerror(failed));
    }
    return true;
}

static bool set_anchor(struct ub_ctx *context, struct span anchor, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_add_span(&path, anchor);
    int failed = anchor.len ? ub_ctx_add_ta_file(context, buffer_text(&path)) : 0;
    if (failed || (anchor.len && access(buffer_text(&path), R_OK)))
        error_set(e, "the trust anchors in %s can't be read: %s", buffer_text(&path),
                  failed ? ub_strerror(failed) : strerror(errno));
    buffer_free(&path);
    return !e->text[0];
}

/* libunbound answers for some domains by itself (RFC 6761, 6303): ours may be among them. */
static void ask_for_lan_zones(struct ub_ctx *context)
{
    ub_ctx_set_option(context, "unblock-lan-zones:", "yes");
    ub_ctx_set_option(context, "insecure-lan-zones:", "yes");
    ub_ctx_set_option(context, "do-not-query-localhost:", "no");
}

/* Names of /etc/hosts have the addresses that stand there, and of everything else (MX) what the DNS
 * says: else a domain that has a line there would lose its mail servers. */
static void read_hosts_file(struct ub_ctx *context)
{
    ub_ctx_set_option(context, "local-zone:", ". typetransparent");
    ub_ctx_hosts(context, NULL);
}

/* As for lan zones; but this starts the resolver: nothing can be set any more, and what was set is
 * read. (onion. stays: RFC 7686 wants no questions about it.) */
static bool start(struct ub_ctx *context, struct span anchor, struct error *e)
{
    static const char *const zones[] = {"test.", "invalid.", "home.arpa."};
    int failed = 0;
    for (size_t i = 0; i < sizeof zones / sizeof *zones && !failed; i++)
        failed = ub_ctx_zone_remove(context, zones[i]);
    if (!failed)
        return true;
    error_set(e, "the resolver (libunbound) can't start: %s", ub_strerror(failed));
    return anchor.len ? error_set(e,
                                  "the trust anchors in %.*s can't be used: each line must be a "
                                  "DNSKEY or DS record",
                                  SPAN_F(anchor))
                      : false;
}

static struct resolver *resolver_new(struct dns *d, const struct dns_settings *s, struct error *e)
{
    struct resolver *r = memory_new(sizeof *r);
    r->dns = d;
    r->loop = d->loop;
    r->context = ub_ctx_create();
    e->text[0] = 0;
    if (!r->context) {
        error_set(e, "cannot start the resolver (libunbound): out of memory or entropy");
        free(r);
        return NULL;
    }
    ub_ctx_debugout(r->context, NULL); /* what goes wrong is told by who asked */
    ask_for_lan_zones(r->context);
    if (!s->skips_hosts)
        read_hosts_file(r->context);
    ub_ctx_async(r->context, 1);
    if (!set_servers(r->context, s, e) || !set_anchor(r->context, s->anchor, e) ||
        !start(r->context, s->anchor, e)) {
        resolver_free(r);
        return NULL;
    }
    return r;
}

static void use(struct dns *d, struct resolver *r)
{
    list_append(&d->resolvers, &r->link);
    r->watch = (struct watch){.fd = ub_fd(r->context), .ready = ready};
    watch_start(d->loop, &r->watch, EPOLLIN);
    pthread_mutex_lock(&d->lock);
    struct resolver *was = d->current;
    d->current = r;
    atomic_fetch_add(&d->changes, 1);
    if (was)
        leave_if_done(was);
    pthread_mutex_unlock(&d->lock);
}

unsigned dns_changes(const struct dns *d)
{
    return atomic_load(&d->changes);
}

struct dns *dns_new(const struct dns_settings *s, struct loop *loop, struct error *e)
{
    struct dns *d = memory_new(sizeof *d);
    d->loop = loop;
    list_init(&d->resolvers);
    struct resolver *r = resolver_new(d, s, e);
    if (!r) {
        free(d);
        return NULL;
    }
    pthread_mutex_init(&d->lock, NULL);
    use(d, r);
    return d;
}

struct dns_change {
    struct dns *dns;
    struct resolver *resolver;
};

struct dns_change *dns_prepare(struct dns *d, const struct dns_settings *s, struct error *e)
{
    struct resolver *r = resolver_new(d, s, e);
    if (!r)
        return NULL;
    struct dns_change *c = memory_new(sizeof *c);
    *c = (struct dns_change){d, r};
    return c;
}

void dns_change_now(struct dns_change **c)
{
    use((*c)->dns, (*c)->resolver);
    free(*c);
    *c = NULL;
}

void dns_change_drop(struct dns_change **c)
{
    if (!*c)
        return;
    resolver_free((*c)->resolver);
    free(*c);
    *c = NULL;
}

void dns_free(struct dns **dns)
{
    struct dns *d = *dns;
    if (!d)
        return;
    for (struct list *node; (node = list_take(&d->resolvers));) {
        struct resolver *r = LIST_ENTRY(node, struct resolver, link);
        if (!r->leaving.run) /* else it is just about to go by itself */
            resolver_free(r);
    }
    pthread_mutex_destroy(&d->lock);
    free(d);
    *dns = NULL;
}
