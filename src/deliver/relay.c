/* A hop is a destination as one loop sees it: the ways to it, and its connections. Of the idle ones
 * the latest used is taken first, so that in quiet times the others run out. A way that failed a
 * moment ago is tried after the others. A hop without deliveries and connections is forgotten; the
 * resolver's cache remembers for it. */
#include "deliver/relay.h"

#include "base/map.h"
#include "base/memory.h"
#include "deliver/connection.h"
#include "deliver/delivery_outcomes.h"
#include "deliver/lookup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BAD_FOR = 60000 /* ms */, MOST_BAD = 4096 };

struct hop {
    struct relay *relay;
    struct connection_settings settings;
    struct arena arena; /* of the target */
    struct target target;
    struct list waiting; /* deliveries, while the ways are looked for */
    struct list behind;  /* deliveries that have no place of their own: behind another one */
    size_t busy;         /* deliveries that have one; those that follow have none yet */
    bool loses_followers;
    struct list connections, idle;
    struct lookup *lookup; /* under way, or the one that found the ways */
    bool is_looking;
    struct task going; /* posted: see whether it is still needed */
    bool is_going;
    int64_t ways_until; /* loop time */
    struct span name;   /* in name_text */
    char name_text[];
};

/* A way that failed. */
struct bad_way {
    int64_t until;
    size_t len;
    char text[];
};

struct relay {
    struct relay_settings settings;
    struct loop *loop;
    struct map hops, bad_ways;
    size_t under_way;
};

static uint32_t chance_number(void *arg)
{
    return ((struct relay *)arg)->settings.random();
}

static void delivery_back(struct relay *r, struct delivery *d)
{
    r->under_way--;
    r->settings.delivered(r->settings.arg, d);
}

/* ---- ways that failed */

static void forget_bad_ways(struct relay *r, bool all)
{
    struct map kept = MAP_EMPTY;
    size_t i = 0;
    for (struct bad_way *b; (b = map_next(&r->bad_ways, &i));)
        if (all || b->until <= loop_now(r->loop))
            free(b);
        else
            map_set_text(&kept, span_make(b->text, b->len), b);
    map_free(&r->bad_ways);
    r->bad_ways = kept;
}

static void note_bad_way(void *arg, const struct way *w)
{
    struct relay *r = ((struct hop *)arg)->relay;
    struct buffer name = BUFFER_EMPTY;
    net_address_add_endpoint(&name, &w->address);
    struct bad_way *b = map_get_text(&r->bad_ways, buffer_span(&name));
    if (!b && r->bad_ways.count >= MOST_BAD)
        forget_bad_ways(r, false);
    if (!b && r->bad_ways.count < MOST_BAD) {
        b = memory_new(sizeof *b + name.len + 1);
        b->len = name.len;
        memcpy(b->text, name.at, name.len);
        map_set_text(&r->bad_ways, span_make(b->text, b->len), b);
    }
    if (b)
        b->until = loop_now(r->loop) + BAD_FOR;
    buffer_free(&name);
}

static bool is_bad(const struct relay *r, const struct way *w)
{
    if (!r->bad_ways.count)
        return false;
    struct buffer name = BUFFER_EMPTY;
    net_address_add_endpoint(&name, &w->address);
    const struct bad_way *b = map_get_text(&r->bad_ways, buffer_span(&name));
    buffer_free(&name);
    return b && b->until > loop_now(r->loop);
}

/* For one connection: good ways first. Hosts keep their ranks apart in each half. */
static size_t order_ways(const struct hop *h, struct way *to)
{
    const struct ways *from = lookup_ways(h->lookup);
    struct way mixed[MOST_WAYS];
    size_t count = 0;
    for (size_t i = 0; i < from->count; i++)
        mixed[i] = from->at[i];
    ways_mix(mixed, from->count, h->settings.chance);
    for (int bad = 0; bad < 2; bad++)
        for (size_t i = 0; i < from->count; i++)
            if (is_bad(h->relay, &mixed[i]) == bad) {
                to[count] = mixed[i];
                to[count++].rank += bad ? MOST_HOSTS : 0;
            }
    return count;
}

/* ---- hops */

static void hop_free(struct hop *h)
{
    list_append_all(&h->waiting, &h->behind);
    for (struct list *node; (node = list_take(&h->waiting));)
        delivery_free(LIST_ENTRY(node, struct delivery, link));
    while (!list_is_empty(&h->connections)) {
        struct connection *c = connection_of_all(list_take(&h->connections));
        connection_free(&c);
    }
    lookup_free(&h->lookup);
    struct arena arena = h->arena;
    arena_clear(&arena);
    free(h);
}

