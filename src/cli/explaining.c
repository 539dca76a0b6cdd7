/* Whoever is free takes the next message, and waits with what it says until it is its turn. */
#include "cli/explaining.h"

#include "sys/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { MOST_THREADS = 64, PROGRESS_AFTER = 1000 /* ms */, PROGRESS_EVERY = 200 };

struct pool {
    const struct explaining *wanted;
    pthread_mutex_t lock; /* for all below, and for the files */
    pthread_cond_t turn;
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

/* The next message and its number. False: there are no more. */
static bool next(struct pool *p, struct explained *x, uint64_t *number)
{
    struct error e;
    int got;
    while ((got = mail_files_next(p->wanted->files, &x->file, &e)) < 0)
        p->wanted->complain(p->wanted->arg, &e);
    *number = p->taken;
    p->taken += got > 0;
    return got > 0;
}

static void explain(const struct explaining *w, struct explained *x, bool is_first)
{
    buffer_clear(&x->out);
    arena_clear(&x->arena);
    finding_read(&x->finding, buffer_span(&x->file.message), &x->arena);
    const struct evidence e =
        evidence_about(w->evidence, &x->finding.notice, buffer_span(&x->file.message), &x->arena);
    finding_judge(&x->finding, &e, &x->arena);
    if (w->say)
        w->say(w->arg, x, is_first);
}

static void *work(void *arg)
{
    struct pool *p = arg;
    struct explained x = {.arena = ARENA_EMPTY};
    uint64_t number;
    pthread_mutex_lock(&p->lock);
    while (next(p, &x, &number)) {
        pthread_mutex_unlock(&p->lock);
        explain(p->wanted, &x, number == 0);
        pthread_mutex_lock(&p->lock);
        while (p->told != number)
            pthread_cond_wait(&p->turn, &p->lock);
        p->wanted->take(p->wanted->arg, &x);
        p->told++;
        show_progress(p, false);
        pthread_cond_broadcast(&p->turn);
    }
    pthread_mutex_unlock(&p->lock);
    mail_file_free(&x.file);
    buffer_free(&x.out);
    arena_clear(&x.arena);
    return NULL;
}

uint64_t explain_each(const struct explaining *wanted)
{
    struct pool p = {.wanted = wanted,
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
