/* Attempts and networks stand in an index by a keyed hash, which nobody outside can foresee, and in
 * one list each, the oldest first, so that what is over, or too much, goes from the front. Of each
 * client address it is counted how many attempts wait: so one that tries with ever new senders has
 * a small part of the room and not all of it. */
#include "entry/greylist.h"

#include "base/index.h"
#include "base/inet.h"
#include "base/list.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { HOUR = 3600 * 1000, DROPPED_AT_A_TIME = 4 };

struct entry_kept {
    struct greylist_row row; /* first: the index finds it by the key */
    struct list link;        /* by age */
    struct list changed;     /* to be written */
};

struct client_count {
    uint64_t key;
    size_t waiting;
};

struct greylist {
    struct greylist_settings settings;
    uint64_t secret;
    struct index by_key;    /* of both kinds */
    struct index by_client; /* of struct client_count */
    struct list lists[2];   /* attempts, and networks */
    size_t counts[2];
    int64_t dropped[2]; /* since when the newest was that went */
    struct list changed;
};

/* ---- keys */

static void add_folded(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        buffer_add_char(out, ascii_lower(s.at[i]));
    buffer_add_char(out, 0);
}

static void network_of(const unsigned char client[16], unsigned char network[16])
{
    size_t whole = inet_is_v4(client) ? 15 : 8;
    memset(network, 0, 16);
    memcpy(network, client, whole);
}

static uint64_t key_of_attempt(const struct greylist *g, const unsigned char client[16],
                               struct span sender, struct span recipient)
{
    struct buffer what = BUFFER_EMPTY;
    unsigned char network[16];
    network_of(client, network);
    buffer_add(&what, network, sizeof network);
    add_folded(&what, sender);
    add_folded(&what, recipient);
    uint64_t key = XXH3_64bits_withSeed(what.at, what.len, g->secret);
    buffer_free(&what);
    return key;
}

static uint64_t key_of_network(const struct greylist *g, const unsigned char client[16])
{
    unsigned char what[17] = {0};
    network_of(client, what);
    what[16] = 'n';
    return XXH3_64bits_withSeed(what, sizeof what, g->secret);
}

static uint64_t key_of_client(const struct greylist *g, const unsigned char client[16])
{
    return XXH3_64bits_withSeed(client, 16, g->secret);
}

/* ---- keeping */

static void count_client(struct greylist *g, uint64_t key)
{
    struct client_count *c = index_get(&g->by_client, key);
    if (!c) {
        c = memory_new(sizeof *c);
        c->key = key;
        index_set(&g->by_client, c);
    }
    c->waiting++;
}

static void uncount_client(struct greylist *g, uint64_t key)
{
    struct client_count *c = index_get(&g->by_client, key);
    if (--c->waiting)
        return;
    index_remove(&g->by_client, key);
    free(c);
}

static size_t count_of_client(const struct greylist *g, uint64_t key)
{
    const struct client_count *c = index_get(&g->by_client, key);
    return c ? c->waiting : 0;
}

static void forget(struct greylist *g, struct entry_kept *e)
{
    if (!e->row.is_known)
        uncount_client(g, e->row.client);
    if (list_is_linked(&e->changed))
        list_remove(&e->changed);
    list_remove(&e->link);
    index_remove(&g->by_key, e->row.key);
    g->counts[e->row.is_known]--;
    free(e);
}

static void note_change(struct greylist *g, struct entry_kept *e)
{
    if (!list_is_linked(&e->changed))
        list_append(&g->changed, &e->changed);
}

static struct entry_kept *oldest(const struct greylist *g, bool is_known)
{
    const struct list *l = &g->lists[is_known];
    return list_is_empty(l) ? NULL : LIST_ENTRY(l->next, struct entry_kept, link);
}

/* A clock that was set back makes nothing younger than now. */
static int64_t age_of(const struct entry_kept *e, int64_t now_ms)
{
    return now_ms > e->row.since_ms ? now_ms - e->row.since_ms : 0;
}

static int64_t longest(const struct greylist *g, bool is_known)
{
    return is_known ? g->settings.keep_ms : g->settings.retry_ms;
}

static bool is_over(const struct greylist *g, const struct entry_kept *e, int64_t now_ms)
{
    return age_of(e, now_ms) > longest(g, e->row.is_known);
}

static void make_room(struct greylist *g, bool is_known, int64_t now_ms)
{
    size_t most = is_known ? g->settings.most_known : g->settings.most_waiting;
    for (int i = 0; i < DROPPED_AT_A_TIME; i++) {
        struct entry_kept *e = oldest(g, is_known);
        if (!e || (g->counts[is_known] < most && !is_over(g, e, now_ms)))
            return;
        if (e->row.since_ms > g->dropped[is_known])
            g->dropped[is_known] = e->row.since_ms;
        forget(g, e);
    }
}

static struct entry_kept *add(struct greylist *g, const struct greylist_row *row)
{
    struct entry_kept *e = memory_new(sizeof *e);
    e->row = *row;
    index_set(&g->by_key, e);
    list_append(&g->lists[row->is_known], &e->link);
    g->counts[row->is_known]++;
    if (!row->is_known)
        count_client(g, row->client);
    return e;
}

