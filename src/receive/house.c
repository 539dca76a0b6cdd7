/* What is common to all loops, and how it changes: the main thread prepares the entrances of a new
 * configuration with their sockets, and gives each loop its own of them by a task. */
#include "base/memory.h"
#include "receive/flooding.h"
#include "receive/inside.h"
#include "receive/own_evidence.h"
#include "receive/second_chance.h"
#include "sys/chance.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_IDLE_CLIENTS = 128 * 1024 };

struct receive_change {
    struct receive_house *house;
    const struct options *options;
    struct clients *clients;
    struct tls_context *tls;
    struct gate *gate;
    struct entrance **entrances;
    size_t count;
    int *descriptors; /* of the entrances for the first receiver, then for the second, … */
};

/* One receiver's share. */
struct change_note {
    struct task task;
    struct receiver *receiver;
    size_t count;
    struct entrance **entrances;
    int descriptors[];
};

/* ---- counters of clients */

static struct clients_settings settings_of_clients(const struct options *o, uint64_t seed)
{
    return (struct clients_settings){
        .address = {o->max_sessions_per_client,
                    {o->client_connection_rate, o->client_message_rate, o->client_recipient_rate}},
        .network = {o->max_sessions_per_network,
                    {o->network_connection_rate, o->network_message_rate,
                     o->network_recipient_rate}},
        .ipv4_bits = (unsigned)o->client_network_ipv4,
        .ipv6_bits = (unsigned)o->client_network_ipv6,
        .seed = seed,
        .most_idle = MOST_IDLE_CLIENTS,
    };
}

/* Counters go on, unless what they are for has changed. */
static struct clients *clients_for(const struct receive_house *h, const struct options *o)
{
    if (h->options) {
        const struct clients_settings was = settings_of_clients(h->options, 0);
        const struct clients_settings is = settings_of_clients(o, 0);
        if (memcmp(&was, &is, sizeof was) == 0)
            return clients_ref(h->clients);
    }
    const struct clients_settings s = settings_of_clients(o, random_number());
    return clients_new(&s);
}

/* ---- changes */

static bool is_new_place(const struct receive_house *h, const struct entrance *x)
{
    for (size_t i = 0; i < h->entrance_count; i++)
        if (h->entrances[i]->place == x->place)
            return false;
    return true;
}

static bool open_all(struct receive_change *c, struct error *e)
{
    struct receive_house *h = c->house;
    for (size_t i = 0; i < c->count * h->receiver_count; i++) {
        struct entrance *x = c->entrances[i % c->count];
        if (!is_new_place(h, x))
            continue;
        c->descriptors[i] = entrance_open(x, h->settings.manager, e);
        if (c->descriptors[i] < 0)
            return false;
    }
    return true;
}

struct receive_change *receive_prepare(struct receive_house *h, const struct options *o,
                                       struct signing *signing, struct error *e)
{
    struct receive_change *c = memory_new(sizeof *c);
    size_t all = o->listen_count * h->receiver_count;
    c->house = h;
    c->options = options_ref(o);
    c->clients = clients_for(h, o);
    c->gate = gate_new(o, h->gate, e);
    c->entrances = memory_new(o->listen_count * sizeof(struct entrance *));
    c->descriptors = memory_new(all * sizeof *c->descriptors);
    for (size_t i = 0; i < all; i++)
        c->descriptors[i] = -1;
    bool ok = c->gate && receive_load_certificates(o, &c->tls, e);
    const struct entrance_parts parts = {c->clients, c->gate, c->tls, signing};
    for (size_t i = 0; ok && i < o->listen_count; i++) {
        struct entrance *x = entrance_new(o, i, &parts, h->entrances, h->entrance_count, e);
        ok = x != NULL;
        if (ok)
            c->entrances[c->count++] = x;
    }
    if (!ok || !open_all(c, e))
        receive_change_drop(&c);
    return c;
}

