#include "guard/replay.h"

#include "base/inet.h"
#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"
#include "guard/print.h"

#include <stdlib.h>

enum {
    DAY_MS = 24 * 3600 * 1000,
    MOST_OPEN = 50000 /* messages of which more may be heard; the oldest goes */
};

struct owner {
    struct span name;
    struct guard_account account;
    int64_t first_ms, last_ms;
};

/* A message of which failures may be heard. */
struct open_message {
    struct span queue_id;
    struct owner *owner;
    uint64_t *new_ones; /* recipients; 0: its failure was heard */
    size_t new_count;
    struct list link;
};

struct replay {
    struct replay_settings settings;
    replay_tell_fn *tell;
    void *arg;
    struct arena names;
    struct map owners, open, local; /* by text */
    struct list in_order;           /* of the open ones, the oldest first */
    struct replay_figures figures;
    uint64_t *recipients; /* of the message at hand */
    struct guard_leave *leave;
    size_t room;
};

struct replay *replay_new(const struct replay_settings *s, replay_tell_fn *tell, void *arg)
{
    struct replay *r = memory_new(sizeof *r);
    r->settings = *s;
    r->tell = tell;
    r->arg = arg;
    list_init(&r->in_order);
    return r;
}

static void close_message(struct replay *r, struct open_message *m)
{
    map_remove_text(&r->open, m->queue_id);
    list_remove(&m->link);
    free((void *)(uintptr_t)m->queue_id.at);
    free(m->new_ones);
    free(m);
}

static void close_oldest(struct replay *r)
{
    close_message(r, LIST_ENTRY(r->in_order.next, struct open_message, link));
}

void replay_free(struct replay **r)
{
    if (!*r)
        return;
    struct owner *o;
    while (!list_is_empty(&(*r)->in_order))
        close_oldest(*r);
    for (size_t i = 0; (o = map_next(&(*r)->owners, &i));)
        free(o);
    map_free(&(*r)->owners);
    map_free(&(*r)->open);
    map_free(&(*r)->local);
    arena_clear(&(*r)->names);
    free((*r)->recipients);
    free((*r)->leave);
    free(*r);
    *r = NULL;
}

/* ---- who is who */

