/* The ledger is some seconds behind what is sent, at most: that a message is not there is believed
 * only when the ledger has caught up with all that had come when the notice did. Of many notices
 * that come at once, the first one's waiting is enough for all.
 *
 * A ledger that is open stays so, and is used by one thread at a time: to open one costs more than
 * to ask it. */
#include "receive/own_evidence.h"

#include "account/misuse.h"
#include "address/returns.h"
#include "base/memory.h"
#include "provenance/own_tag.h"
#include "provenance/provenance.h"
#include "store/ledger_sent.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    MOST_IDLE = 8,
    MOST_OF_ONE = 20,       /* messages of one Message-ID */
    COMPLAIN_EVERY = 60000, /* ms */
    CLOCKS_DIFFER = 3600000 /* likewise, by so much */
};
#define TRIED_FOR (INT64_C(10) * 24 * 3600 * 1000) /* likewise */

struct own_evidence {
    struct own_evidence_settings settings;
    struct buffer directory, path;
    pthread_mutex_t lock; /* of what follows */
    struct ledger *idle[MOST_IDLE];
    size_t idle_count;
    bool has_key;
    unsigned char key[SENT_KEY];
    int64_t reached_ms; /* the ledger has all that was there then, by the monotonic clock */
    int64_t complained_ms;
};

/* One notice. */
struct asking {
    struct own_evidence *house;
    struct ledger *ledger;
    const struct evidence_wanted *wanted;
    size_t mine; /* messages that it may be about, each as often as it was found */
    struct misused *misused;
    size_t misused_count; /* of these */
    struct arena *arena;  /* of what is found */
};

struct own_evidence *own_evidence_new(const struct own_evidence_settings *s)
{
    struct own_evidence *o = memory_new(sizeof *o);
    o->settings = *s;
    buffer_add_span(&o->directory, s->state);
    buffer_printf(&o->path, "%.*s/ledger.sqlite", SPAN_F(s->state));
    pthread_mutex_init(&o->lock, NULL);
    return o;
}

void own_evidence_free(struct own_evidence **own)
{
    struct own_evidence *o = *own;
    *own = NULL;
    if (!o)
        return;
    while (o->idle_count)
        ledger_close(&o->idle[--o->idle_count]);
    pthread_mutex_destroy(&o->lock);
    buffer_free(&o->directory);
    buffer_free(&o->path);
    free(o);
}

static void complain(struct own_evidence *o, const struct error *e)
{
    int64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&o->lock);
    bool is_due = !o->complained_ms || now - o->complained_ms > COMPLAIN_EVERY;
    if (is_due)
        o->complained_ms = now;
    pthread_mutex_unlock(&o->lock);
    if (is_due)
        log_message(LOG_LEVEL_WARNING, "ledger-not-asked",
                    "notices are judged without the ledger: %s", e->text);
}

/* ---- ledgers in use */

static struct ledger *take_ledger(struct own_evidence *o, struct error *e)
{
    struct ledger *l = NULL;
    pthread_mutex_lock(&o->lock);
    if (!o->has_key)
        o->has_key = store_sent_key(buffer_text(&o->directory), o->key, e);
    bool ok = o->has_key;
    if (o->idle_count)
        l = o->idle[--o->idle_count];
    pthread_mutex_unlock(&o->lock);
    return l || !ok ? l : ledger_open_read(buffer_text(&o->path), e);
}

static void give_back(struct own_evidence *o, struct ledger *l)
{
    pthread_mutex_lock(&o->lock);
    if (o->idle_count < MOST_IDLE) {
        o->idle[o->idle_count++] = l;
        l = NULL;
    }
    pthread_mutex_unlock(&o->lock);
    ledger_close(&l);
}

/* ---- what was sent */

static bool is_me(const struct evidence *e, const struct sent *s)
{
    for (size_t i = 0; i < e->me_count; i++)
        if (span_equal_nocase(e->me[i], s->reverse_path) || span_equal_nocase(e->me[i], s->account))
            return true;
    return !e->me_count;
}

