#include "control/survey.h"

#include "base/json.h"
#include "base/memory.h"
#include "queue/operator.h"
#include "sys/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOMENT = 50,        /* ms */
    LEAST_PAUSE = 2000, /* ms between two */
    PAUSE_TIMES = 10,   /* and so many times as long as one took */
    LONGEST_WORDS = 200,
    MOST_PLACES = 100000,
    MOST_TOLD = 100
};

/* What waits for one destination, and what is known of it now. */
struct survey_place {
    struct span name;
    size_t waiting, suspended;
    size_t active, limit, in_line; /* 0 and not known, unless something is under way */
    bool is_slow;
    int64_t pause_ms;
    struct span words;
    char texts[];
};

/* ---- counting, in a worker */

static struct survey_place *place_of(struct survey_counts *c, struct span name)
{
    struct survey_place *p = map_get_text(&c->places, name);
    if (p || c->places.count >= MOST_PLACES)
        return p;
    p = memory_new(sizeof *p + name.len + LONGEST_WORDS);
    memcpy(p->texts, name.at, name.len);
    p->name = span_make(p->texts, name.len);
    p->words = SPAN_NONE;
    map_set_text(&c->places, p->name, p);
    return p;
}

static void set_words(struct survey_place *p, struct span words)
{
    struct span kept = span_first(words, LONGEST_WORDS);
    if (!kept.len)
        return;
    memcpy(p->texts + p->name.len, kept.at, kept.len);
    p->words = span_make(p->texts + p->name.len, kept.len);
}

static void count_recipient(struct survey *s, const struct recovered *r, size_t i)
{
    struct survey_counts *c = &s->next;
    const struct outcome *last = r->recipients[i].last;
    struct span to = s->settings.routes.destination(s->routes, r->envelope, i);
    struct survey_place *p = to.len ? place_of(c, to) : NULL;
    c->recipients++;
    if (last)
        c->causes[last->cause.cause][last->cause.variant]++;
    else
        c->untried++;
    if (p) {
        p->waiting++;
        p->suspended += last && last->cause.variant == VARIANT_SUSPENDED;
        if (last)
            set_words(p, last->words);
    }
}

static void count_message(void *arg, const struct recovered *r)
{
    struct survey *s = arg;
    s->next.messages++;
    s->next.held += r->is_held;
    if (!s->next.oldest_ms || r->envelope->accepted_ms < s->next.oldest_ms)
        s->next.oldest_ms = r->envelope->accepted_ms;
    for (size_t i = 0; i < r->envelope->recipient_count; i++)
        if (!r->recipients[i].is_final)
            count_recipient(s, r, i);
}

static void count_some(struct work *w)
{
    struct survey *s = LIST_ENTRY(w, struct survey, work);
    int64_t until = clock_monotonic_ms() + MOMENT;
    if (!s->ids)
        s->count = store_waiting(s->settings.store, &s->ids);
    while (s->at < s->count && (s->at % 64 || clock_monotonic_ms() < until))
        store_recall(s->settings.store, s->ids[s->at++], count_message, s);
}

/* ---- beginning and ending */

static void counts_free(struct survey_counts *c)
{
    size_t i = 0;
    for (struct survey_place *p; (p = map_next(&c->places, &i));)
        free(p);
    map_free(&c->places);
    *c = (struct survey_counts){0};
}

static void submit(struct survey *s);

static void counted(struct task *t)
{
    struct survey *s = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct survey, work);
    s->is_busy = false;
    if (s->at < s->count) {
        if (!s->has_ended)
            submit(s);
        return;
    }
    counts_free(&s->counts);
    s->counts = s->next;
    s->next = (struct survey_counts){0};
    s->has_counts = true;
    s->ended = loop_now(s->loop);
    s->settings.routes.end(s->routes);
    s->routes = NULL;
    free(s->ids);
    s->ids = NULL;
    s->count = s->at = 0;
}

static void submit(struct survey *s)
{
    s->is_busy = true;
    s->work = (struct work){.task = {.run = counted}, .loop = s->loop, .call = count_some};
    workers_submit(s->settings.workers, &s->work);
}

static void begin_when_it_is_time(struct survey *s)
{
    int64_t took = s->ended - s->began, now = loop_now(s->loop);
    int64_t pause = took * PAUSE_TIMES > LEAST_PAUSE ? took * PAUSE_TIMES : LEAST_PAUSE;
    if (s->is_busy || (s->has_counts && now - s->ended < pause))
        return;
    s->began = now;
    s->routes = s->settings.routes.begin(s->settings.routes.arg);
    submit(s);
}

void survey_init(struct survey *s, const struct control_settings *settings, struct loop *loop)
{
    *s = (struct survey){.settings = *settings, .loop = loop};
}

void survey_end(struct survey *s)
{
    s->has_ended = true;
}

void survey_free(struct survey *s)
{
    counts_free(&s->counts);
    counts_free(&s->next);
    if (s->routes)
        s->settings.routes.end(s->routes);
    free(s->ids);
}

/* ---- telling */

static void forget_now(struct survey_counts *c)
{
    size_t i = 0;
    for (struct survey_place *p; (p = map_next(&c->places, &i));) {
        p->active = p->limit = p->in_line = 0;
        p->is_slow = false;
        p->pause_ms = 0;
    }
}

