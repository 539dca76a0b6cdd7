#include "deliver/mailboxes.h"

#include "base/memory.h"
#include "deliver/form.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/worker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_AT_ONCE = 64 };

struct waiting {
    struct waiting *next;
    struct delivery *delivery;
    struct directory *directory;
    const struct mailbox *mailbox;
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
    bool ends;
    struct maildir *maildir;
};

struct mailboxes {
    struct mailboxes_settings settings;
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
            .id = e->id,
            .recipient = recipient,
            .reverse_path = envelope_reverse_path(e, recipient),
            .address = e->recipients[recipient].address,
            .now_ms = now,
            .read = read_message,
            .arg = all[i],
            .size = e->size,
            .arena = &all[i]->delivery->arena,
        };
        if (e->is_binary)
            make_text(all[i], &jobs[i]);
    }
    maildir_deliver(l->maildir, jobs, count);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].log.text[0])
            log_message(LOG_LEVEL_ERROR, "mailbox-trouble", "%s", jobs[i].log.text);
        all[i]->delivery->outcomes[0] = jobs[i].outcome;
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

/* Everything that waits, up to MOST_AT_ONCE; 0 when the lane ends. */
static size_t lane_take(struct lane *l, struct waiting **all)
{
    size_t count = 0;
    pthread_mutex_lock(&l->lock);
    while (!l->first && !l->ends)
        pthread_cond_wait(&l->wanted, &l->lock);
    while (l->first && count < MOST_AT_ONCE) {
        all[count++] = l->first;
        l->first = l->first->next;
    }
    if (!l->first)
        l->last = &l->first;
    pthread_mutex_unlock(&l->lock);
    return count;
}

static void *lane_run(void *arg)
{
    struct lane *l = arg;
    struct waiting *all[MOST_AT_ONCE];
    for (size_t count; (count = lane_take(l, all));)
        for (size_t i = 0, n; i < count; i += n) {
            n = batch_of(all + i, count - i);
            deliver_all(l, all + i, n);
        }
    log_close();
    return NULL;
}

struct mailboxes *mailboxes_new(const struct mailboxes_settings *s)
{
    struct mailboxes *m = memory_new(sizeof *m + s->threads * sizeof *m->lanes);
    m->settings = *s;
    for (size_t i = 0; i < s->threads; i++) {
        struct lane *l = &m->lanes[i];
        l->mailboxes = m;
        l->last = &l->first;
        l->maildir = maildir_new(s->disk, s->hostname);
        pthread_mutex_init(&l->lock, NULL);
        pthread_cond_init(&l->wanted, NULL);
        l->thread = thread_start(lane_run, l, "mailboxes");
    }
    return m;
}

static size_t lane_of(const struct mailboxes *m, struct span name)
{
    size_t hash = 5381;
    for (size_t i = 0; i < name.len; i++)
        hash = hash * 33 + (unsigned char)name.at[i];
    return hash % m->settings.threads;
}

void mailboxes_deliver(struct mailboxes *m, struct delivery *d, struct directory *directory,
                       const struct mailbox *mailbox)
{
    struct waiting *w = memory_new(sizeof *w);
    struct lane *l = &m->lanes[lane_of(m, mailbox->name)];
    assert(d->count == 1);
    *w = (struct waiting){NULL, d, directory_ref(directory), mailbox, m};
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