static void free_entrances(struct entrance **entrances, size_t count)
{
    for (size_t i = 0; i < count; i++)
        entrance_unref(&entrances[i]);
    free(entrances);
}

static void change_free(struct receive_change **change)
{
    struct receive_change *c = *change;
    options_unref(&c->options);
    clients_unref(&c->clients);
    tls_context_unref(&c->tls);
    gate_unref(&c->gate);
    free(c->descriptors);
    free(c);
    *change = NULL;
}

void receive_change_drop(struct receive_change **change)
{
    struct receive_change *c = *change;
    if (!c)
        return;
    for (size_t i = 0; i < c->count * c->house->receiver_count; i++)
        if (c->descriptors[i] >= 0)
            place_close(c->entrances[i % c->count]->place, c->descriptors[i]);
    free_entrances(c->entrances, c->count);
    change_free(change);
}

static void change_here(struct task *t)
{
    struct change_note *n = LIST_ENTRY(t, struct change_note, task);
    receiver_change(n->receiver, n->entrances, n->descriptors, n->count);
    free(n->entrances);
    free(n);
}

static void give_share(const struct receive_change *c, size_t receiver)
{
    struct change_note *n = memory_new(sizeof *n + c->count * sizeof *n->descriptors);
    n->task.run = change_here;
    n->receiver = c->house->receivers[receiver];
    n->count = c->count;
    n->entrances = memory_new(c->count * sizeof(struct entrance *));
    for (size_t i = 0; i < c->count; i++) {
        n->entrances[i] = entrance_ref(c->entrances[i]);
        n->descriptors[i] = c->descriptors[receiver * c->count + i];
    }
    loop_post(n->receiver->loop, &n->task);
}

void receive_change_now(struct receive_change **change)
{
    struct receive_change *c = *change;
    struct receive_house *h = c->house;
    for (size_t i = 0; i < h->receiver_count; i++)
        give_share(c, i);
    options_unref(&h->options);
    clients_unref(&h->clients);
    tls_context_unref(&h->tls);
    gate_unref(&h->gate);
    free_entrances(h->entrances, h->entrance_count);
    h->tls = tls_context_ref(c->tls);
    h->gate = gate_ref(c->gate);
    h->options = options_ref(c->options);
    h->clients = clients_ref(c->clients);
    h->entrances = c->entrances;
    h->entrance_count = c->count;
    change_free(change);
}

/* ---- the house */

struct receive_house *receive_house_new(const struct receive_settings *s)
{
    struct receive_house *h = memory_new(sizeof *h);
    h->settings = *s;
    h->second_chances = second_chances_new(random_number());
    const struct own_evidence_settings evidence = {s->state, s->store, s->accounts, s->guard_key};
    h->evidence = own_evidence_new(&evidence);
    h->flooding = flooding_new(random_number());
    return h;
}

void receive_recall_flood(struct receive_house *h, struct span mailbox, uint64_t count,
                          int64_t latest_ms)
{
    flooding_recall(h->flooding, &h->options->notices.forged.notices, mailbox, count, latest_ms);
}

size_t receive_flooded_mailboxes(struct receive_house *h)
{
    return flooding_count(h->flooding);
}

const struct tls_context *receive_certificates(const struct receive_house *h)
{
    return h->tls;
}

void receive_house_end(struct receive_house *h)
{
    if (h)
        gate_end(h->gate);
}

void receive_house_free(struct receive_house **house)
{
    struct receive_house *h = *house;
    if (!h)
        return;
    free_entrances(h->entrances, h->entrance_count);
    options_unref(&h->options);
    clients_unref(&h->clients);
    tls_context_unref(&h->tls);
    gate_unref(&h->gate);
    second_chances_free(&h->second_chances);
    own_evidence_free(&h->evidence);
    flooding_free(&h->flooding);
    free(h->receivers);
    free(h);
    *house = NULL;
}
