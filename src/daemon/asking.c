/* A subject is an address at a next hop. While it is asked about, those who want to know wait with
 * it; then it keeps the answer until its time is over, or until there are too many: then the oldest
 * go. */
#include "daemon/asking.h"

#include "base/map.h"
#include "base/memory.h"
#include "mail/address.h"
#include "queue/kept_outcome.h"
#include "smtp/client.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_AT_ONCE = 8,      /* questions to one next hop */
    SILENT_FOR = 30000,    /* ms */
    MOST_SUBJECTS = 50000, /* that are remembered */
    MOST_HOPS = 1000
};

struct hop {
    struct list waiting; /* subjects whose turn has not come */
    size_t subjects;     /* waiting or being asked about */
    size_t under_way;
    int64_t silent_until;
    struct kept_outcome *why; /* of the latest silence */
    struct span name;         /* in name_text */
    char name_text[];
};

struct subject {
    struct list link;        /* in the hop's waiting, or among those that are remembered */
    struct list waiting;     /* inquiries */
    struct hop *hop;         /* NULL: it has its answer */
    struct message *message; /* while it is asked about */
    struct kept_outcome *answer;
    int64_t until;
    struct span key;     /* in key_text: "DESTINATION ADDRESS", folded */
    struct span address; /* as it was asked first, behind the key */
    char key_text[];
};

struct question {
    struct delivery delivery; /* first: delivery_free frees all of it */
    struct subject *subject;
};

struct asking {
    struct asking_settings settings;
    struct map subjects, hops;
    struct list remembered;  /* subjects, the oldest first */
    struct list by_deadline; /* inquiries: all wait equally long */
    struct timer timer;
    bool has_ended;
};

/* ---- answers */

static void inquiry_answer(struct inquiry *q, const struct outcome *o)
{
    q->answer = outcome_into(&q->arena, o);
    loop_post(q->loop, &q->task);
}

static void set_timer(struct asking *a)
{
    if (list_is_empty(&a->by_deadline))
        timer_stop(a->settings.loop, &a->timer);
    else
        timer_set(a->settings.loop, &a->timer,
                  LIST_ENTRY(a->by_deadline.next, struct inquiry, by_deadline)->deadline);
}

static void answer_all(struct asking *a, struct subject *s, const struct outcome *o)
{
    for (struct list *node; (node = list_take(&s->waiting));) {
        struct inquiry *q = LIST_ENTRY(node, struct inquiry, by_question);
        list_remove(&q->by_deadline);
        inquiry_answer(q, o);
    }
    set_timer(a);
}

static const struct outcome ending = {.kind = OUTCOME_DELAYED,
                                      .status = STATUS(4, 3, 2),
                                      .words = SPAN("this server is shutting down")};

/* ---- hops */

static void hop_free(struct hop *h)
{
    free(h->why);
    free(h);
}

/* A domain below "*.example.net" is a name that anybody can make up. */
static void forget_quiet_hops(struct asking *a)
{
    struct map kept = MAP_EMPTY;
    size_t i = 0;
    for (struct hop *h; (h = map_next(&a->hops, &i));)
        if (h->subjects || h->silent_until > loop_now(a->settings.loop))
            map_set_text(&kept, h->name, h);
        else
            hop_free(h);
    map_free(&a->hops);
    a->hops = kept;
}

static struct hop *hop_for(struct asking *a, struct span name)
{
    struct hop *h = map_get_text(&a->hops, name);
    if (h)
        return h;
    if (a->hops.count >= MOST_HOPS)
        forget_quiet_hops(a);
    h = memory_new(sizeof *h + name.len + 1);
    memcpy(h->name_text, name.at, name.len);
    h->name = span_make(h->name_text, name.len);
    list_init(&h->waiting);
    map_set_text(&a->hops, h->name, h);
    return h;
}

static bool is_silent(const struct asking *a, const struct hop *h)
{
    return h->silent_until > loop_now(a->settings.loop);
}

/* ---- subjects */

static void subject_free(struct subject *s)
{
    message_free(&s->message);
    free(s->answer);
    free(s);
}

