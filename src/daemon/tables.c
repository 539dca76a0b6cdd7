#include "daemon/tables.h"

#include "base/list.h"
#include "base/memory.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOK_EVERY = 1000,     /* ms */
    PAUSE_PER_READING = 2, /* times as long as reading took, */
    LONGEST_PAUSE = 60000,
    COMPLAIN_EVERY = 600000 /* of the same fault */
};

struct tables {
    struct tables_settings settings;
    const struct options *options, *next_options; /* references; NULL: there are no next ones */
    struct file_marks next_marks;
    bool is_looking;
    struct timer timer;
    struct work work; /* under way; what follows is the worker's meanwhile */
    struct file_marks marks;
    struct directory *fresh; /* NULL: nothing has changed, or `error` */
    struct error error, told;
    int64_t took, told_at;
};

static void look(struct work *w) /* in a worker */
{
    struct tables *t = LIST_ENTRY(w, struct tables, work);
    int64_t began = clock_monotonic_ms();
    t->error.text[0] = 0;
    t->fresh = directory_load_again(t->options, &t->marks, &t->error);
    t->took = clock_monotonic_ms() - began;
}

static void complain(struct tables *t)
{
    int64_t now = loop_now(t->settings.loop);
    if (strcmp(t->told.text, t->error.text) == 0 && now - t->told_at < COMPLAIN_EVERY)
        return;
    log_message(LOG_LEVEL_ERROR, "users-unchanged", "%s; the tables known before stay",
                t->error.text);
    t->told = t->error;
    t->told_at = now;
}

static void install(struct tables *t, const struct options *o, struct file_marks *marks)
{
    options_unref(&t->options);
    file_marks_free(&t->marks);
    t->options = o;
    t->marks = *marks;
    *marks = (struct file_marks){0};
}

static void looked(struct task *task)
{
    struct tables *t = LIST_ENTRY(task, struct tables, work.task);
    t->is_looking = false;
    if (t->next_options) { /* what was read is of options that don't count any more */
        directory_unref(&t->fresh);
        t->error.text[0] = 0;
        install(t, t->next_options, &t->next_marks);
        t->next_options = NULL;
    }
    int64_t pause = t->took * PAUSE_PER_READING;
    pause = pause < LOOK_EVERY ? LOOK_EVERY : pause > LONGEST_PAUSE ? LONGEST_PAUSE : pause;
    if (t->error.text[0])
        complain(t);
    if (t->fresh) {
        log_message(LOG_LEVEL_INFO, "users-read",
                    "the tables of users, aliases or links have changed and were read again");
        t->told.text[0] = 0;
        struct directory *fresh = t->fresh;
        t->fresh = NULL;
        t->settings.changed(t->settings.arg, fresh);
    }
    timer_set(t->settings.loop, &t->timer, loop_now(t->settings.loop) + pause);
}

static void timer_due(struct timer *timer)
{
    struct tables *t = LIST_ENTRY(timer, struct tables, timer);
    t->work = (struct work){.task.run = looked, .loop = t->settings.loop, .call = look};
    t->is_looking = true;
    workers_submit(t->settings.workers, &t->work);
}

struct tables *tables_watch(const struct tables_settings *s, struct file_marks *marks)
{
    struct tables *t = memory_new(sizeof *t);
    t->settings = *s;
    t->options = options_ref(s->options);
    t->marks = *marks;
    *marks = (struct file_marks){0};
    t->timer.due = timer_due;
    timer_set(s->loop, &t->timer, loop_now(s->loop) + LOOK_EVERY);
    return t;
}

void tables_renew(struct tables *t, const struct options *o, struct file_marks *marks)
{
    if (!t->is_looking) {
        install(t, options_ref(o), marks);
        return;
    }
    options_unref(&t->next_options);
    file_marks_free(&t->next_marks);
    t->next_options = options_ref(o);
    t->next_marks = *marks;
    *marks = (struct file_marks){0};
}

void tables_free(struct tables **tables)
{
    struct tables *t = *tables;
    if (!t)
        return;
    timer_stop(t->settings.loop, &t->timer);
    directory_unref(&t->fresh);
    file_marks_free(&t->marks);
    file_marks_free(&t->next_marks);
    options_unref(&t->options);
    options_unref(&t->next_options);
    free(t);
    *tables = NULL;
}