static void add_now(void *arg, const struct destination_view *v)
{
    struct survey *s = arg;
    struct survey_place *p = place_of(&s->counts, v->name);
    if (!p)
        return;
    p->active = v->active;
    p->limit = v->limit;
    p->in_line = v->waiting;
    p->is_slow = v->is_slow;
    p->pause_ms = v->pause_ms;
    set_words(p, v->why);
}

static bool is_busier(const struct survey_place *a, const struct survey_place *b)
{
    size_t x = a->active + a->in_line + a->waiting, y = b->active + b->in_line + b->waiting;
    return x != y ? x > y : span_compare(a->name, b->name) < 0;
}

static int by_business(const void *a, const void *b)
{
    const struct survey_place *x = *(struct survey_place *const *)a,
                              *y = *(struct survey_place *const *)b;
    return is_busier(x, y) ? -1 : is_busier(y, x);
}

static void tell_place(struct json *j, const struct survey_place *p)
{
    json_object(j);
    json_text(j, "name", p->name);
    json_number(j, "waiting", (int64_t)p->waiting);
    json_number(j, "active", (int64_t)p->active);
    json_number(j, "limit", (int64_t)p->limit);
    json_number(j, "in_line", (int64_t)p->in_line);
    json_bool(j, "slow", p->is_slow);
    json_bool(j, "suspended", p->suspended && p->suspended == p->waiting);
    json_number(j, "pause_ms", p->pause_ms);
    json_text(j, "words", p->words);
    json_end(j);
}

static void tell_places(struct json *j, struct survey_counts *c)
{
    size_t i = 0, count = 0;
    struct survey_place **places = memory_new((c->places.count + 1) * sizeof *places);
    for (struct survey_place *p; (p = map_next(&c->places, &i));)
        if (p->waiting || p->active || p->in_line || p->pause_ms)
            places[count++] = p;
    qsort(places, count, sizeof *places, by_business);
    json_member_array(j, "destinations");
    for (size_t n = 0; n < count && n < MOST_TOLD; n++)
        tell_place(j, places[n]);
    json_end(j);
    json_number(j, "destination_count", (int64_t)count);
    free(places);
}

static void tell_causes(struct json *j, const struct survey_counts *c)
{
    json_member_array(j, "causes");
    for (int cause = 0; cause < CAUSE_COUNT; cause++)
        for (int variant = 0; variant < VARIANT_COUNT; variant++) {
            struct cause_found found = {(enum cause)cause, (enum variant)variant};
            if (!c->causes[cause][variant])
                continue;
            json_object(j);
            json_text(j, "cause", span_of(cause_name(found.cause)));
            json_text(j, "variant", span_of(variant_name(found.variant)));
            json_text(j, "headline", span_of(cause_text(found)->headline));
            json_number(j, "recipients", (int64_t)c->causes[cause][variant]);
            json_end(j);
        }
    json_end(j);
}

static void tell_suspension(void *arg, struct span name, struct span why, int64_t since_ms,
                            size_t waiting)
{
    struct json *j = arg;
    json_object(j);
    json_text(j, "name", name);
    json_text(j, "why", why);
    json_number(j, "since_ms", since_ms);
    json_number(j, "waiting", (int64_t)waiting);
    json_end(j);
}

/* Since the start: messages that came in, and what happened to recipients. */
static void tell_flow(struct json *j, struct queue *q)
{
    struct queue_figures f;
    uint64_t delayed = 0, failed = 0;
    queue_figures(q, &f);
    for (int cause = 0; cause < CAUSE_COUNT; cause++) {
        delayed += f.delayed[cause];
        failed += f.failed[cause];
    }
    json_member_object(j, "flow");
    json_number(j, "accepted", (int64_t)(f.messages_accepted + f.messages_generated));
    json_number(j, "delivered", (int64_t)f.delivered);
    json_number(j, "relayed", (int64_t)f.relayed);
    json_number(j, "delayed", (int64_t)delayed);
    json_number(j, "failed", (int64_t)failed);
    json_number(j, "discarded", (int64_t)f.discarded);
    json_end(j);
}

void survey_look(struct survey *s, struct queue *q, struct buffer *out)
{
    struct json j = json_start(out);
    begin_when_it_is_time(s);
    forget_now(&s->counts);
    queue_tell_destinations(q, add_now, s);
    json_object(&j);
    json_number(&j, "time_ms", clock_now_ms());
    json_number(&j, "messages", (int64_t)queue_count(q));
    tell_flow(&j, q);
    json_bool(&j, "counted", s->has_counts);
    json_number(&j, "counted_ms_ago", s->has_counts ? loop_now(s->loop) - s->ended : 0);
    json_number(&j, "recipients", (int64_t)s->counts.recipients);
    json_number(&j, "held", (int64_t)s->counts.held);
    json_number(&j, "untried", (int64_t)s->counts.untried);
    json_number(&j, "oldest_ms", s->counts.oldest_ms);
    tell_causes(&j, &s->counts);
    tell_places(&j, &s->counts);
    json_member_array(&j, "suspended");
    queue_tell_suspended(q, tell_suspension, &j);
    json_end(&j);
    json_end(&j);
    buffer_add_char(out, '\n');
}
