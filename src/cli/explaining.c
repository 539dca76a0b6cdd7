/* Whoever is free takes the next messages, and waits with what it says until it is its turn. Where
 * a server is asked of them they are several, so that it is asked less often. */
#include "cli/explaining.h"

#include "base/memory.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MOST_THREADS = 64,
    MOST_BYTES = 1 << 20,  /* that are taken at once, unless one message has more */
    PROGRESS_AFTER = 1000, /* ms */
    PROGRESS_EVERY = 200
};

struct pool {
    const struct explaining *wanted;
    pthread_mutex_t lock; /* for all below, and for the files */
    pthread_cond_t turn;
    size_t at_once;
    uint64_t taken, told;
    int64_t started, shown; /* of the progress */
};

static void show_progress(struct pool *p, bool is_over)
{
    int64_t now = clock_monotonic_ms();
    if (!isatty(STDERR_FILENO) || now - p->started < PROGRESS_AFTER ||
        (!is_over && now - p->shown < PROGRESS_EVERY))
        return;
    p->shown = now;
    if (is_over)
        fputs("\r\033[K", stderr);
    else
        fprintf(stderr, "\r%3.0f %%, %llu messages", mail_files_progress(p->wanted->files) * 100,
                (unsigned long long)p->told);
    fflush(stderr);
}

/* Those that are taken at once. */
struct handful {
    struct explained each[EVIDENCE_MOST_AT_ONCE];
    size_t count;
    uint64_t first; /* its number */
};

/* False: there are no more. */
static bool next(struct pool *p, struct explained *x)
{
    struct error e;
    int got;
    while ((got = mail_files_next(p->wanted->files, &x->file, &e)) < 0)
        p->wanted->complain(p->wanted->arg, &e);
    p->taken += got > 0;
    return got > 0;
}

static bool take_some(struct pool *p, struct handful *h)
{
    size_t bytes = 0;
    h->first = p->taken;
    h->count = 0;
    while (h->count < p->at_once && bytes < MOST_BYTES && next(p, &h->each[h->count]))
        bytes += h->each[h->count++].file.message.len;
    return h->count > 0;
}

static void explain(const struct explaining *w, struct handful *h)
{
    struct evidence_asked asked[EVIDENCE_MOST_AT_ONCE];
    for (size_t i = 0; i < h->count; i++) {
        struct explained *x = &h->each[i];
        buffer_clear(&x->out);
        arena_clear(&x->arena);
        finding_read(&x->finding, buffer_span(&x->file.message), &x->arena);
        asked[i] = (struct evidence_asked){.notice = &x->finding.notice,
                                           .message = buffer_span(&x->file.message),
                                           .arena = &x->arena};
    }
    evidence_gather(w->evidence, asked, h->count);
    for (size_t i = 0; i < h->count; i++) {
        finding_judge(&h->each[i].finding, &asked[i].evidence, &h->each[i].arena);
        if (w->say)
            w->say(w->arg, &h->each[i], h->first + i == 0);
    }
}

static void *work(void *arg)
{
    struct pool *p = arg;
    struct handful *h = memory_new(sizeof *h);
    pthread_mutex_lock(&p->lock);
    while (take_some(p, h)) {
        pthread_mutex_unlock(&p->lock);
        explain(p->wanted, h);
        pthread_mutex_lock(&p->lock);
        while (p->told != h->first)
            pthread_cond_wait(&p->turn, &p->lock);
        for (size_t i = 0; i < h->count; i++) {
            p->wanted->take(p->wanted->arg, &h->each[i]);
            p->told++;
            show_progress(p, false);
        }
        pthread_cond_broadcast(&p->turn);
    }
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < EVIDENCE_MOST_AT_ONCE; i++) {
        mail_file_free(&h->each[i].file);
        buffer_free(&h->each[i].out);
        arena_clear(&h->each[i].arena);
    }
    free(h);
    return NULL;
}

uint64_t explain_each(const struct explaining *wanted)
{
    struct pool p = {.wanted = wanted,
                     .at_once = evidence_at_once(wanted->evidence),
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .turn = PTHREAD_COND_INITIALIZER,
                     .started = clock_monotonic_ms()};
    pthread_t threads[MOST_THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors < 1              ? 1
                  : processors > MOST_THREADS ? MOST_THREADS
                                              : (size_t)processors;
    size_t count = 0;
    while (count + 1 < most && pthread_create(&threads[count], NULL, work, &p) == 0)
        count++;
    work(&p);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    show_progress(&p, true);
    return p.told;
}
