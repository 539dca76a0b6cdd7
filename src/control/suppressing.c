/* Who gets no mail: the list is a database (store/suppressions.h), so a change waits for the disk,
 * in a worker. It is done whether or not the client is still there. */
#include "control/server_inside.h"

#include "base/json.h"
#include "mail/date.h"
#include "sys/clock.h"
#include "sys/log.h"

enum { LISTED_AT_ONCE = 500 };

static void log_change(const struct conversation *c)
{
    bool is_added = c->request.verb == VERB_SUPPRESS;
    struct buffer *line = log_begin(LOG_LEVEL_INFO, is_added ? "suppressed" : "unsuppressed");
    log_line_text(line, "to", c->request.name);
    log_line_number(line, "uid", (int64_t)c->peer.uid);
    if (is_added)
        log_line_text(line, "why", c->request.why);
    log_end();
    log_flush();
}

static void change(struct conversation *c)
{
    struct suppressions *list = c->control->settings.suppressions;
    const struct suppression what = {c->request.name, clock_now_ms(), c->request.why, 0};
    bool is_added = c->request.verb == VERB_SUPPRESS;
    int result = is_added ? suppressions_add(list, &what, &c->error)
                          : suppressions_remove(list, what.address, &c->error);
    if (result > 0)
        log_change(c);
    else if (!result)
        error_set(&c->error, "%.*s is %s the list", SPAN_F(what.address),
                  is_added ? "already on" : "not on");
    c->ok = result > 0;
    c->is_done = true;
}

static void list_one(void *arg, const struct suppression *one)
{
    struct conversation *c = arg;
    struct json j = json_start(&c->answer);
    json_object(&j);
    json_text(&j, "address", one->address);
    date_json(&j, "since", one->since_ms);
    json_text(&j, "why", one->why);
    if (one->message) {
        struct buffer id = BUFFER_EMPTY;
        message_id_add(&id, one->message);
        json_text(&j, "queue_id", buffer_span(&id));
        buffer_free(&id);
    }
    json_end(&j);
    buffer_add_char(&c->answer, '\n');
    buffer_clear(&c->saved);
    buffer_add_span(&c->saved, one->address);
}

void suppressing_next(struct conversation *c)
{
    if (c->request.verb != VERB_SUPPRESSED) {
        change(c);
        return;
    }
    struct buffer after = c->saved;
    c->saved = BUFFER_EMPTY;
    ssize_t count = suppressions_list(c->control->settings.suppressions, buffer_span(&after),
                                      LISTED_AT_ONCE, list_one, c, &c->error);
    buffer_free(&after);
    c->ok = count >= 0;
    c->is_done = count < LISTED_AT_ONCE;
}
