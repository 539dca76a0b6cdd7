/* What this server knows of the messages that notices tell of, for those who explain them. What a
 * user hears, and what not, is decided in evidence/own_evidence.h. Whoever asks much waits: a user
 * gets so many requests at once, and then so many a second; and each is answered a moment at a
 * time, so that others who ask get their turn. */
#include "control/server_inside.h"

#include "base/rate.h"
#include "sys/clock.h"

enum {
    AT_ONCE = 64,
    AT_ONCE_AGAIN_AFTER = 2000, /* ms */
    MOMENT = 50,                /* likewise */
    FRESH = 10000 /* likewise: who asks first has the ledger caught up (plainpost explain does), so
                     that not each of many requests waits for the disk */
};

void attesting_free(struct attesting *t)
{
    directory_unref(&t->known.directory);
    signing_unref(&t->known.signing);
}

/* ---- in a worker */

static bool read_request(struct conversation *c)
{
    struct attesting *t = &c->attesting;
    t->request = arena_new(&c->arena, sizeof *t->request);
    return evidence_lines_parse(t->request, c->request.lines, &c->arena, &c->error);
}

static void answer_one(struct conversation *c, const struct evidence_question *q)
{
    const struct attesting *t = &c->attesting;
    const struct evidence_wanted w = {.notice = &q->notice,
                                      .came = {.address = q->came_to},
                                      .delivered = q->delivered,
                                      .directory = t->known.directory,
                                      .signing = t->known.signing,
                                      .limits = &t->known.limits,
                                      .came_ms = t->came_ms,
                                      .who = c->peer.is_operator ? EVIDENCE_FOR_OPERATOR
                                                                 : EVIDENCE_FOR_USER,
                                      .uid = c->peer.uid};
    struct evidence e = {.me = t->request->me, .me_count = t->request->me_count};
    struct arena a = ARENA_EMPTY;
    own_evidence_gather(c->control->evidence, &w, &e, NULL, &a);
    evidence_lines_add_answer(&c->answer, &e);
    arena_clear(&a);
}

static void attesting_next(struct conversation *c)
{
    struct attesting *t = &c->attesting;
    int64_t until = clock_monotonic_ms() + MOMENT;
    c->ok = t->request || read_request(c);
    while (c->ok && t->at < t->request->count && clock_monotonic_ms() < until)
        answer_one(c, &t->request->questions[t->at++]);
    c->is_done = !c->ok || t->at == t->request->count;
}

/* ---- in the scheduler's thread */

/* Where there are more users than places, whoever asked longest ago is forgotten. */
static struct turn *turn_of(struct control *control, uid_t uid)
{
    struct turn *found = control->turns;
    for (size_t i = 0; i < CONTROL_TURNS; i++) {
        struct turn *one = &control->turns[i];
        if (one->uid == uid && one->due_us)
            return one;
        if (one->due_us < found->due_us)
            found = one;
    }
    *found = (struct turn){.uid = uid};
    return found;
}

void attesting_start(struct conversation *c)
{
    static const struct rate rate = {AT_ONCE, AT_ONCE_AGAIN_AFTER};
    const struct control_settings *s = &c->control->settings;
    struct turn *turn = turn_of(c->control, c->peer.uid);
    int64_t wait = c->peer.is_operator ? 0 : rate_take(&rate, &turn->due_us, clock_monotonic_ms());
    if (wait) {
        c->state = CONVERSATION_WAITS;
        timer_set(c->control->loop, &c->timer, loop_now(c->control->loop) + wait);
        return;
    }
    s->know(s->arg, &c->attesting.known);
    c->attesting.came_ms = clock_monotonic_ms() - FRESH;
    conversation_work(c, attesting_next);
}