static void forget(struct asking *a, struct subject *s)
{
    if (list_is_linked(&s->link))
        list_remove(&s->link);
    if (s->hop)
        s->hop->subjects--;
    map_remove_text(&a->subjects, s->key);
    subject_free(s);
}

static struct span key_of(struct buffer *key, struct span destination, struct span address)
{
    buffer_printf(key, "%.*s ", SPAN_F(destination));
    for (size_t i = 0; i < address.len; i++)
        buffer_add_char(key, ascii_lower(address.at[i]));
    return buffer_span(key);
}

static struct subject *subject_new(struct asking *a, struct hop *h, struct span key,
                                   struct span address)
{
    struct subject *s = memory_new(sizeof *s + key.len + address.len + 1);
    memcpy(s->key_text, key.at, key.len);
    memcpy(s->key_text + key.len, address.at, address.len);
    s->key = span_make(s->key_text, key.len);
    s->address = span_make(s->key_text + key.len, address.len);
    s->hop = h;
    h->subjects++;
    list_init(&s->waiting);
    list_append(&h->waiting, &s->link);
    map_set_text(&a->subjects, s->key, s);
    return s;
}

static void remember(struct asking *a, struct subject *s, const struct outcome *o)
{
    const struct options *options = a->settings.options;
    int64_t keep = o->kind == OUTCOME_RELAYED  ? options->ask_keep_accepted
                   : o->kind == OUTCOME_FAILED ? options->ask_keep_refused
                                               : 0;
    if (!keep) {
        forget(a, s);
        return;
    }
    s->hop->subjects--;
    s->hop = NULL;
    s->answer = outcome_keep(o);
    s->until = loop_now(a->settings.loop) + keep;
    list_append(&a->remembered, &s->link);
    if (a->subjects.count > MOST_SUBJECTS)
        forget(a, LIST_ENTRY(a->remembered.next, struct subject, link));
}

/* ---- asking */

static void ask_next_hop(struct asking *a, struct subject *s)
{
    struct recipient recipient = {.address = s->address};
    const struct envelope e = {.parameters.smtputf8 = !address_is_ascii(s->address),
                               .recipients = &recipient,
                               .recipient_count = 1};
    struct question *q = memory_new(sizeof *q);
    struct delivery *d = &q->delivery;
    q->subject = s;
    s->message = message_new(&e);
    d->message = s->message;
    d->name = s->hop->name;
    d->recipients = arena_new(&d->arena, sizeof *d->recipients);
    d->outcomes = arena_new(&d->arena, sizeof *d->outcomes);
    d->count = d->room = 1;
    d->is_question = true;
    s->hop->under_way++;
    a->settings.deliver(a->settings.arg, d);
}

static void hop_go(struct asking *a, struct hop *h)
{
    while (h->under_way < MOST_AT_ONCE && !list_is_empty(&h->waiting)) {
        struct subject *s = LIST_ENTRY(list_take(&h->waiting), struct subject, link);
        if (list_is_empty(&s->waiting)) /* it took too long */
            forget(a, s);
        else
            ask_next_hop(a, s);
    }
}

/* Whoever waits for it now, or asks in the time to come, waits in vain. */
static void hop_is_silent(struct asking *a, struct hop *h, const struct outcome *why)
{
    if (!is_silent(a, h))
        a->settings.tell_silent(a->settings.arg, h->name, why);
    free(h->why);
    h->why = outcome_keep(why);
    h->silent_until = loop_now(a->settings.loop) + SILENT_FOR;
    for (struct list *node; (node = list_take(&h->waiting));) {
        struct subject *s = LIST_ENTRY(node, struct subject, link);
        answer_all(a, s, why);
        forget(a, s);
    }
}

/* "mx:example.net": its domain. */
static struct span server_of(const struct hop *h)
{
    return span_starts(h->name, SPAN("mx:")) ? span_skip(h->name, 3) : h->name;
}

