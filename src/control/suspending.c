/* What is suspended stands in a small file, STATE/suspended: it is written anew, synced and renamed
 * before the queue hears of a change, one change at a time; so after a crash it is the old or the
 * new list. A line is "NAME SINCE_MS WHY". */
#include "control/server_inside.h"

#include "base/json.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <string.h>

enum { LARGEST_FILE = 4 * 1024 * 1024 };

/* ---- the file */

static void add_line(struct buffer *out, struct span name, struct span why, int64_t since_ms)
{
    buffer_printf(out, "%.*s %lld %.*s\n", SPAN_F(name), (long long)since_ms, SPAN_F(why));
}

bool suspensions_load(struct control *control, struct error *e)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    buffer_printf(&path, "%s/suspended", buffer_text(&control->directory));
    bool ok = whole_file_read(buffer_text(&path), 0, LARGEST_FILE, &text) || errno == ENOENT;
    if (!ok)
        error_system(e, errno, "cannot read what is suspended from %s", buffer_text(&path));
    for (struct span rest = buffer_span(&text); ok && rest.len;) {
        struct span line = span_cut(&rest, '\n');
        struct span name = span_word(&line), since = span_word(&line);
        uint64_t since_ms;
        if (name.len && span_to_u64(since, INT64_MAX, &since_ms))
            queue_suspend(control->settings.queue, name, span_trim(line), (int64_t)since_ms);
    }
    buffer_free(&path);
    buffer_free(&text);
    return ok;
}

static bool replace_file(const char *directory, struct span text, struct error *e)
{
    return whole_file_replace(directory, "suspended", text) ||
           error_system(e, errno, "cannot write %s/suspended; nothing has changed", directory);
}

/* ---- a change */

struct gathering {
    struct conversation *conversation;
    struct buffer text;
    bool was_there;
    int64_t since_ms;
};

static void gather(void *arg, struct span name, struct span why, int64_t since_ms, size_t waiting)
{
    struct gathering *g = arg;
    if (!span_equal_nocase(name, g->conversation->request.name)) {
        add_line(&g->text, name, why, since_ms);
        return;
    }
    g->was_there = true;
    g->since_ms = since_ms;
}

static void save(struct work *w)
{
    struct conversation *c = LIST_ENTRY(w, struct conversation, work);
    c->ok = replace_file(buffer_text(&c->control->directory), buffer_span(&c->saved), &c->error);
}

static void start_next(struct control *control);

static void log_change(const struct conversation *c)
{
    bool is_suspended = c->request.verb == VERB_SUSPEND;
    struct buffer *line = log_begin(LOG_LEVEL_INFO, is_suspended ? "suspended" : "resumed");
    log_line_text(line, "destination", c->request.name);
    log_line_number(line, "uid", (int64_t)c->peer.uid);
    if (c->request.why.len)
        log_line_text(line, "why", c->request.why);
    log_end();
}

/* It is on the disk: so it holds, whether or not the client is still there. */
static void saved(struct task *t)
{
    struct conversation *c =
        LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct conversation, work);
    struct control *control = c->control;
    struct queue *q = control->settings.queue;
    c->is_busy = false;
    control->is_saving = false;
    if (c->ok) {
        log_change(c);
        if (c->request.verb == VERB_SUSPEND)
            queue_suspend(q, c->request.name, c->request.why, c->settle_until);
        else
            queue_resume(q, c->request.name);
    }
    if (c->is_gone)
        conversation_free(c);
    else if (!c->ok)
        conversation_fail(c, "%s", c->error.text);
    else
        conversation_end(c);
    start_next(control);
}

static void start(struct conversation *c)
{
    struct control *control = c->control;
    struct gathering g = {.conversation = c, .since_ms = clock_now_ms()};
    queue_tell_suspended(control->settings.queue, gather, &g);
    if (c->request.verb == VERB_RESUME && !g.was_there) {
        buffer_free(&g.text);
        conversation_fail(c, "%.*s is not suspended; \"plainpost queue suspended\" lists what is",
                          SPAN_F(c->request.name));
        return;
    }
    if (c->request.verb == VERB_SUSPEND)
        add_line(&g.text, c->request.name, c->request.why, g.since_ms);
    c->saved = g.text;
    c->settle_until = g.since_ms;
    c->is_busy = control->is_saving = true;
    c->work = (struct work){.task = {.run = saved}, .loop = control->loop, .call = save};
    workers_submit(control->settings.workers, &c->work);
}

static void start_next(struct control *control)
{
    while (!control->is_saving && !list_is_empty(&control->savers))
        start(LIST_ENTRY(list_take(&control->savers), struct conversation, saving));
}

void suspending_start(struct conversation *c)
{
    c->state = CONVERSATION_SAVES;
    watch_change(c->control->loop, &c->watch, 0);
    list_append(&c->control->savers, &c->saving);
    start_next(c->control);
}

static void list_one(void *arg, struct span name, struct span why, int64_t since_ms, size_t waiting)
{
    struct buffer *out = arg;
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "name", name);
    json_text(&j, "why", why);
    json_number(&j, "since_ms", since_ms);
    json_number(&j, "waiting", (int64_t)waiting);
    json_end(&j);
    buffer_add_char(out, '\n');
}

void suspending_list(struct conversation *c)
{
    queue_tell_suspended(c->control->settings.queue, list_one, &c->answer);
    conversation_end(c);
}