static void hop_go(struct task *t)
{
    struct hop *h = LIST_ENTRY(t, struct hop, going);
    h->is_going = false;
    if (!list_is_empty(&h->connections) || !list_is_empty(&h->waiting) ||
        !list_is_empty(&h->behind) || h->is_looking)
        return;
    map_remove_text(&h->relay->hops, h->name);
    hop_free(h);
}

/* Later: whoever calls is in the middle of using it. */
static void hop_may_go(struct hop *h)
{
    if (h->is_going || !list_is_empty(&h->connections))
        return;
    h->is_going = true;
    loop_post(h->relay->loop, &h->going);
}

static void hop_connect(struct hop *h, struct delivery *d)
{
    struct way ways[MOST_WAYS];
    size_t count = order_ways(h, ways);
    struct connection *c = connection_open(&h->settings, ways, count, d);
    list_append(&h->connections, &connection_links(c)->all);
}

static void hop_deliver(struct hop *h, struct delivery *d)
{
    if (list_is_empty(&h->idle)) {
        hop_connect(h, d);
        return;
    }
    struct connection *c = connection_of_idle(h->idle.prev);
    list_remove(&connection_links(c)->idle);
    connection_take(c, d);
}

static void hop_refuse(struct hop *h, struct delivery *d, struct reply why, enum client_stage stage)
{
    delivery_ends(d, why, stage, NULL, &h->target);
    d->peer = why.status.class == 4 ? PEER_UNREACHABLE : PEER_FINE;
    h->busy--;
    delivery_back(h->relay, d);
}

static struct delivery *take_behind(struct hop *h)
{
    struct list *node = list_take(&h->behind);
    return node ? LIST_ENTRY(node, struct delivery, link) : NULL;
}

static void looked_up(void *arg, struct lookup *l)
{
    struct hop *h = arg;
    const struct ways *ways = lookup_ways(l);
    struct list waiting;
    list_init(&waiting);
    list_append_all(&waiting, &h->waiting);
    h->is_looking = false;
    h->ways_until = loop_now(h->relay->loop) + lookup_good_for(l);
    for (struct delivery *d; ways->problem.status.class && (d = take_behind(h)); h->busy++)
        list_append(&waiting, &d->link);
    for (struct list *node; (node = list_take(&waiting));) {
        struct delivery *d = LIST_ENTRY(node, struct delivery, link);
        if (ways->problem.status.class)
            hop_refuse(h, d, ways->problem, STAGE_LOOKUP);
        else
            hop_deliver(h, d);
    }
    hop_may_go(h);
}

static void hop_look(struct hop *h)
{
    struct relay *r = h->relay;
    const struct lookup_settings s = {.dns = r->settings.dns,
                                      .sts = r->settings.options->mta_sts ? r->settings.sts : NULL,
                                      .sessions = h->settings.sessions,
                                      .loop = r->loop,
                                      .our_name = r->settings.options->hostname,
                                      .own = r->settings.own,
                                      .done = looked_up,
                                      .arg = h};
    lookup_free(&h->lookup);
    h->is_looking = true;
    h->lookup = lookup_start(&s, &h->target);
}

/* ---- what connections tell */

/* It was refused a while ago: who asks again and again is locked out. */
static bool login_rests(struct hop *h, struct delivery *d)
{
    struct relay *r = h->relay;
    struct buffer words = BUFFER_EMPTY;
    int64_t rest = h->target.login.len
                       ? keyring_rests(r->settings.keyring, &h->target, loop_now(r->loop), &words)
                       : 0;
    if (rest)
        hop_refuse(h, d,
                   (struct reply){0, STATUS(4, 3, 5), arena_copy(&d->arena, buffer_span(&words))},
                   STAGE_LOGIN);
    buffer_free(&words);
    return rest > 0;
}

static void hop_begin(struct hop *h, struct delivery *d)
{
    if (!list_is_empty(&h->idle)) {
        hop_deliver(h, d);
        return;
    }
    if (login_rests(h, d))
        return;
    if (!h->is_looking && loop_now(h->relay->loop) < h->ways_until &&
        !lookup_ways(h->lookup)->problem.status.class) {
        hop_connect(h, d);
        return;
    }
    list_append(&h->waiting, &d->link);
    if (!h->is_looking)
        hop_look(h);
}

/* Its place is free, unless its follower has it. */
static void came_back(void *arg, struct delivery *d, bool is_followed)
{
    struct hop *h = arg;
    struct delivery *next = is_followed ? NULL : take_behind(h);
    h->busy -= !is_followed && !next;
    delivery_back(h->relay, d);
    if (next)
        hop_begin(h, next);
}

