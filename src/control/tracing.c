/* Stories for those who can't, or need not, open the ledger themselves. A user gets those of what
 * he has handed in. */
#include "control/server_inside.h"

#include "control/refusal_text.h"
#include "control/story_search.h"
#include "control/story_text.h"
#include "store/feedback_book.h"
#include "store/ledger_owed.h"
#include "sys/clock.h"

enum {
    STORIES_AT_ONCE = 20,
    MOST_STORIES = 100000,
    MOST_REFUSALS = 10000,
    PIECE = 64 * 1024,
    MOMENT = 50 /* ms */
};

void tracing_free(struct tracing *t)
{
    ledger_close(&t->ledger);
    arena_clear(&t->arena);
}

static bool find_stories(struct conversation *c)
{
    struct tracing *t = &c->tracing;
    return c->request.is_refused ||
           (c->request.is_in ? ledger_told_in : story_search)(
               t->ledger, c->request.what, MOST_STORIES, &t->arena, &t->ids, &t->count, &c->error);
}

/* What was refused is for operators; and for programs only when they ask for nothing else, so that
 * all they get is of one kind. */
static bool find_refusals(struct conversation *c)
{
    struct tracing *t = &c->tracing;
    const struct request *r = &c->request;
    struct buffer path = BUFFER_EMPTY;
    if (!c->peer.is_operator || r->is_in || (r->is_json && !r->is_refused))
        return true;
    buffer_printf(&path, "%s/refusals.sqlite", buffer_text(&c->control->directory));
    bool ok =
        refusal_book_find(buffer_text(&path), r->what, r->is_all ? MOST_REFUSALS : STORIES_AT_ONCE,
                          &t->arena, &t->refusals, &t->refusal_count, &c->error);
    buffer_free(&path);
    return ok;
}

static bool start(struct conversation *c)
{
    struct tracing *t = &c->tracing;
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/ledger.sqlite", buffer_text(&c->control->directory));
    bool ok = control_catch_up_here(c->control, &c->error) &&
              (t->ledger = ledger_open_read(buffer_text(&path), &c->error)) != NULL &&
              find_stories(c) && find_refusals(c);
    buffer_free(&path);
    return ok;
}

static bool is_seen(const struct conversation *c, const struct story *s)
{
    return filter_message(&c->request.filter, &s->envelope, false);
}

/* Those that are told are the newest: go back until there are enough; for a moment at a time, for
 * most may be those of others. */
static bool go_back(struct conversation *c)
{
    struct tracing *t = &c->tracing;
    size_t wanted = c->request.is_all || c->request.is_in ? MOST_STORIES : STORIES_AT_ONCE;
    int64_t until = clock_monotonic_ms() + MOMENT;
    int got = 1;
    while (t->at && t->found < wanted && got >= 0 && clock_monotonic_ms() < until) {
        struct arena a = ARENA_EMPTY;
        struct story s;
        got = ledger_story(t->ledger, t->ids[--t->at], &a, &s, &c->error);
        t->found += got > 0 && is_seen(c, &s);
        arena_clear(&a);
    }
    t->is_at_first = !t->at || t->found >= wanted;
    return got >= 0;
}

/* Who complains is for operators. */
static bool add_complaints(struct conversation *c, struct story *s, struct arena *a)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/feedback.sqlite", buffer_text(&c->control->directory));
    bool ok = !c->peer.is_operator || feedback_book_tell(buffer_text(&path), s, a, &c->error);
    buffer_free(&path);
    return ok;
}

static bool tell(struct conversation *c, message_id id)
{
    struct tracing *t = &c->tracing;
    struct arena a = ARENA_EMPTY;
    struct story s;
    int got = ledger_story(t->ledger, id, &a, &s, &c->error);
    if (got > 0 && is_seen(c, &s) && !add_complaints(c, &s, &a))
        got = -1;
    if (got > 0 && is_seen(c, &s)) {
        if (!c->peer.is_operator)
            story_for_sender(&s, &a);
        t->told++;
        if (c->request.is_json) {
            struct json j = json_start(&c->answer);
            story_print_json(&j, &s);
            buffer_add_char(&c->answer, '\n');
        } else {
            buffer_add_text(&c->answer, t->told > 1 ? "\n" : "");
            story_print(&c->answer, &s, clock_offset_minutes(s.envelope.accepted_ms));
        }
    }
    arena_clear(&a);
    return got >= 0;
}

static void tell_refusal(struct conversation *c, const struct refusal *r)
{
    struct tracing *t = &c->tracing;
    t->told++;
    if (c->request.is_json) {
        struct json j = json_start(&c->answer);
        refusal_print_json(&j, r);
        buffer_add_char(&c->answer, '\n');
    } else {
        buffer_add_text(&c->answer, t->told > 1 ? "\n" : "");
        refusal_print(&c->answer, r, clock_offset_minutes(r->first_ms));
    }
}

void tracing_next(struct conversation *c)
{
    struct tracing *t = &c->tracing;
    if (!t->ledger) {
        c->ok = start(c);
        t->at = t->count;
    }
    if (c->ok && !t->is_at_first) {
        c->ok = go_back(c);
        return;
    }
    while (c->ok && t->at < t->count && c->answer.len < PIECE)
        c->ok = tell(c, t->ids[t->at++]);
    while (c->ok && t->at >= t->count && t->refusals_told < t->refusal_count &&
           c->answer.len < PIECE)
        tell_refusal(c, &t->refusals[t->refusals_told++]);
    c->is_done = t->at >= t->count && t->refusals_told >= t->refusal_count;
}
