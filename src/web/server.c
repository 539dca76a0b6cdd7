/* libmicrohttpd has one thread for each address. For a page it asks the scheduler, by a task, for
 * figures of one moment, and waits: not for ever, and not when all of it ends. A question that
 * nobody waits for any more is freed by the scheduler when it comes to it. */
#define _GNU_SOURCE
#include "web/server.h"

#include "base/list.h"
#include "base/memory.h"
#include "web/http_page.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATIENCE_S = 5 };

struct web {
    struct web_settings settings;
    struct http_pages pages;
    struct questions *questions;
    struct MHD_Daemon **daemons;
    size_t count;
};

/* Common to who asks and who answers; the last one frees it. */
struct questions {
    pthread_mutex_t lock; /* of what follows, and of all questions */
    pthread_cond_t answered;
    size_t references;
    bool is_over;
};

struct question {
    struct task task;
    struct questions *all;
    const struct web_settings *settings; /* while not is_over */
    struct house_figures figures;
    bool is_answered, is_abandoned;
};

/* ---- asking the scheduler */

static void unref_locked(struct questions *all)
{
    bool is_last = --all->references == 0;
    pthread_mutex_unlock(&all->lock);
    if (!is_last)
        return;
    pthread_cond_destroy(&all->answered);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

static void answer(struct task *t) /* in the scheduler's thread */
{
    struct question *q = LIST_ENTRY(t, struct question, task);
    struct questions *all = q->all;
    pthread_mutex_lock(&all->lock);
    if (!all->is_over && !q->is_abandoned)
        q->settings->gather(q->settings->arg, &q->figures);
    q->is_answered = true;
    bool is_abandoned = q->is_abandoned;
    pthread_cond_broadcast(&all->answered);
    if (is_abandoned)
        free(q);
    unref_locked(all);
}

static struct questions *questions_new(void)
{
    struct questions *all = memory_new(sizeof *all);
    pthread_condattr_t monotonic;
    pthread_mutex_init(&all->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&all->answered, &monotonic);
    pthread_condattr_destroy(&monotonic);
    all->references = 1;
    return all;
}

/* False: it does not answer, or all of this ends. */
static bool ask(const struct web *w, struct house_figures *f)
{
    struct questions *all = w->questions;
    struct question *q = memory_new(sizeof *q);
    struct timespec until;
    q->task.run = answer;
    q->all = all;
    q->settings = &w->settings;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&all->lock);
    all->references++;
    loop_post(w->settings.loop, &q->task);
    while (!q->is_answered && !all->is_over &&
           pthread_cond_timedwait(&all->answered, &all->lock, &until) != ETIMEDOUT)
        ;
    bool is_good = q->is_answered && !all->is_over;
    if (is_good)
        *f = q->figures;
    q->is_abandoned = !q->is_answered;
    if (q->is_answered)
        free(q);
    pthread_mutex_unlock(&all->lock);
    return is_good;
}

/* ---- pages */

static enum MHD_Result metrics_page(const struct house_figures *f, struct MHD_Connection *c)
{
    struct buffer text = BUFFER_EMPTY;
    metrics_write(&text, f);
    enum MHD_Result result =
        http_reply(c, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &text);
    buffer_free(&text);
    return result;
}

static enum MHD_Result health_page(const struct house_figures *f, struct MHD_Connection *c)
{
    struct buffer why = BUFFER_EMPTY;
    enum MHD_Result result = health_check(f, &why) ? http_reply_words(c, MHD_HTTP_OK, "ok\n")
                                                   : http_reply(c, MHD_HTTP_SERVICE_UNAVAILABLE,
                                                                "text/plain; charset=utf-8", &why);
    buffer_free(&why);
    return result;
}

static const struct page {
    const char *path;
    enum MHD_Result (*write)(const struct house_figures *f, struct MHD_Connection *c);
} pages[] = {{"/metrics", metrics_page}, {"/healthz", health_page}};

static enum MHD_Result answer_page(void *arg, struct MHD_Connection *c, const char *path,
                                   const char *method)
{
    struct house_figures f;
    const struct page *page = NULL;
    enum MHD_Result result;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(path, pages[i].path) == 0)
            page = &pages[i];
    if (!page)
        return http_reply_words(c, MHD_HTTP_NOT_FOUND,
                                "There is nothing here. /metrics has the figures for Prometheus, "
                                "/healthz says whether all is well.\n");
    if (!http_may_read(c, method, &result))
        return result;
    if (!ask(arg, &f))
        return http_reply_words(c, MHD_HTTP_SERVICE_UNAVAILABLE,
                                "the scheduler does not answer: it hangs, or is about to stop\n");
    return page->write(&f, c);
}

/* ---- listening */

struct web *web_new(const struct web_settings *s, const struct options *o, struct error *e)
{
    struct web *w = memory_new(sizeof *w);
    w->settings = *s;
    w->pages = (struct http_pages){"metrics", answer_page, w};
    w->questions = questions_new();
    w->daemons = memory_new((o->metrics_count + 1) * sizeof(struct MHD_Daemon *));
    for (; w->count < o->metrics_count; w->count++) {
        w->daemons[w->count] = http_pages_listen(&w->pages, &o->metrics[w->count], e);
        if (!w->daemons[w->count]) {
            web_free(&w);
            return NULL;
        }
    }
    return w;
}

void web_free(struct web **web)
{
    struct web *w = *web;
    if (!w)
        return;
    pthread_mutex_lock(&w->questions->lock);
    w->questions->is_over = true;
    pthread_cond_broadcast(&w->questions->answered);
    pthread_mutex_unlock(&w->questions->lock);
    for (size_t i = 0; i < w->count; i++)
        MHD_stop_daemon(w->daemons[i]);
    pthread_mutex_lock(&w->questions->lock);
    unref_locked(w->questions);
    free(w->daemons);
    free(w);
    *web = NULL;
}
