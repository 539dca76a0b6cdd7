#include "deliver/sts_fetch.h"

#include "base/list.h"
#include "base/memory.h"
#include "sys/clock.h"
#include "sys/http_fetch.h"
#include "sys/log.h"
#include "sys/net.h"
#include "sys/worker.h"
#include "transport/mta_sts.h"

#include <stdlib.h>

enum { THREADS = 8, PATIENCE_MS = 20 * 1000, MOST_ADDRESSES = 8 };

struct sts_fetcher {
    struct sts_fetcher_settings settings;
    struct workers *workers;
    struct list under_way;
    struct buffer authorities;
    atomic_bool stops;
};

struct fetching {
    struct list link;
    struct sts_fetcher *fetcher;
    struct work work;
    struct dns_question v4, v6;
    size_t waiting;
    const char *host;
    struct span authorities;
    struct buffer addresses;
    struct sts_fetched result;
    struct arena arena;
};

static void fetching_free(struct fetching *f)
{
    arena_clear(&f->v4.arena);
    arena_clear(&f->v6.arena);
    buffer_free(&f->addresses);
    struct arena a = f->arena;
    arena_clear(&a);
    free(f);
}

static void done(struct fetching *f)
{
    struct sts_fetcher *fetcher = f->fetcher;
    list_remove(&f->link);
    fetcher->settings.done(fetcher->settings.arg, &f->result);
    fetching_free(f);
}

static void worked(struct task *t)
{
    done(LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct fetching, work));
}

/* ---- in a worker */

/* RFC 8461 3.3 wants text/plain, so that nobody who may put files of other kinds there can make a
 * policy. */
static bool is_text(const struct buffer *type)
{
    struct span rest = buffer_span(type);
    return span_equal_nocase(span_trim(span_cut(&rest, ';')), SPAN("text/plain"));
}

static void keep(struct fetching *f)
{
    const struct sts_fetched *r = &f->result;
    const struct kept_policy p = {r->domain, r->id, r->text, r->fetched_ms,
                                  r->fetched_ms + (int64_t)r->max_age * 1000};
    struct error e;
    if (!sts_policies_put(f->fetcher->settings.disk, &p, &e))
        log_message(LOG_LEVEL_WARNING, "policy-not-kept", "%s", e.text);
}

static void read_policy(struct fetching *f, struct span text, const struct buffer *type)
{
    struct sts_fetched *r = &f->result;
    struct sts_policy p;
    struct error e;
    r->problem = TLS_RESULT_STS_INVALID;
    if (!is_text(type)) {
        error_set(&r->why, "the policy is not sent as text/plain");
    } else if (!sts_policy_parse(&p, text, &f->arena, &e)) {
        error_set(&r->why, "the policy can't be read: %s", e.text);
    } else {
        r->problem = TLS_RESULT_SUCCESS;
        r->text = arena_copy(&f->arena, text);
        r->max_age = p.max_age;
        keep(f);
    }
}

static void get(struct work *w)
{
    struct fetching *f = LIST_ENTRY(w, struct fetching, work);
    struct sts_fetched *r = &f->result;
    struct buffer body = BUFFER_EMPTY, type = BUFFER_EMPTY;
    const struct http_fetch fetch = {.host = f->host,
                                     .path = "/.well-known/mta-sts.txt",
                                     .addresses = buffer_text(&f->addresses),
                                     .authorities = f->authorities,
                                     .most = STS_LONGEST_POLICY,
                                     .most_ms = PATIENCE_MS,
                                     .stops = &f->fetcher->stops};
    r->fetched_ms = clock_now_ms();
    switch (http_fetch(&fetch, &body, &type, &r->why)) {
    case HTTP_FETCHED:
        read_policy(f, buffer_span(&body), &type);
        break;
    case HTTP_UNFETCHED:
        r->problem = TLS_RESULT_STS_FETCH;
        break;
    case HTTP_UNTRUSTED:
        r->problem = TLS_RESULT_STS_CERTIFICATE;
        break;
    }
    buffer_free(&body);
    buffer_free(&type);
}

