/* A mailbox that is told as nearly full gets no more mail, so nobody would notice when there is
 * room again: the thread that it belongs to looks at it now and then, a few stat(2), and tells
 * again. It tells also when nothing has changed, because who was told forgets (address/rooms.h). */
#include "deliver/mailboxes.h"

#include "base/memory.h"
#include "deliver/form.h"
#include "deliver/mbox_file.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/worker.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_AT_ONCE = 64,
    LOOK_EVERY = 2000,        /* ms, at mailboxes that are nearly full */
    MBOX_PATIENCE = 1000,     /* ms for another program that holds it */
    TELL_EVERY = 30000,       /* ms */
    NEARLY_FULL = 1024 * 1024 /* bytes of room */
};

/* A mailbox that is nearly full. */
struct low {
    struct mailbox mailbox;
    uint64_t told;
    int64_t told_ms;
    char name_and_path[];
};

struct waiting {
    struct waiting *next;
    struct delivery *delivery;
    struct directory *directory;
    const struct mailbox *mailbox;
    struct span folder;
    struct mailboxes *mailboxes;
    struct buffer
        formed; /* the message as a mailbox can hold it, when that is not as it is stored */
};

struct lane {
    struct mailboxes *mailboxes;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct waiting *first, **last;
    bool ends, forgets;
    struct maildir *maildir;
    struct map low; /* by name */
    int64_t look_at_ms;
};

struct mailboxes {
    struct mailboxes_settings settings; /* as they were at first */
    atomic_bool is_full_for_now;
    atomic_uint_fast64_t largest;
    struct lane lanes[];
};

static ssize_t read_message(void *arg, uint64_t offset, void *at, size_t len)
{
    const struct waiting *w = arg;
    if (w->formed.len) {
        struct span rest = span_first(span_skip(buffer_span(&w->formed), offset), len);
        memcpy(at, rest.at, rest.len);
        return (ssize_t)rest.len;
    }
    return store_read(w->mailboxes->settings.store, w->delivery->message->envelope.id, offset, at,
                      len);
}

static bool is_binary(const struct waiting *w)
{
    return w->delivery->message->envelope.is_binary;
}

/* In a mailbox lines end in LF, and whoever reads it makes CRLF of that: binary content would come
 * out as another one. So it gets an encoding; and where it may not, it stays, octet for octet. */
static void make_text(struct waiting *w, struct maildir_job *j)
{
    struct reply why;
    const struct envelope *e = &w->delivery->message->envelope;
    struct buffer text = BUFFER_EMPTY;
    j->is_binary =
        form_make(e, FORM_8BIT, read_message, w, &text, &why, &w->delivery->arena) != FORM_DONE;
    w->formed = text;
    if (text.len)
        j->size = text.len;
}

/* ---- room that is left */

static void low_new(struct lane *l, const struct mailbox *b, uint64_t room)
{
    struct low *low = memory_new(sizeof *low + b->name.len + b->path.len + 1);
    char *name = low->name_and_path, *path = name + b->name.len;
    memcpy(name, b->name.at, b->name.len);
    memcpy(path, b->path.at, b->path.len);
    *low = (struct low){.mailbox = *b, .told = room, .told_ms = clock_monotonic_ms()};
    low->mailbox.name = span_make(name, b->name.len);
    low->mailbox.path = span_make(path, b->path.len);
    map_set_text(&l->low, low->mailbox.name, low);
}

static void low_forget(struct lane *l, struct span name)
{
    free(map_remove_text(&l->low, name));
}

static void forget_all(struct lane *l)
{
    size_t i = 0;
    for (struct low *low; (low = map_next(&l->low, &i));)
        free(low);
    map_free(&l->low);
    l->low = MAP_EMPTY;
}

/* After a delivery, whether it had room or not. */
static void tell_room(struct lane *l, const struct mailbox *b, uint64_t room)
{
    const struct mailboxes_settings *s = &l->mailboxes->settings;
    bool was_low = map_get_text(&l->low, b->name);
    if (room >= atomic_load(&l->mailboxes->largest))
        room = ROOM_AMPLE;
    low_forget(l, b->name);
    if (room < NEARLY_FULL)
        low_new(l, b, room);
    if (was_low || room != ROOM_AMPLE)
        s->room(s->arg, b->name, room);
}