static struct span in_lower(struct arena *a, struct span text)
{
    char *lower = arena_new(a, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        lower[i] = ascii_lower(text.at[i]);
    return span_make(lower, text.len);
}

static struct owner *owner_of(struct replay *r, struct span name)
{
    struct arena scratch = ARENA_EMPTY;
    struct span key = in_lower(&scratch, name);
    struct owner *o = map_get_text(&r->owners, key);
    if (!o) {
        o = memory_new(sizeof *o);
        o->name = arena_copy(&r->names, key);
        map_set_text(&r->owners, o->name, o);
        r->figures.accounts++;
    }
    arena_clear(&scratch);
    return o;
}

static struct owner *sender_of(struct replay *r, const struct replay_line *l)
{
    struct span name = l->login.len || !r->settings.is_by_sender ? l->login : l->sender;
    return name.len ? owner_of(r, name) : NULL;
}

static struct span domain_of(struct span address)
{
    size_t at = address.len;
    while (at && address.at[at - 1] != '@')
        at--;
    return at ? span_skip(address, at) : SPAN_NONE;
}

static bool is_local(const struct replay *r, struct span address)
{
    struct arena scratch = ARENA_EMPTY;
    struct span domain = domain_of(address);
    bool ours = !domain.len || map_get_text(&r->local, in_lower(&scratch, domain));
    arena_clear(&scratch);
    return ours;
}

void replay_add_local(struct replay *r, struct span domain)
{
    struct arena scratch = ARENA_EMPTY;
    struct span key = in_lower(&scratch, domain);
    if (key.len && !map_get_text(&r->local, key))
        map_set_text(&r->local, arena_copy(&r->names, key), r);
    arena_clear(&scratch);
}

void replay_declare(struct replay *r, struct span account, enum guard_profile profile,
                    uint32_t recipients_a_day)
{
    struct owner *o = owner_of(r, account);
    o->account.profile = profile;
    o->account.declared = recipients_a_day;
}

/* ---- what the guard says */

static void tell(struct replay *r, enum replay_finding_kind kind, const struct owner *o,
                 int64_t time_ms, size_t recipients, const struct guard_verdict *v)
{
    struct replay_finding f = {.kind = kind,
                               .time_ms = time_ms,
                               .account = o->name,
                               .recipients = recipients,
                               .verdict = v};
    r->tell(r->arg, &f);
}

static void tell_verdict(struct replay *r, const struct owner *o, int64_t time_ms, size_t slowed,
                         const struct guard_verdict *v)
{
    if (!v->is_news)
        return;
    bool is_red = v->level == GUARD_RED;
    *(is_red ? &r->figures.held : &r->figures.slowed) += 1;
    tell(r, is_red ? FINDING_HELD : FINDING_SLOWED, o, time_ms, slowed, v);
}

static void confirm(struct replay *r, struct owner *o, int64_t time_ms)
{
    if (guard_is_red(&o->account))
        tell(r, FINDING_ANSWERED, o, time_ms, (size_t)o->account.held, NULL);
    guard_release(&o->account, time_ms);
}

static void answer_if_due(struct replay *r, struct owner *o, int64_t now_ms)
{
    int64_t due = o->account.red_since_ms + r->settings.answer_ms;
    if (r->settings.answer_ms && guard_is_red(&o->account) && now_ms >= due)
        confirm(r, o, due);
}

static void note_time(struct owner *o, int64_t now_ms)
{
    if (!o->first_ms)
        o->first_ms = now_ms;
    if (now_ms > o->last_ms)
        o->last_ms = now_ms;
}

/* ---- a message */

static void make_room(struct replay *r, size_t count)
{
    if (count <= r->room)
        return;
    r->room = count;
    r->recipients = memory_resize(r->recipients, count * sizeof *r->recipients);
    r->leave = memory_resize(r->leave, count * sizeof *r->leave);
}

static uint64_t hash(const struct replay *r, char kind, struct span text)
{
    return text.len ? print_name(r->settings.key, kind, text) : 0;
}

/* The network of an address: a /24 or a /64. What is none stands for itself. */
static struct span network_of(struct span client, unsigned char network[16])
{
    unsigned char address[16];
    struct span bare = span_starts_nocase(client, SPAN("IPv6:")) ? span_skip(client, 5) : client;
    if (!inet_parse(bare, address))
        return client;
    memset(network, 0, 16);
    memcpy(network, address, inet_is_v4(address) ? 15 : 8);
    return span_make(network, 16);
}

static void name_places(const struct replay *r, const struct replay_line *l,
                        struct guard_message *m)
{
    unsigned char bytes[16];
    struct span network = network_of(l->client, bytes);
    m->network = hash(r, 'n', network);
    m->client = m->network ? m->network ^ hash(r, 'p', l->program) : 0;
    m->country = (uint16_t)hash(r, 'c', l->country);
}

static void remember(struct replay *r, const struct replay_line *l, struct owner *o,
                     const struct guard_message *m)
{
    struct open_message *old = map_get_text(&r->open, l->queue_id);
    if (!l->queue_id.len || !m->recipient_count)
        return;
    if (old)
        close_message(r, old);
    struct open_message *open = memory_new(sizeof *open);
    char *id = memory_new(l->queue_id.len + 1);
    memcpy(id, l->queue_id.at, l->queue_id.len);
    open->queue_id = span_make(id, l->queue_id.len);
    open->owner = o;
    open->new_ones = memory_new(m->recipient_count * sizeof *open->new_ones);
    for (size_t i = 0; i < m->recipient_count; i++)
        if (r->leave[i].is_new)
            open->new_ones[open->new_count++] = m->recipients[i];
    map_set_text(&r->open, open->queue_id, open);
    list_append(&r->in_order, &open->link);
    if (r->open.count > MOST_OPEN)
        close_oldest(r);
}

static size_t count_slowed(const struct replay *r, const struct guard_message *m)
{
    size_t slowed = 0;
    for (size_t i = 0; i < m->recipient_count; i++)
        slowed += r->leave[i].when_ms > m->now_ms;
    return slowed;
}

static void send(struct replay *r, const struct replay_line *l, struct owner *o)
{
    uint64_t links[REPLAY_MOST_LINKS];
    struct guard_message m = {.now_ms = l->time_ms, .text = l->text, .links = links};
    struct guard_verdict v;
    make_room(r, l->to_count);
    for (size_t i = 0; i < l->to_count; i++)
        if (!is_local(r, l->to[i]))
            r->recipients[m.recipient_count++] = hash(r, 'r', l->to[i]);
    if (!m.recipient_count)
        return;
    m.recipients = r->recipients;
    for (; m.link_count < l->link_count; m.link_count++)
        links[m.link_count] = hash(r, 'l', l->links[m.link_count]);
    name_places(r, l, &m);
    guard_send(&o->account, &r->settings.limits, &m, r->leave, &v);
    r->figures.messages++;
    r->figures.recipients += m.recipient_count;
    size_t slowed = 0;
    if (v.level == GUARD_RED) {
        r->figures.held_recipients += m.recipient_count;
    } else {
        slowed = count_slowed(r, &m);
        remember(r, l, o, &m);
    }
    r->figures.slowed_recipients += slowed;
    tell_verdict(r, o, l->time_ms, slowed, &v);
}

static void accept(struct replay *r, const struct replay_line *l)
{
    struct owner *o = sender_of(r, l);
    if (!o || !l->to_count) {
        r->figures.unnamed++;
        return;
    }
    note_time(o, l->time_ms);
    answer_if_due(r, o, l->time_ms);
    send(r, l, o);
}

/* ---- what comes afterwards */

static void hear(struct replay *r, struct owner *o, enum guard_news news, int64_t time_ms)
{
    struct guard_verdict v;
    if (guard_is_red(&o->account))
        return; /* what was held has not failed */
    guard_hear(&o->account, &r->settings.limits, news, time_ms, &v);
    tell_verdict(r, o, time_ms, 0, &v);
}

static void hear_of_failure(struct replay *r, const struct open_message *m,
                            const struct replay_line *l)
{
    uint64_t recipient = hash(r, 'r', l->recipient);
    for (size_t i = 0; recipient && i < m->new_count; i++) {
        if (m->new_ones[i] != recipient)
            continue;
        m->new_ones[i] = 0;
        hear(r, m->owner, NEWS_UNKNOWN_USER, l->time_ms);
        return;
    }
}

/* Of what is heard without a message: by the account that it names. */
static void hear_of_account(struct replay *r, const struct replay_line *l, enum guard_news news)
{
    const struct open_message *m = map_get_text(&r->open, l->queue_id);
    struct owner *o = m ? m->owner : sender_of(r, l);
    if (o)
        hear(r, o, news, l->time_ms);
}

void replay_take(struct replay *r, const struct replay_line *l)
{
    const struct open_message *m;
    struct owner *o;
    switch (l->kind) {
    case REPLAY_ACCEPTED:
        accept(r, l);
        return;
    case REPLAY_DELIVERED:
        replay_add_local(r, domain_of(l->recipient));
        return;
    case REPLAY_UNKNOWN_USER:
        if ((m = map_get_text(&r->open, l->queue_id)))
            hear_of_failure(r, m, l);
        return;
    case REPLAY_REFUSED:
        if ((m = map_get_text(&r->open, l->queue_id)))
            hear(r, m->owner, NEWS_REFUSED, l->time_ms);
        return;
    case REPLAY_COMPLAINT:
        hear_of_account(r, l, NEWS_REPORTED);
        return;
    case REPLAY_CHANGED:
        hear_of_account(r, l, NEWS_CHANGED);
        return;
    case REPLAY_CONFIRMED:
        if ((o = sender_of(r, l)))
            confirm(r, o, l->time_ms);
        return;
    case REPLAY_OTHER:
        return;
    }
}

struct replay_figures replay_end(struct replay *r)
{
    struct owner *o;
    int64_t last = 0;
    for (size_t i = 0; (o = map_next(&r->owners, &i));)
        last = o->last_ms > last ? o->last_ms : last;
    r->figures.account_days = 0;
    for (size_t i = 0; (o = map_next(&r->owners, &i));)
        if (o->first_ms)
            r->figures.account_days += (uint64_t)((last - o->first_ms) / DAY_MS) + 1;
    return r->figures;
}
