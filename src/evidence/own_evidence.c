/* The ledger is some seconds behind what is sent, at most: that a message is not there is believed
 * only when the ledger has caught up with all that had come when the notice did. Of many notices
 * that come at once, the first one's waiting is enough for all.
 *
 * A ledger that is open stays so, and is used by one thread at a time: to open one costs more than
 * to ask it. */
#include "evidence/own_evidence.h"

#include "account/misuse.h"
#include "address/returns.h"
#include "base/memory.h"
#include "evidence/kept_sent.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "provenance/lately.h"
#include "provenance/own_tag.h"
#include "provenance/provenance.h"
#include "store/ledger.h"
#include "store/ledger_sent.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    MOST_IDLE = 8,
    MOST_OF_ONE = 20,       /* messages of one Message-ID */
    MOST_LOOKED_AT = 1000,  /* for those of one user */
    MOST_SENDERS = 4,       /* as whom he wrote */
    MOST_AUTHORS = 8,       /* of a message */
    COMPLAIN_EVERY = 60000, /* ms */
    CLOCKS_DIFFER = 3600000 /* likewise, by so much */
};

struct own_evidence {
    struct own_evidence_settings settings;
    struct buffer directory, path;
    struct kept_sent *kept;
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
    struct misused misused;
    size_t misused_count;    /* of these */
    struct arena *arena;     /* of what is found */
    struct sent_whose whose; /* of a user, */
    /* who may have written as these: a notice comes to the return path. */
    struct span senders[MOST_SENDERS];
    size_t sender_count;
};

struct own_evidence *own_evidence_new(const struct own_evidence_settings *s)
{
    struct own_evidence *o = memory_new(sizeof *o);
    o->settings = *s;
    buffer_add_span(&o->directory, s->state);
    buffer_printf(&o->path, "%.*s/ledger.sqlite", SPAN_F(s->state));
    o->kept = kept_sent_new();
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
    kept_sent_free(&o->kept);
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
        o->settings.complain(e);
}