static void look(struct lane *l, struct low *low)
{
    const struct mailboxes_settings *s = &l->mailboxes->settings;
    uint64_t room = low->mailbox.form == MAILBOX_MBOX
                        ? mbox_file_room(s->disk, &low->mailbox)
                        : maildir_room(l->maildir, &low->mailbox, clock_now_ms());
    int64_t now = clock_monotonic_ms();
    if (room >= atomic_load(&l->mailboxes->largest))
        room = ROOM_AMPLE;
    if (room == low->told && now - low->told_ms < TELL_EVERY)
        return;
    low->told = room;
    low->told_ms = now;
    s->room(s->arg, low->mailbox.name, room);
}

static struct low *find_ample(struct lane *l)
{
    size_t i = 0;
    for (struct low *low; (low = map_next(&l->low, &i));)
        if (low->told >= NEARLY_FULL)
            return low;
    return NULL;
}

static void look_at_all(struct lane *l)
{
    size_t i = 0;
    l->look_at_ms = clock_monotonic_ms() + LOOK_EVERY;
    for (struct low *low; (low = map_next(&l->low, &i));)
        look(l, low);
    for (struct low *low; (low = find_ample(l));)
        low_forget(l, low->mailbox.name);
}

/* ---- the lanes */

/* The Maildirs share their syncs. Another program that holds an mbox holds up the others of this
 * thread for a moment, once a batch. */
static void deliver_jobs(struct lane *l, struct maildir_job *jobs, size_t count)
{
    struct maildir_job maildirs[MOST_AT_ONCE];
    size_t of[MOST_AT_ONCE], maildir_count = 0;
    int64_t patience = MBOX_PATIENCE;
    for (size_t i = 0; i < count; i++)
        if (jobs[i].mailbox->form == MAILBOX_MAILDIR) {
            of[maildir_count] = i;
            maildirs[maildir_count++] = jobs[i];
        }
    maildir_deliver(l->maildir, maildirs, maildir_count);
    for (size_t i = 0; i < maildir_count; i++)
        jobs[of[i]] = maildirs[i];
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].mailbox->form != MAILBOX_MBOX)
            continue;
        mbox_file_deliver(l->mailboxes->settings.disk, &jobs[i], patience);
        if (jobs[i].outcome.kind == OUTCOME_DELAYED)
            patience = 0;
    }
}

static void deliver_all(struct lane *l, struct waiting **all, size_t count)
{
    struct maildir_job jobs[MOST_AT_ONCE] = {0};
    const struct mailboxes_settings *s = &l->mailboxes->settings;
    int64_t now = clock_now_ms();
    for (size_t i = 0; i < count; i++) {
        const struct envelope *e = &all[i]->delivery->message->envelope;
        size_t recipient = all[i]->delivery->recipients[0];
        jobs[i] = (struct maildir_job){
            .mailbox = all[i]->mailbox,
            .folder = all[i]->folder,
            .id = e->id,
            .recipient = recipient,
            .reverse_path = envelope_reverse_path(e, recipient),
            .address = e->recipients[recipient].address,
            .now_ms = now,
            .read = read_message,
            .arg = all[i],
            .size = e->size,
            .is_full_for_now = atomic_load(&l->mailboxes->is_full_for_now),
            .arena = &all[i]->delivery->arena,
        };
        if (e->is_binary)
            make_text(all[i], &jobs[i]);
    }
    deliver_jobs(l, jobs, count);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].log.text[0])
            log_message(LOG_LEVEL_ERROR, "mailbox-trouble", "%s", jobs[i].log.text);
        all[i]->delivery->outcomes[0] = jobs[i].outcome;
        if (jobs[i].room != ROOM_AMPLE || l->low.count)
            tell_room(l, all[i]->mailbox, jobs[i].room);
        s->delivered(s->arg, all[i]->delivery);
        directory_unref(&all[i]->directory);
        buffer_free(&all[i]->formed);
        free(all[i]);
    }
}

/* How many of them go together: all up to one that is binary, which is in memory as a whole and
 * therefore goes alone. */
static size_t batch_of(struct waiting **all, size_t count)
{
    size_t n = 1;
    while (n < count && !is_binary(all[0]) && !is_binary(all[n]))
        n++;
    return n;
}