static struct delivery *follower(void *arg)
{
    struct hop *h = arg;
    return h->loses_followers ? NULL : take_behind(h);
}

static void no_follower(void *arg, struct delivery *d)
{
    struct hop *h = arg;
    list_prepend(&h->behind, &d->link);
}

static void loses_followers(void *arg)
{
    ((struct hop *)arg)->loses_followers = true;
}

static void is_idle(void *arg, struct connection *c)
{
    list_append(&((struct hop *)arg)->idle, &connection_links(c)->idle);
}

static void is_gone(void *arg, struct connection *c)
{
    list_remove(&connection_links(c)->all);
    hop_may_go(arg);
}

static void begin_anew(void *arg, struct delivery *d)
{
    hop_connect(arg, d);
}

/* Where a route leads to a server, nobody asks for reports; and the reports themselves do not count
 * (RFC 8460 3), which alone, or by our operator's will, go unchecked. */
static struct day_counts *sessions_of(const struct hop *h)
{
    const struct relay_settings *s = &h->relay->settings;
    bool is_counted = h->target.kind == TARGET_MX && h->target.tls != TARGET_TLS_UNCHECKED;
    return is_counted && s->options->tls_reports.len ? s->sessions : NULL;
}

static struct hop *hop_for(struct relay *r, struct span name)
{
    struct hop *h = map_get_text(&r->hops, name);
    if (h)
        return h;
    h = memory_new(sizeof *h + name.len);
    memcpy(h->name_text, name.at, name.len);
    h->name = span_make(h->name_text, name.len);
    h->relay = r;
    h->going.run = hop_go;
    h->settings = (struct connection_settings){.loop = r->loop,
                                               .store = r->settings.store,
                                               .options = r->settings.options,
                                               .target = &h->target,
                                               .tls = r->settings.tls,
                                               .keyring = r->settings.keyring,
                                               .handshakers = r->settings.handshakers,
                                               .chance = {chance_number, r},
                                               .came_back = came_back,
                                               .is_idle = is_idle,
                                               .is_gone = is_gone,
                                               .begin_anew = begin_anew,
                                               .follower = follower,
                                               .no_follower = no_follower,
                                               .loses_followers = loses_followers,
                                               .way_failed = note_bad_way,
                                               .arg = h};
    list_init(&h->waiting);
    list_init(&h->behind);
    list_init(&h->connections);
    list_init(&h->idle);
    bool ok = target_parse_name(h->name, &h->target, &h->arena);
    assert(ok);
    h->settings.sessions = sessions_of(h);
    map_set_text(&r->hops, h->name, h);
    return h;
}

void relay_deliver(struct relay *r, struct delivery *d)
{
    struct hop *h = hop_for(r, d->name);
    r->under_way++;
    if (d->others && h->busy >= d->others) {
        list_append(&h->behind, &d->link);
        return;
    }
    h->busy++;
    hop_begin(h, d);
}

void relay_set_options(struct relay *r, const struct options *o, struct tls_context *tls,
                       struct keyring *k)
{
    size_t i = 0;
    const struct options *was = r->settings.options;
    r->settings.options = options_ref(o);
    tls_context_unref(&r->settings.tls);
    r->settings.tls = tls_context_ref(tls);
    keyring_unref(&r->settings.keyring);
    r->settings.keyring = keyring_ref(k);
    for (struct hop *h; (h = map_next(&r->hops, &i));) {
        h->settings.options = o;
        h->settings.tls = tls;
        h->settings.keyring = k;
        h->settings.sessions = sessions_of(h);
        h->ways_until = 0; /* the servers to ask may be others */
    }
    options_unref(&was);
}

struct relay *relay_new(const struct relay_settings *s, struct loop *loop)
{
    struct relay *r = memory_new(sizeof *r);
    r->settings = *s;
    options_ref(s->options);
    tls_context_ref(s->tls);
    keyring_ref(s->keyring);
    r->loop = loop;
    return r;
}

size_t relay_count(const struct relay *r)
{
    return r->under_way;
}

void relay_free(struct relay **relay)
{
    struct relay *r = *relay;
    size_t i = 0;
    if (!r)
        return;
    for (struct hop *h; (h = map_next(&r->hops, &i));)
        hop_free(h);
    map_free(&r->hops);
    forget_bad_ways(r, true);
    map_free(&r->bad_ways);
    options_unref(&r->settings.options);
    tls_context_unref(&r->settings.tls);
    keyring_unref(&r->settings.keyring);
    free(r);
    *relay = NULL;
}