/* One that it may be about: has somebody else sent it? */
static bool weigh(struct asking *q, const struct sent *s, struct error *why)
{
    const struct own_evidence_settings *of = &q->house->settings;
    const struct misuse_question what = {.account = s->name,
                                         .sent_ms = s->time_ms,
                                         .client_address = s->client_address,
                                         .client_name = s->client_name,
                                         .key = of->guard_key,
                                         .limits = q->wanted->limits};
    bool was = false;
    if (of->accounts && s->name.len && !account_was_misused(of->accounts, &what, &was, why))
        return false;
    q->mine++;
    if (was && !q->misused_count++)
        *q->misused = (struct misused){arena_copy(q->arena, s->name), s->id};
    return true;
}

static bool look(struct asking *q, const struct sent_question *what, const struct evidence *e,
                 struct sent_told *t, struct error *why)
{
    struct arena a = ARENA_EMPTY;
    struct sent *found;
    *t = (struct sent_told){.is_whole = true};
    bool ok = ledger_sent_since(q->ledger, &t->since_ms, why) &&
              ledger_sent(q->ledger, what, q->house->key, MOST_OF_ONE, &a, &found, &t->count, why);
    for (size_t i = 0; ok && i < t->count; i++) {
        if (!is_me(e, &found[i]))
            continue;
        t->is_by_me = true;
        ok = !what->message_id.len || weigh(q, &found[i], why);
    }
    if (ok && what->message_id.len && !t->count)
        ok = ledger_has_message_id(q->ledger, what->message_id, &t->has_passed, why);
    arena_clear(&a);
    return ok;
}

/* True: the ledger may know more than before. */
static bool catches_up(const struct asking *q, struct error *why)
{
    struct own_evidence *o = q->house;
    int64_t begins_ms = clock_monotonic_ms();
    pthread_mutex_lock(&o->lock);
    bool has = o->reached_ms > q->wanted->came_ms;
    pthread_mutex_unlock(&o->lock);
    if (has)
        return true;
    if (!store_catch_up(o->settings.store, why))
        return false;
    pthread_mutex_lock(&o->lock);
    if (begins_ms > o->reached_ms)
        o->reached_ms = begins_ms;
    pthread_mutex_unlock(&o->lock);
    return true;
}

static bool ask(void *arg, struct span id, struct span to, const struct evidence *e,
                struct sent_told *t)
{
    struct asking *q = arg;
    const struct sent_question what = {.message_id = id, .to = to};
    struct error why = {""};
    bool ok = look(q, &what, e, t, &why);
    bool is_missing = ok && id.len && !to.len && !t->count;
    if (is_missing)
        ok = catches_up(q, &why) && look(q, &what, e, t, &why);
    if (!ok)
        complain(q->house, &why);
    return ok;
}

/* Not every address that gets its mail here sends from here. */
static bool sends_from_here(void *arg, struct span address)
{
    const struct asking *q = arg;
    struct error why = {""};
    bool sends = false;
    if (!ledger_sends(q->ledger, address, &sends, &why))
        complain(q->house, &why);
    return sends;
}

/* ---- a signed return path of ours, to which it came */

static enum return_tag_answer check_tag(void *arg, struct span address, struct return_tag *t,
                                        struct arena *a)
{
    return returns_check(((const struct asking *)arg)->wanted->directory, address, t, a);
}

static bool is_for(void *arg, const struct return_tag *t, struct span recipient_domain)
{
    return returns_is_for(((const struct asking *)arg)->wanted->directory, t, recipient_domain);
}

static bool look_for_tag(struct asking *q, const struct sent_question *what, int64_t day,
                         struct tag_told *told, struct arena *a, struct error *why)
{
    struct sent *found;
    size_t count = 0;
    bool ok = ledger_sent(q->ledger, what, q->house->key, MOST_OF_ONE, a, &found, &count, why);
    for (size_t i = 0; ok && i < count; i++) {
        if (!what->id && !return_tag_day_is_of(day, found[i].time_ms / 1000))
            continue;
        told->recipients += found[i].recipients;
        told->message_id = found[i].message_id;
        ok = weigh(q, &found[i], why);
    }
    return ok;
}

