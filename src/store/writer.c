#include "store/writer.h"

#include "base/memory.h"
#include "sys/log.h"

#include <stdlib.h>

enum { MOST_IN_A_GROUP = 1024 };

struct writer {
    struct journal *journal;
    bool has_failed, is_full;
};

struct writer *writer_new(struct journal *j)
{
    struct writer *w = memory_new(sizeof *w);
    w->journal = j;
    return w;
}

void writer_free(struct writer **w)
{
    free(*w);
    *w = NULL;
}

static void answer(struct commit *c, enum commit_result result)
{
    c->result = result;
    c->done(c);
}

static void answer_all(struct list *commits, enum commit_result result)
{
    for (struct list *node; (node = list_take(commits));)
        answer(LIST_ENTRY(node, struct commit, link), result);
}

/* What the kernel could not write it may have dropped: nothing that came since the last good sync
 * can be trusted, and no later success would prove anything. */
static void fail(struct writer *w, const struct error *e)
{
    log_message(LOG_LEVEL_ERROR, "store-failed",
                "%s; no mail is accepted until the disk is repaired and plainpost restarted",
                e->text);
    w->has_failed = true;
}

static void tell_when_full(struct writer *w, bool is_full)
{
    if (is_full && !w->is_full)
        log_message(LOG_LEVEL_ERROR, "disk-full",
                    "there is no room for more mail in the queue; clients are asked to try again "
                    "later");
    else if (!is_full && w->is_full)
        log_message(LOG_LEVEL_INFO, "disk-has-room", "mail is accepted again");
    w->is_full = is_full;
}

/* Append some; those that found a place go to `written`, the others are answered. */
static void append_group(struct writer *w, struct list *commits, struct list *written)
{
    struct commit *group[MOST_IN_A_GROUP];
    struct error e;
    size_t count = 0;
    bool is_full = false, is_urgent = false;
    while (count < MOST_IN_A_GROUP && !list_is_empty(commits))
        group[count++] = LIST_ENTRY(list_take(commits), struct commit, link);
    if (!w->has_failed && !journal_append(w->journal, group, count, &e))
        fail(w, &e);
    for (size_t i = 0; i < count; i++) {
        is_urgent |= group[i]->is_urgent;
        if (!w->has_failed && group[i]->result != COMMIT_FULL) {
            list_append(written, &group[i]->link);
            continue;
        }
        is_full |= !w->has_failed;
        answer(group[i], w->has_failed ? COMMIT_FAILED : COMMIT_FULL);
    }
    if (!w->has_failed)
        tell_when_full(w, is_full || (w->is_full && !is_urgent));
}

void writer_write(struct writer *w, struct list *commits)
{
    struct list written;
    struct error e;
    list_init(&written);
    while (!list_is_empty(commits))
        append_group(w, commits, &written);
    if (!w->has_failed && !journal_sync(w->journal, &e))
        fail(w, &e);
    answer_all(&written, w->has_failed ? COMMIT_FAILED : COMMIT_DURABLE);
}

void writer_tidy(struct writer *w, struct journal_position ledger)
{
    struct error e;
    if (!w->has_failed && !journal_tidy(w->journal, ledger, &e))
        fail(w, &e);
}
