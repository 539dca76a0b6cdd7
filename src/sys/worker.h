/* Threads for what blocks. Work is done in any order by any of them; its answer is posted to the
 * loop that waits. */
#ifndef SYS_WORKER_H
#define SYS_WORKER_H

#include "sys/loop.h"

#include <pthread.h>

struct workers;

struct work {
    struct task task; /* posted to `loop` afterwards: task.run is set by the caller */
    struct loop *loop;
    void (*call)(struct work *w); /* runs in a worker */
};

struct workers *workers_new(size_t threads);
void workers_free(struct workers **w);                     /* finishes what was submitted */
void workers_submit(struct workers *w, struct work *work); /* thread-safe */

/* A thread with every signal blocked: signals are the main thread's. Ends the process when none can
 * be had. */
pthread_t thread_start(void *(*run)(void *arg), void *arg, const char *name);

/* The calling thread gives way to others where the processors are busy; it still gets a third of
 * what each of them gets. */
void thread_give_way(void);

#endif