void own_evidence_log(const struct error *e)
{
    log_message(LOG_LEVEL_WARNING, "ledger-not-asked", "notices are judged without the ledger: %s",
                e->text);
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

/* ---- whose it is */

static bool is_users_address(const void *asking, struct span address)
{
    const struct evidence_wanted *w = ((const struct asking *)asking)->wanted;
    return w->directory && directory_is_of_user(w->directory, address, w->uid);
}

static bool is_users(const void *asking, struct span reverse_path, const uint32_t *owner)
{
    const struct evidence_wanted *w = ((const struct asking *)asking)->wanted;
    return (owner && *owner == w->uid) || is_users_address(asking, reverse_path);
}

static bool is_for_user(const struct asking *q)
{
    return q->wanted->who == EVIDENCE_FOR_USER;
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
        q->misused = (struct misused){arena_copy(q->arena, s->name), s->id};
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
        ok = is_for_user(q)
                 ? ledger_was_sent_to(q->ledger, what->message_id, is_users_address, q,
                                      &t->has_passed, why)
                 : ledger_has_message_id(q->ledger, what->message_id, &t->has_passed, why);
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
    if (!o->settings.store)
        return true;
    if (!store_catch_up(o->settings.store, why))
        return false;
    pthread_mutex_lock(&o->lock);
    if (begins_ms > o->reached_ms)
        o->reached_ms = begins_ms;
    pthread_mutex_unlock(&o->lock);
    return true;
}

/* Whether a user has written to somebody is asked of each address that may be his. */
static bool look_by_senders(struct asking *q, struct sent_question *what, const struct evidence *e,
                            struct sent_told *t, struct error *why)
{
    bool ok = true;
    *t = (struct sent_told){0};
    for (size_t i = 0; i < q->sender_count && ok && !t->is_by_me; i++) {
        what->by = &q->senders[i];
        what->by_count = 1;
        ok = look(q, what, e, t, why);
    }
    return ok;
}

static bool ask(void *arg, struct span id, struct span to, const struct evidence *e,
                struct sent_told *t)
{
    struct asking *q = arg;
    struct sent_question what = {
        .message_id = id, .to = to, .whose = is_for_user(q) ? &q->whose : NULL};
    struct error why = {""};
    bool ok = is_for_user(q) && !id.len ? look_by_senders(q, &what, e, t, &why)
                                        : look(q, &what, e, t, &why);
    bool is_missing = ok && q->house->settings.store && id.len && !to.len && !t->count;
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
    if (is_for_user(q) && !is_users_address(q, address))
        return false;
    if (!ledger_sends(q->ledger, address, &sends, &why))
        complain(q->house, &why);
    return sends;
}

static bool look_lately(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of)
{
    const struct asking *q = arg;
    const struct kept_sent_question what = {sender, since_ms, see, of};
    struct error why = {""};
    if (is_for_user(q) && !is_users_address(q, sender))
        return false;
    bool is_all = false, ok = catches_up(q, &why) &&
                              kept_sent_look(q->house->kept, q->ledger, &what, &is_all, &why);
    if (!ok)
        complain(q->house, &why);
    return ok && is_all;
}

/* ---- a signed return path of ours, to which it came, or should have */

static int64_t signed_since_ms(void *arg, struct span sender, struct span recipient)
{
    const struct directory *d = ((const struct asking *)arg)->wanted->directory;
    return d ? returns_signed_since_ms(d, sender, recipient) : INT64_MAX;
}

static enum return_tag_answer check_tag(void *arg, struct span address, struct return_tag *t,
                                        struct arena *a)
{
    const struct asking *q = arg;
    if (!q->wanted->directory)
        return RETURN_TAG_NONE;
    enum return_tag_answer answer = returns_check(q->wanted->directory, address, t, a);
    if (answer == RETURN_TAG_FORGED && is_for_user(q) && !is_users_address(q, t->sender))
        return RETURN_TAG_NONE;
    return answer;
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
    struct sent_question what = {.to = t->to,
                                 .by = &t->sender,
                                 .by_count = !t->queue_id.len,
                                 .whose = is_for_user(q) ? &q->whose : NULL};
    struct error why = {""};
    bool ok = (!t->queue_id.len || message_id_parse(t->queue_id, &what.id)) &&
              look_for_tag(q, &what, t->day, told, a, &why);
    if (ok && q->house->settings.store && !told->recipients)
        ok = catches_up(q, &why) && look_for_tag(q, &what, t->day, told, a, &why);
    if (!ok)
        complain(q->house, &why);
    return ok;
}

/* Those that have come just before count, too, and one that comes now, which is in no ledger yet.
 */
static bool count_uses(void *arg, struct span address, size_t *uses)
{
    const struct asking *q = arg;
    struct error why = {""};
    bool ok = catches_up(q, &why) && ledger_count_to(q->ledger, address, uses, &why);
    if (ok)
        *uses += q->wanted->who == EVIDENCE_FOR_READER;
    else
        complain(q->house, &why);
    return ok;
}

/* ---- how it came, when somebody asks later */

/* To whom the copy in the mailbox of `address` was named; empty: to nobody, there is none. */
static struct span named_for(const struct envelope *e, struct span address)
{
    for (size_t i = 0; i < e->recipient_count; i++) {
        size_t n = i;
        while (e->recipients[n].parent)
            n = e->recipients[n].parent - 1;
        if (span_equal_nocase(e->recipients[i].address, address))
            return e->recipients[n].address;
    }
    return SPAN_NONE;
}

static int story_of(struct asking *q, message_id id, struct story *s, struct arena *a,
                    struct error *why)
{
    int got = ledger_story(q->ledger, id, a, s, why);
    if (got || !q->house->settings.store)
        return got;
    return catches_up(q, why) ? ledger_story(q->ledger, id, a, s, why) : -1;
}

/* The notice's own story tells it; the file itself could say anything. */
static struct plain_arrival arrival_of(struct asking *q, struct arena *a)
{
    const struct own_delivery *d = &q->wanted->delivered;
    struct plain_arrival came = {.address = SPAN_NONE};
    struct story s;
    struct error why = {""};
    message_id id;
    if (!message_id_parse(d->queue_id, &id) || (is_for_user(q) && !is_users_address(q, d->mailbox)))
        return came;
    int got = story_of(q, id, &s, a, &why);
    if (got < 0)
        complain(q->house, &why);
    if (got <= 0)
        return came;
    const struct envelope *e = &s.envelope;
    came.address = named_for(e, d->mailbox);
    came.time_ms = e->accepted_ms;
    came.is_from_stranger = e->origin == ORIGIN_SMTP && !e->reverse_path.len && !e->is_own;
    return came;
}

static enum no_tag look_for_no_tag(struct asking *q, const struct sent_record *r,
                                   struct evidence *e, struct arena *a)
{
    const struct evidence_wanted *w = q->wanted;
    const struct plain_record plain = {signed_since_ms, q};
    if (!no_tag_may_tell(e, w->notice))
        return NO_TAG_SAYS_NOTHING;
    const struct plain_arrival came = w->who == EVIDENCE_FOR_READER ? w->came : arrival_of(q, a);
    return provenance_by_no_tag(e, &plain, r, w->notice, &came);
}

/* ---- our signatures */

static const struct dkim_key *find_key(void *arg, const struct dkim_signature *s, bool is_from_me)
{
    const struct asking *q = arg;
    bool is_for_all = q->wanted->who == EVIDENCE_FOR_OPERATOR;
    return is_from_me || is_for_all ? signing_key_of(q->wanted->signing, s->domain, s->selector)
                                    : NULL;
}

/* The authors of the message who are this user, and, where addresses are named, one of those. */
static size_t authors_who_are_user(const struct asking *q, const struct evidence *e,
                                   struct span authors[MOST_AUTHORS], struct arena *a)
{
    struct address_list list = address_list_start(q->wanted->notice->original.from);
    struct listed_address one;
    size_t count = 0;
    while (count < MOST_AUTHORS && address_list_next(&list, &one, a) > 0) {
        bool is = one.has_domain && is_users_address(q, one.address);
        for (size_t i = 0; is && e->me_count && !address_equal(e->me[i], one.address);)
            is = ++i < e->me_count;
        if (is)
            authors[count++] = one.address;
    }
    return count;
}

static void look_at_signatures(struct asking *q, struct evidence *e, struct arena *a)
{
    struct span authors[MOST_AUTHORS];
    struct evidence of_user = *e;
    const struct own_keys keys = {find_key, q};
    if (!q->wanted->signing)
        return;
    if (is_for_user(q)) {
        of_user.me = authors;
        of_user.me_count = authors_who_are_user(q, e, authors, a);
    }
    provenance_by_signature(&of_user, &keys, &q->wanted->notice->original, a);
    e->own_signature = of_user.own_signature;
    e->own_domain = of_user.own_domain;
}

/* ---- all of it */

static void note_senders(struct asking *q, const struct evidence *e, struct arena *a)
{
    struct address_list list = address_list_start(q->wanted->notice->to);
    struct listed_address one;
    for (size_t i = 0; i < e->me_count && q->sender_count < MOST_SENDERS; i++)
        q->senders[q->sender_count++] = e->me[i];
    while (!e->me_count && q->sender_count < MOST_SENDERS && address_list_next(&list, &one, a) > 0)
        if (one.has_domain)
            q->senders[q->sender_count++] = one.address;
}

enum no_tag own_evidence_gather(struct own_evidence *o, const struct evidence_wanted *w,
                                struct evidence *e, struct misused *misused, struct arena *a)
{
    enum no_tag found = NO_TAG_SAYS_NOTHING;
    struct error why = {""};
    struct asking q = {.house = o, .ledger = take_ledger(o, &why), .wanted = w, .arena = a};
    q.whose = (struct sent_whose){is_users, &q, MOST_LOOKED_AT};
    note_senders(&q, e, a);
    const struct sent_record record = {
        ask, sends_from_here, &q, {look_lately, &q}, is_for_user(&q)};
    const struct tag_record tags = {check_tag, is_for, ask_for_tag, count_uses, &q};
    if (q.ledger) {
        if (w->came.address.len)
            provenance_by_tag(e, &tags, w->notice, w->came.address, a);
        provenance_by_record(e, &record, w->notice);
    } else {
        complain(o, &why);
    }
    look_at_signatures(&q, e, a);
    if (q.ledger) {
        found = look_for_no_tag(&q, &record, e, a);
        give_back(o, q.ledger);
    }
    e->account_is_suspect = q.mine && q.misused_count == q.mine;
    if (misused)
        *misused = e->account_is_suspect ? q.misused : (struct misused){SPAN_NONE, 0};
    return found;
}

/* ---- an address that nobody uses */

/* Where it is not told when the message was written: to the earliest that it can be about. */
static bool goes_back_to(int64_t since_ms, const struct notice *n)
{
    int64_t written_ms =
        n->original.date_ms ? n->original.date_ms : notice_begin_ms(clock_now_ms());
    return since_ms <= written_ms - CLOCKS_DIFFER;
}

static bool is_made_up(const struct asking *q, bool *is, struct error *why)
{
    const struct notice *n = q->wanted->notice;
    struct span address = q->wanted->came.address, id = n->original.message_id;
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