static void timer_due(struct timer *t)
{
    struct asking *a = LIST_ENTRY(t, struct asking, timer);
    int64_t now = loop_now(a->settings.loop);
    while (!list_is_empty(&a->by_deadline)) {
        struct inquiry *q = LIST_ENTRY(a->by_deadline.next, struct inquiry, by_deadline);
        if (q->deadline > now)
            break;
        struct hop *h = hop_for(a, q->destination);
        const struct outcome late = {.kind = OUTCOME_DELAYED,
                                     .status = STATUS(4, 4, 2),
                                     .words = SPAN("no answer came in time"),
                                     .host = server_of(h)};
        list_remove(&q->by_deadline);
        list_remove(&q->by_question);
        inquiry_answer(q, &late);
        hop_is_silent(a, h, &late);
    }
    set_timer(a);
}

static const struct outcome need_not_be_asked = {.kind = OUTCOME_RELAYED};

void asking_ask(struct asking *a, struct inquiry *q, struct span destination)
{
    if (!destination.len) {
        inquiry_answer(q, &need_not_be_asked);
        return;
    }
    struct buffer text = BUFFER_EMPTY;
    struct span key = key_of(&text, destination, q->address);
    struct subject *s = map_get_text(&a->subjects, key);
    int64_t now = loop_now(a->settings.loop);
    if (s && s->answer && s->until <= now) {
        forget(a, s);
        s = NULL;
    }
    struct hop *h = s && s->answer ? NULL : hop_for(a, destination);
    if (s && s->answer) {
        inquiry_answer(q, &s->answer->outcome);
    } else if (a->has_ended || is_silent(a, h)) {
        inquiry_answer(q, a->has_ended ? &ending : &h->why->outcome);
    } else {
        if (!s)
            s = subject_new(a, h, key, q->address);
        q->deadline = now + a->settings.options->ask_timeout;
        q->destination = h->name;
        list_append(&s->waiting, &q->by_question);
        list_append(&a->by_deadline, &q->by_deadline);
        set_timer(a);
        hop_go(a, h);
    }
    buffer_free(&text);
}

/* ---- what the next hop says */

/* A refusal that is not about the address does not say that it is wrong. */
static struct outcome judge(const struct outcome *o)
{
    struct outcome answer = *o;
    bool is_of_address =
        !o->is_remote || span_equal(o->stage, span_of(client_stage_words(STAGE_RCPT)));
    if (o->kind == OUTCOME_DELIVERED) /* by LMTP */
        answer.kind = OUTCOME_RELAYED;
    if (o->kind == OUTCOME_FAILED && !is_of_address)
        answer.kind = OUTCOME_DELAYED;
    return answer;
}

void asking_delivered(struct asking *a, struct delivery *d)
{
    struct subject *s = ((struct question *)(void *)d)->subject;
    struct hop *h = s->hop;
    struct outcome answer = judge(&d->outcomes[0]);
    bool is_of_hop = answer.kind == OUTCOME_DELAYED &&
                     !span_equal(answer.stage, span_of(client_stage_words(STAGE_RCPT)));
    h->under_way--;
    message_free(&s->message);
    answer_all(a, s, &answer);
    remember(a, s, &answer);
    if (is_of_hop)
        hop_is_silent(a, h, &answer);
    else
        h->silent_until = 0;
    hop_go(a, h);
    delivery_free(d);
}

/* ---- beginning and end */

struct asking *asking_new(const struct asking_settings *s)
{
    struct asking *a = memory_new(sizeof *a);
    a->settings = *s;
    a->timer.due = timer_due;
    list_init(&a->remembered);
    list_init(&a->by_deadline);
    return a;
}

void asking_set_options(struct asking *a, const struct options *o)
{
    a->settings.options = o;
}

void asking_end(struct asking *a)
{
    if (!a)
        return;
    a->has_ended = true;
    while (!list_is_empty(&a->by_deadline)) {
        struct inquiry *q = LIST_ENTRY(list_take(&a->by_deadline), struct inquiry, by_deadline);
        list_remove(&q->by_question);
        inquiry_answer(q, &ending);
    }
    timer_stop(a->settings.loop, &a->timer);
}

void asking_free(struct asking **asking)
{
    struct asking *a = *asking;
    size_t i = 0;
    if (!a)
        return;
    for (struct subject *s; (s = map_next(&a->subjects, &i));)
        subject_free(s);
    i = 0;
    for (struct hop *h; (h = map_next(&a->hops, &i));)
        hop_free(h);
    map_free(&a->subjects);
    map_free(&a->hops);
    free(a);
    *asking = NULL;
}
