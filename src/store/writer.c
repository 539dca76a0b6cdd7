#include "store/writer.h"

#include "base/memory.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/loop.h"

#include <stdlib.h>

enum { MOST_IN_A_GROUP = 1024 };

struct writer {
    struct journal *journal;
    bool has_failed, is_full;
    struct store_figures figures;
};

static const struct histogram_shape group_sizes = {
    .bounds = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}, .count = 11, .per_unit = 1};
static const struct histogram_shape sync_times = {.bounds = {100, 250, 500, 1000, 2500, 5000, 10000,
                                                             25000, 50000, 100000, 250000, 500000,
                                                             1000000, 2500000, 5000000},
                                                  .count = 15,
                                                  .per_unit = 1000000};

struct writer *writer_new(struct journal *j)
{
    struct writer *w = memory_new(sizeof *w);
    w->journal = j;
    w->figures.group_sizes.shape = &group_sizes;
    w->figures.sync_times.shape = &sync_times;
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
    loop_hold_wakes();
    for (struct list *node; (node = list_take(commits));)
        answer(LIST_ENTRY(node, struct commit, link), result);
    loop_wake_held();
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

/* Those that are written wait for this sync. */
static void sync_group(struct writer *w, const struct list *written)
{
    struct store_figures *f = &w->figures;
    uint64_t count = 0;
    struct error e;
    int64_t begin = clock_monotonic_us();
    for (const struct list *node = written->next; node != written; node = node->next) {
        const struct commit *c = LIST_ENTRY(node, struct commit, link);
        f->bytes += c->entries.len + c->message.len;
        count++;
    }
    if (!w->has_failed && !journal_sync(w->journal, &e))
        fail(w, &e);
    if (!count)
        return;
    f->commits += count;
    f->groups++;
    histogram_add(&f->group_sizes, count);
    histogram_add(&f->sync_times, (uint64_t)(clock_monotonic_us() - begin));
}

void writer_write(struct writer *w, struct list *commits)
{
    struct list written;
    list_init(&written);
    while (!list_is_empty(commits))
        append_group(w, commits, &written);
    sync_group(w, &written);
    answer_all(&written, w->has_failed ? COMMIT_FAILED : COMMIT_DURABLE);
}

void writer_figures(const struct writer *w, struct store_figures *f)
{
    *f = w->figures;
    f->is_full = w->is_full;
    f->has_failed = w->has_failed;
    journal_figures(w->journal, f);
}

void writer_tidy(struct writer *w, struct journal_position ledger)
{
    struct error e;
    if (!w->has_failed && !journal_tidy(w->journal, ledger, &e))
        fail(w, &e);
}
