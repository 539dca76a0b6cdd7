#include "cli/sent_access.h"

#include "base/memory.h"
#include "cli/ledger_access.h"
#include "control/client.h"
#include "control/request.h"
#include "control/sent_lines.h"
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>

struct sent_access {
    const struct options *options;
    struct ledger *ledger; /* NULL: the server is asked */
    unsigned char key[SENT_KEY];
    pthread_mutex_t lock; /* of the ledger */
};

static bool server_runs(const struct options *o, struct error *e)
{
    int runs = control_catch_up(o, e);
    return runs > 0 || (!runs && error_set(e, "only root and the user of the server may open its "
                                              "records, and no server runs that could be asked"));
}

static bool open_ledger(struct sent_access *s, struct error *e)
{
    s->ledger = ledger_of_now(s->options, NULL, e);
    const char *state = s->ledger ? strndup(s->options->state.at, s->options->state.len) : NULL;
    bool ok = state && store_sent_key(state, s->key, e);
    free((char *)(uintptr_t)state);
    return ok;
}

struct sent_access *sent_access_new(const struct options *o, struct error *e)
{
    struct sent_access *s = memory_new(sizeof *s);
    s->options = o;
    pthread_mutex_init(&s->lock, NULL);
    if (!(ledger_is_for_others(o) ? server_runs(o, e) : open_ledger(s, e)))
        sent_access_free(&s);
    return s;
}

void sent_access_free(struct sent_access **s)
{
    if (!*s)
        return;
    ledger_close(&(*s)->ledger);
    pthread_mutex_destroy(&(*s)->lock);
    free(*s);
    *s = NULL;
}

static bool ask_server(const struct sent_access *s, const struct sent_question *q, size_t limit,
                       struct buffer *lines, struct error *e)
{
    struct buffer text = BUFFER_EMPTY, id = BUFFER_EMPTY, number = BUFFER_EMPTY;
    buffer_add_text(&text, "sent\n");
    if (q->id)
        message_id_add(&id, q->id);
    if (q->id || q->message_id.len)
        request_add(&text, "what", q->id ? buffer_span(&id) : q->message_id);
    if (q->to.len)
        request_add(&text, "to", q->to);
    if (q->by_count)
        request_add(&text, "from", q->by[0]);
    buffer_printf(&number, "%zu", limit);
    request_add(&text, "limit", buffer_span(&number));
    int got = control_ask(s->options, buffer_span(&text), lines, e);
    buffer_free(&text);
    buffer_free(&id);
    buffer_free(&number);
    return got > 0 || (!got && error_set(e, "the server does not run any more"));
}

bool sent_access_ask(struct sent_access *s, const struct sent_question *q, size_t limit,
                     struct buffer *lines, struct error *e)
{
    if (!s->ledger)
        return ask_server(s, q, limit, lines, e);
    pthread_mutex_lock(&s->lock);
    bool ok = sent_lines(lines, s->ledger, q, s->key, limit, e);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool sent_access_count_to(struct sent_access *s, struct span address, size_t *count,
                          struct error *e)
{
    if (!s->ledger)
        return error_set(e, "only root and the user of the server may count what came");
    pthread_mutex_lock(&s->lock);
    bool ok = ledger_count_to(s->ledger, address, count, e);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool sent_access_sends(struct sent_access *s, struct span sender, bool *sends, struct error *e)
{
    if (!s->ledger)
        return error_set(e, "only root and the user of the server may look for senders");
    pthread_mutex_lock(&s->lock);
    bool ok = ledger_sends(s->ledger, sender, sends, e);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool sent_access_lately(struct sent_access *s, const struct sent_lately *q, bool *is_all,
                        struct error *e)
{
    if (!s->ledger)
        return error_set(e, "only root and the user of the server may see all that was sent");
    pthread_mutex_lock(&s->lock);
    bool ok = ledger_sent_lately(s->ledger, q, is_all, e);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool sent_access_envelope(struct sent_access *s, message_id id, struct arena *a,
                          struct envelope *found, struct error *e)
{
    struct story story;
    if (!s->ledger)
        return error_set(e, "only root and the user of the server may see how mail came");
    pthread_mutex_lock(&s->lock);
    int got = ledger_story(s->ledger, id, a, &story, e);
    pthread_mutex_unlock(&s->lock);
    *found = story.envelope;
    return got > 0 || (!got && error_set(e, "there is no such message"));
}
