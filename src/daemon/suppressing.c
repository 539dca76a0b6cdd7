#include "base/memory.h"
#include "daemon/house.h"
#include "outcome/judgement.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>

enum { LONGEST_REASON = 300 };

struct suppressing {
    struct work work;
    struct house *house;
    struct arena arena;
    struct suppression what;
    int result;
    struct error error;
};

static void done(struct task *t)
{
    struct suppressing *s = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct suppressing, work);
    if (s->result > 0) {
        struct buffer id = BUFFER_EMPTY;
        struct buffer *line = log_begin(LOG_LEVEL_INFO, "suppressed");
        message_id_add(&id, s->what.message);
        log_line_text(line, "to", s->what.address);
        log_line_text(line, "id", buffer_span(&id));
        log_line_text(line, "why", s->what.why);
        log_end();
        buffer_free(&id);
    } else if (s->result < 0) {
        log_message(LOG_LEVEL_WARNING, "not-suppressed", "%s", s->error.text);
    }
    arena_clear(&s->arena);
    free(s);
}

static void add(struct work *w) /* in a worker: it waits for the disk */
{
    struct suppressing *s = LIST_ENTRY(w, struct suppressing, work);
    s->result = suppressions_add(s->house->suppressions, &s->what, &s->error);
}

/* "550 5.1.1 no such user" */
static struct span reason(const struct outcome *o, struct arena *a)
{
    struct buffer words = BUFFER_EMPTY;
    outcome_add_reply(&words, o, LONGEST_REASON);
    for (size_t i = 0; i < words.len; i++)
        if (words.at[i] == '\n')
            words.at[i] = ' ';
    struct span copy = arena_copy(a, buffer_span(&words));
    buffer_free(&words);
    return copy;
}

void house_suppress_failed(struct house *h, const struct envelope *e, size_t recipient,
                           const struct outcome *o)
{
    /* At the end there are no workers any more; its next failure puts it there. */
    if (!h->options->suppress_failed || o->kind != OUTCOME_FAILED || !h->workers)
        return;
    struct judgement j = outcome_judge(o);
    struct span address = e->recipients[recipient].address;
    if (!j.is_permanent || j.about != ABOUT_ADDRESS || j.confidence != CONFIDENCE_CERTAIN ||
        routing_is_ours(h->directory, address))
        return;
    struct suppressing *s = memory_new(sizeof *s);
    s->house = h;
    s->what = (struct suppression){.address = arena_copy(&s->arena, address),
                                   .since_ms = clock_now_ms(),
                                   .why = reason(o, &s->arena),
                                   .message = e->id};
    s->work = (struct work){.task = {.run = done}, .loop = h->loop, .call = add};
    workers_submit(h->workers, &s->work);
}
