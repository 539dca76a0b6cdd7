/* Why it never calls a true notice another's: it is never behind the ledger. Which messages there
 * are the ledger is asked each time, and each that is not kept is read; a message is kept only when
 * nothing more becomes of it, and when all of it was seen. What is kept although the ledger has
 * forgotten it can only speak for the notice. Nothing in it hangs on options, users or keys: so a
 * reload changes nothing.
 *
 * It takes MOST_ADDRESSES * MOST_BYTES of memory at most. Who has sent more than that is read anew
 * for each notice; the ledger stops at some thousands of rows. */
#include "evidence/kept_sent.h"

#include "base/memory.h"
#include "provenance/lately_kept.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    MOST_ADDRESSES = 16,
    MOST_BYTES = 1024 * 1024, /* of each */
    KEPT_MS = 10 * 60 * 1000  /* without a question */
};

struct place {
    pthread_mutex_t lock; /* of `kept` */
    struct lately_kept kept;
    struct buffer address; /* in small letters; this and what follows: by the lock of all */
    size_t users;          /* who hold it, or wait for it */
    int64_t used_ms;
};

struct kept_sent {
    pthread_mutex_t lock;
    struct place places[MOST_ADDRESSES];
};

struct kept_sent *kept_sent_new(void)
{
    struct kept_sent *k = memory_new(sizeof *k);
    pthread_mutex_init(&k->lock, NULL);
    for (size_t i = 0; i < MOST_ADDRESSES; i++)
        pthread_mutex_init(&k->places[i].lock, NULL);
    return k;
}

static void empty(struct place *p)
{
    lately_kept_free(&p->kept);
    buffer_free(&p->address);
}

void kept_sent_free(struct kept_sent **kept)
{
    struct kept_sent *k = *kept;
    *kept = NULL;
    if (!k)
        return;
    for (size_t i = 0; i < MOST_ADDRESSES; i++) {
        empty(&k->places[i]);
        pthread_mutex_destroy(&k->places[i].lock);
    }
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* ---- places */

/* That of the address, or the one that was idle longest. NULL: all are in use. */
static struct place *find(struct kept_sent *k, struct span address, int64_t now_ms)
{
    struct place *idle = NULL;
    for (size_t i = 0; i < MOST_ADDRESSES; i++) {
        struct place *p = &k->places[i];
        if (!p->users && now_ms - p->used_ms > KEPT_MS)
            empty(p);
        if (p->address.len && span_equal(buffer_span(&p->address), address))
            return p;
        if (!p->users && (!idle || p->used_ms < idle->used_ms))
            idle = p;
    }
    if (!idle)
        return NULL;
    empty(idle);
    buffer_add_span(&idle->address, address);
    return idle;
}

static struct place *take(struct kept_sent *k, struct span sender)
{
    struct arena a = ARENA_EMPTY;
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&k->lock);
    struct place *p = find(k, lately_address(sender, &a), now_ms);
    if (p) {
        p->users++;
        p->used_ms = now_ms;
    }
    pthread_mutex_unlock(&k->lock);
    arena_clear(&a);
    if (p)
        pthread_mutex_lock(&p->lock);
    return p;
}

static void give_back(struct kept_sent *k, struct place *p)
{
    if (lately_kept_bytes(&p->kept) > MOST_BYTES)
        lately_kept_free(&p->kept);
    pthread_mutex_unlock(&p->lock);
    pthread_mutex_lock(&k->lock);
    p->users--;
    pthread_mutex_unlock(&k->lock);
}

/* ---- looking */

struct looking {
    const struct kept_sent_question *question;
    struct lately_kept *kept;
};

static size_t rows(void *arg, message_id id)
{
    return lately_kept_rows(((const struct looking *)arg)->kept, id);
}

static bool see(void *arg, const struct sent_mail *m)
{
    struct looking *k = arg;
    struct arena a = ARENA_EMPTY;
    struct lately_sent s = {.subject = lately_subject(m->envelope->subject, &a),
                            .is_plain = m->is_plain};
    bool goes_on = true;
    for (size_t i = 0; i < m->envelope->recipient_count && goes_on; i++) {
        s.to = lately_address(m->envelope->recipients[i].address, &a);
        if (m->is_settled)
            lately_kept_note(k->kept, m->id, &s);
        goes_on = k->question->see(k->question->of, &s);
        s.subject = SPAN_NONE; /* it was seen */
    }
    if (m->is_settled && goes_on)
        lately_kept_add(k->kept, m->id, m->rows);
    arena_clear(&a);
    return goes_on;
}

static bool look(struct lately_kept *kept, struct ledger *l, const struct kept_sent_question *q,
                 bool *is_all, struct error *e)
{
    struct looking looking = {q, kept};
    const struct sent_lately what = {q->sender, q->since_ms, rows, see, &looking};
    *is_all = false;
    return !lately_kept_see(kept, (uint64_t)q->since_ms * 1000, q->see, q->of) ||
           ledger_sent_lately(l, &what, is_all, e);
}

bool kept_sent_look(struct kept_sent *k, struct ledger *l, const struct kept_sent_question *q,
                    bool *is_all, struct error *e)
{
    struct lately_kept of_its_own = {0};
    struct place *p = take(k, q->sender);
    bool ok = look(p ? &p->kept : &of_its_own, l, q, is_all, e);
    if (p)
        give_back(k, p);
    lately_kept_free(&of_its_own);
    return ok;
}