/* ---- its addresses */

static void add_addresses(struct fetching *f, const struct dns_answer *a, size_t len)
{
    for (size_t i = 0; i < a->count && i < MOST_ADDRESSES; i++) {
        struct net_address address;
        if (a->records[i].len != len || !net_address_from_bytes(&address, a->records[i], 443))
            continue;
        if (f->addresses.len)
            buffer_add_char(&f->addresses, ',');
        net_address_add(&f->addresses, &address);
    }
}

static void has_no_address(struct fetching *f)
{
    const struct dns_answer *a = f->v4.answer.result == DNS_FAILED ? &f->v4.answer : &f->v6.answer;
    f->result.problem = TLS_RESULT_STS_FETCH;
    f->result.fetched_ms = clock_now_ms();
    if (a->result == DNS_FAILED)
        error_set(&f->result.why, "the DNS does not say the address of %s: %.*s", f->host,
                  SPAN_F(a->why));
    else
        error_set(&f->result.why, "%s has no address in the DNS", f->host);
    done(f);
}

static void address_answered(struct task *t)
{
    struct fetching *f = LIST_ENTRY(t, struct dns_question, task)->owner;
    if (--f->waiting || atomic_load(&f->fetcher->stops))
        return;
    add_addresses(f, &f->v6.answer, 16);
    add_addresses(f, &f->v4.answer, 4);
    if (!f->addresses.len) {
        has_no_address(f);
        return;
    }
    f->work =
        (struct work){.task = {.run = worked}, .loop = f->fetcher->settings.loop, .call = get};
    workers_submit(f->fetcher->workers, &f->work);
}

static void ask(struct fetching *f, struct dns_question *q, enum dns_type type)
{
    q->task.run = address_answered;
    q->loop = f->fetcher->settings.loop;
    q->owner = f;
    q->type = type;
    dns_ask(f->fetcher->settings.dns, q, f->host);
}

void sts_fetch(struct sts_fetcher *fetcher, struct span domain, struct span id)
{
    struct fetching *f = memory_new(sizeof *f);
    f->fetcher = fetcher;
    f->result.domain = arena_copy(&f->arena, domain);
    f->result.id = arena_copy(&f->arena, id);
    f->authorities = arena_copy(&f->arena, buffer_span(&fetcher->authorities));
    f->host = arena_printf(&f->arena, "mta-sts.%.*s", SPAN_F(domain)).at;
    f->waiting = 2;
    list_append(&fetcher->under_way, &f->link);
    if (atomic_load(&fetcher->stops))
        return;
    ask(f, &f->v6, DNS_AAAA);
    ask(f, &f->v4, DNS_A);
}

/* ---- made, and gone */

void sts_fetcher_trust(struct sts_fetcher *f, struct span authorities)
{
    buffer_clear(&f->authorities);
    buffer_add_span(&f->authorities, authorities);
}

struct sts_fetcher *sts_fetcher_new(const struct sts_fetcher_settings *s)
{
    struct sts_fetcher *f = memory_new(sizeof *f);
    f->settings = *s;
    sts_fetcher_trust(f, s->authorities);
    list_init(&f->under_way);
    f->workers = workers_new(THREADS);
    return f;
}

void sts_fetcher_end(struct sts_fetcher *f)
{
    atomic_store(&f->stops, true);
    workers_free(&f->workers);
}

void sts_fetcher_free(struct sts_fetcher **fetcher)
{
    struct sts_fetcher *f = *fetcher;
    if (!f)
        return;
    for (struct list *node; (node = list_take(&f->under_way));)
        fetching_free(LIST_ENTRY(node, struct fetching, link));
    buffer_free(&f->authorities);
    free(f);
    *fetcher = NULL;
}