/* ---- asking */

static struct entry_kept *find(const struct greylist *g, uint64_t key, bool is_known,
                               int64_t now_ms)
{
    struct entry_kept *e = index_get(&g->by_key, key);
    return e && e->row.is_known == is_known && !is_over(g, e, now_ms) ? e : NULL;
}

enum greylist_answer greylist_look(const struct greylist *g, const unsigned char client[16],
                                   struct span sender, struct span recipient, int64_t now_ms,
                                   int64_t *wait_ms)
{
    *wait_ms = 0;
    if (find(g, key_of_network(g, client), true, now_ms))
        return GREYLIST_KNOWN;
    const struct entry_kept *e =
        find(g, key_of_attempt(g, client, sender, recipient), false, now_ms);
    int64_t left = e ? g->settings.wait_ms - age_of(e, now_ms) : g->settings.wait_ms;
    if (e && left <= 0)
        return GREYLIST_PASSES;
    *wait_ms = left;
    return GREYLIST_WAITS;
}

static void know(struct greylist *g, uint64_t key, int64_t now_ms)
{
    struct entry_kept *e = index_get(&g->by_key, key);
    if (e)
        forget(g, e);
    make_room(g, true, now_ms);
    const struct greylist_row row = {.key = key, .is_known = true, .since_ms = now_ms};
    note_change(g, add(g, &row));
}

/* To the disk only once an hour: networks send much. */
static void note_use(struct greylist *g, struct entry_kept *e, int64_t now_ms)
{
    if (age_of(e, now_ms) < HOUR && now_ms >= e->row.since_ms)
        return;
    e->row.since_ms = now_ms;
    list_remove(&e->link);
    list_append(&g->lists[true], &e->link);
    note_change(g, e);
}

static void note_attempt(struct greylist *g, const unsigned char client[16], uint64_t key,
                         int64_t now_ms)
{
    struct entry_kept *old = index_get(&g->by_key, key);
    if (old && is_over(g, old, now_ms)) {
        forget(g, old);
    } else if (old) {
        if (old->row.since_ms > now_ms) { /* the clock was set back */
            old->row.since_ms = now_ms;
            note_change(g, old);
        }
        return;
    }
    make_room(g, false, now_ms);
    const struct greylist_row row = {
        .key = key, .since_ms = now_ms, .client = key_of_client(g, client)};
    if (count_of_client(g, row.client) < g->settings.most_of_client)
        note_change(g, add(g, &row));
}

enum greylist_answer greylist_ask(struct greylist *g, const unsigned char client[16],
                                  struct span sender, struct span recipient, int64_t now_ms,
                                  int64_t *wait_ms)
{
    uint64_t network = key_of_network(g, client);
    uint64_t attempt = key_of_attempt(g, client, sender, recipient);
    enum greylist_answer answer = greylist_look(g, client, sender, recipient, now_ms, wait_ms);
    switch (answer) {
    case GREYLIST_KNOWN:
        note_use(g, index_get(&g->by_key, network), now_ms);
        break;
    case GREYLIST_PASSES:
        forget(g, index_get(&g->by_key, attempt));
        know(g, network, now_ms);
        break;
    case GREYLIST_WAITS:
        note_attempt(g, client, attempt, now_ms);
        break;
    }
    return answer;
}

/* ---- for the disk */

size_t greylist_changed(struct greylist *g, struct greylist_row *rows, size_t most)
{
    size_t count = 0;
    for (struct list *node; count < most && (node = list_take(&g->changed));)
        rows[count++] = LIST_ENTRY(node, struct entry_kept, changed)->row;
    return count;
}

int64_t greylist_oldest(const struct greylist *g, bool is_known)
{
    const struct entry_kept *e = oldest(g, is_known);
    if (!g->dropped[is_known])
        return 0;
    return e ? e->row.since_ms : g->dropped[is_known] + 1;
}

void greylist_restore(struct greylist *g, const struct greylist_row *row)
{
    struct entry_kept *old = index_get(&g->by_key, row->key);
    if (old)
        forget(g, old);
    make_room(g, row->is_known, row->since_ms);
    add(g, row);
}

size_t greylist_count(const struct greylist *g, bool is_known)
{
    return g->counts[is_known];
}

/* ---- beginning and end */

struct greylist *greylist_new(const struct greylist_settings *s, uint64_t secret)
{
    struct greylist *g = memory_new(sizeof *g);
    g->settings = *s;
    g->secret = secret;
    g->by_key = INDEX_BY(struct entry_kept, row.key);
    g->by_client = INDEX_BY(struct client_count, key);
    list_init(&g->lists[false]);
    list_init(&g->lists[true]);
    list_init(&g->changed);
    return g;
}

void greylist_set(struct greylist *g, const struct greylist_settings *s)
{
    g->settings = *s;
}

void greylist_free(struct greylist **greylist)
{
    struct greylist *g = *greylist;
    if (!g)
        return;
    for (int kind = 0; kind < 2; kind++)
        for (struct entry_kept *e; (e = oldest(g, kind));)
            forget(g, e);
    index_free(&g->by_key);
    index_free(&g->by_client);
    free(g);
    *greylist = NULL;
}