/* Until there is something to do. */
static void lane_wait(struct lane *l)
{
    if (!l->low.count) {
        pthread_cond_wait(&l->wanted, &l->lock);
        return;
    }
    struct timespec until = {.tv_sec = l->look_at_ms / 1000,
                             .tv_nsec = l->look_at_ms % 1000 * 1000000};
    pthread_cond_timedwait(&l->wanted, &l->lock, &until);
}

static void look_when_due(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    bool forgets = l->forgets;
    l->forgets = false;
    pthread_mutex_unlock(&l->lock);
    if (forgets)
        forget_all(l);
    if (l->low.count && clock_monotonic_ms() >= l->look_at_ms)
        look_at_all(l);
}

/* Everything that waits, up to MOST_AT_ONCE. False when the lane ends. */
static bool lane_take(struct lane *l, struct waiting **all, size_t *count)
{
    *count = 0;
    pthread_mutex_lock(&l->lock);
    if (!l->first && !l->ends && !l->forgets)
        lane_wait(l);
    while (l->first && *count < MOST_AT_ONCE) {
        all[(*count)++] = l->first;
        l->first = l->first->next;
    }
    if (!l->first)
        l->last = &l->first;
    bool goes_on = *count || !l->ends;
    pthread_mutex_unlock(&l->lock);
    return goes_on;
}

static void *lane_run(void *arg)
{
    struct lane *l = arg;
    struct waiting *all[MOST_AT_ONCE];
    for (size_t count; lane_take(l, all, &count);) {
        for (size_t i = 0, n; i < count; i += n) {
            n = batch_of(all + i, count - i);
            deliver_all(l, all + i, n);
        }
        look_when_due(l);
    }
    forget_all(l);
    log_close();
    return NULL;
}

struct mailboxes *mailboxes_new(const struct mailboxes_settings *s)
{
    struct mailboxes *m = memory_new(sizeof *m + s->threads * sizeof *m->lanes);
    pthread_condattr_t monotonic;
    m->settings = *s;
    mailboxes_set(m, s->is_full_for_now, s->largest);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    for (size_t i = 0; i < s->threads; i++) {
        struct lane *l = &m->lanes[i];
        l->mailboxes = m;
        l->last = &l->first;
        l->maildir = maildir_new(s->disk, s->hostname);
        pthread_mutex_init(&l->lock, NULL);
        pthread_cond_init(&l->wanted, &monotonic);
        l->thread = thread_start(lane_run, l, "mailboxes");
    }
    pthread_condattr_destroy(&monotonic);
    return m;
}

void mailboxes_set(struct mailboxes *m, bool is_full_for_now, uint64_t largest)
{
    atomic_store(&m->is_full_for_now, is_full_for_now);
    atomic_store(&m->largest, largest);
}

void mailboxes_forget_rooms(struct mailboxes *m)
{
    for (size_t i = 0; i < m->settings.threads; i++) {
        struct lane *l = &m->lanes[i];
        pthread_mutex_lock(&l->lock);
        l->forgets = true;
        pthread_cond_signal(&l->wanted);
        pthread_mutex_unlock(&l->lock);
    }
}

static size_t lane_of(const struct mailboxes *m, struct span name)
{
    size_t hash = 5381;
    for (size_t i = 0; i < name.len; i++)
        hash = hash * 33 + (unsigned char)name.at[i];
    return hash % m->settings.threads;
}

void mailboxes_deliver(struct mailboxes *m, struct delivery *d, struct directory *directory,
                       const struct mailbox *mailbox, struct span folder)
{
    struct waiting *w = memory_new(sizeof *w);
    struct lane *l = &m->lanes[lane_of(m, mailbox->name)];
    assert(d->count == 1);
    *w = (struct waiting){NULL, d, directory_ref(directory), mailbox, folder, m};
    pthread_mutex_lock(&l->lock);
    *l->last = w;
    l->last = &w->next;
    pthread_cond_signal(&l->wanted);
    pthread_mutex_unlock(&l->lock);
}

static void lane_free(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    l->ends = true;
    pthread_cond_signal(&l->wanted);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    maildir_free(&l->maildir);
    pthread_cond_destroy(&l->wanted);
    pthread_mutex_destroy(&l->lock);
}

void mailboxes_free(struct mailboxes **m)
{
    if (!*m)
        return;
    for (size_t i = 0; i < (*m)->settings.threads; i++)
        lane_free(&(*m)->lanes[i]);
    free(*m);
    *m = NULL;
}
