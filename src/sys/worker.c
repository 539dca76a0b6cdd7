#define _GNU_SOURCE
#include "sys/worker.h"

#include "base/memory.h"
#include "sys/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct task *first, **last; /* work that waits */
    bool ends;
    size_t count;
    pthread_t threads[];
};

pthread_t thread_start(void *(*run)(void *arg), void *arg, const char *name)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        fprintf(stderr, "plainpost: cannot start the thread \"%s\": %s\n", name, strerror(failed));
        abort();
    }
    pthread_setname_np(thread, name);
    return thread;
}

/* Linux counts threads as processes here. Where it is forbidden, nothing is lost but some speed. */
void thread_give_way(void)
{
    id_t me = (id_t)gettid();
    setpriority(PRIO_PROCESS, me, getpriority(PRIO_PROCESS, me) + 5);
}

static struct work *next_work(struct workers *w)
{
    struct work *work = NULL;
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->ends)
        pthread_cond_wait(&w->wanted, &w->lock);
    if (w->first) {
        work = (struct work *)(void *)((char *)w->first - offsetof(struct work, task));
        w->first = w->first->next;
        if (!w->first)
            w->last = &w->first;
    }
    pthread_mutex_unlock(&w->lock);
    return work;
}

static void *run(void *arg)
{
    struct work *work;
    while ((work = next_work(arg))) {
        work->call(work);
        loop_post(work->loop, &work->task);
    }
    log_close(); /* what the work has told */
    return NULL;
}

struct workers *workers_new(size_t threads)
{
    struct workers *w = memory_new(sizeof *w + threads * sizeof *w->threads);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wanted, NULL);
    w->last = &w->first;
    for (; w->count < threads; w->count++)
        w->threads[w->count] = thread_start(run, w, "worker");
    return w;
}

void workers_submit(struct workers *w, struct work *work)
{
    work->task.next = NULL;
    pthread_mutex_lock(&w->lock);
    *w->last = &work->task;
    w->last = &work->task.next;
    pthread_mutex_unlock(&w->lock);
    pthread_cond_signal(&w->wanted); /* not before: it would wake up only to wait for the lock */
}

void workers_free(struct workers **w)
{
    if (!*w)
        return;
    pthread_mutex_lock(&(*w)->lock);
    (*w)->ends = true;
    pthread_cond_broadcast(&(*w)->wanted);
    pthread_mutex_unlock(&(*w)->lock);
    for (size_t i = 0; i < (*w)->count; i++)
        pthread_join((*w)->threads[i], NULL);
    pthread_cond_destroy(&(*w)->wanted);
    pthread_mutex_destroy(&(*w)->lock);
    free(*w);
    *w = NULL;
}