static bool ask_for_tag(void *arg, const struct tag_question *t, struct tag_told *told,
                        struct arena *a)
{
    struct asking *q = arg;
    struct sent_question what = {.to = t->to, .by = &t->sender, .by_count = !t->queue_id.len};
    struct error why = {""};
    bool ok = (!t->queue_id.len || message_id_parse(t->queue_id, &what.id)) &&
              look_for_tag(q, &what, t->day, told, a, &why);
    if (ok && !told->recipients)
        ok = catches_up(q, &why) && look_for_tag(q, &what, t->day, told, a, &why);
    if (!ok)
        complain(q->house, &why);
    return ok;
}

/* Those that have come just before count, too, and this one, which is in no ledger yet. */
static bool count_uses(void *arg, struct span address, size_t *uses)
{
    const struct asking *q = arg;
    struct error why = {""};
    bool ok = catches_up(q, &why) && ledger_count_to(q->ledger, address, uses, &why);
    if (ok)
        *uses += 1;
    else
        complain(q->house, &why);
    return ok;
}

/* ---- our signatures */

static const struct dkim_key *find_key(void *arg, const struct dkim_signature *s, bool is_from_me)
{
    const struct signing *signing = arg;
    return is_from_me ? signing_key_of(signing, s->domain, s->selector) : NULL;
}

/* ---- all of it */

void own_evidence_gather(struct own_evidence *o, const struct evidence_wanted *w,
                         struct evidence *e, struct misused *misused, struct arena *a)
{
    struct error why = {""};
    struct asking q = {
        .house = o, .ledger = take_ledger(o, &why), .wanted = w, .misused = misused, .arena = a};
    *misused = (struct misused){SPAN_NONE, 0};
    const struct sent_record record = {ask, sends_from_here, &q};
    const struct tag_record tags = {check_tag, is_for, ask_for_tag, count_uses, &q};
    if (q.ledger) {
        provenance_by_tag(e, &tags, w->notice, w->came_to, a);
        provenance_by_record(e, &record, w->notice);
        give_back(o, q.ledger);
    } else {
        complain(o, &why);
    }
    if (w->signing) {
        const struct own_keys keys = {find_key, (void *)(uintptr_t)w->signing};
        provenance_by_signature(e, &keys, &w->notice->original, a);
    }
    e->account_is_suspect = q.mine && q.misused_count == q.mine;
    if (!e->account_is_suspect)
        *misused = (struct misused){SPAN_NONE, 0};
}

/* ---- an address that nobody uses */

/* Where it is not told when the message was written: nobody tries for longer. */
static bool goes_back_to(int64_t since_ms, const struct notice *n)
{
    int64_t written_ms = n->original.date_ms ? n->original.date_ms : clock_now_ms() - TRIED_FOR;
    return since_ms <= written_ms - CLOCKS_DIFFER;
}

static bool is_made_up(const struct asking *q, bool *is, struct error *why)
{
    const struct notice *n = q->wanted->notice;
    struct span address = q->wanted->came_to, id = n->original.message_id;
    bool sends = false, has_had = false, has_id = false;
    int64_t since_ms;
    bool ok = ledger_sent_since(q->ledger, &since_ms, why) &&
              ledger_sends(q->ledger, address, &sends, why) &&
              ledger_has_had_mail(q->ledger, address, &has_had, why) &&
              (!id.len || ledger_has_message_id(q->ledger, id, &has_id, why));
    *is = ok && !sends && !has_had && !has_id && goes_back_to(since_ms, n);
    return ok;
}

bool own_evidence_is_made_up(struct own_evidence *o, const struct evidence_wanted *w)
{
    struct error why = {""};
    struct asking q = {.house = o, .ledger = take_ledger(o, &why), .wanted = w};
    bool is = false;
    bool ok = q.ledger && is_made_up(&q, &is, &why);
    if (ok && is) /* there may be more to know */
        ok = catches_up(&q, &why) && is_made_up(&q, &is, &why);
    if (q.ledger)
        give_back(o, q.ledger);
    if (!ok)
        complain(o, &why);
    return ok && is;
}

bool own_evidence_sends(struct own_evidence *o, struct span address)
{
    struct error why = {""};
    struct ledger *l = take_ledger(o, &why);
    bool sends = false;
    bool ok = l && ledger_sends(l, address, &sends, &why);
    if (l)
        give_back(o, l);
    if (!ok)
        complain(o, &why);
    return sends;
}
