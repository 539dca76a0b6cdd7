/* What is owed to whom stands in the book of accounts, where it came with the change itself. Here
 * is only when the next letter to an address is due. It tells all that is owed by then, and the
 * line in the account's history that says so takes it out of the book. So a crash before that line
 * has the letter written again, and none gets lost.
 *
 * The letter goes into the owner's own mailbox, past the aliases and the .forward that it may be
 * about. A filter that hides it there is beyond our reach. */
#include "daemon/change_letters.h"

#include "base/memory.h"
#include "bounce/account_letter.h"
#include "daemon/house.h"
#include "daemon/own_letter.h"
#include "receive/notice_language.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>

#define WRITER SPAN("this server's guard of accounts")

enum { MOST_TOLD = 20 };

struct change_letters {
    struct house *house;
    struct list owing; /* one for an address */
    bool is_over;
};

/* Something is owed to an address: until a letter has told it. */
struct owing {
    struct list link;
    struct timer timer;
    bool is_waiting; /* for its time; else it is under way, */
    bool is_again;   /* and more is owed since */
    struct work work;
    struct task settled;
    struct change_letters *letters;
    struct buffer to;
    int64_t last_ms; /* when it got its last letter */
    struct account_letter_change changes[MOST_TOLD];
    size_t count;
    struct span account; /* whose changes these are; of several, the first */
    uint64_t until;
    bool is_read;
    struct error error;
    struct arena arena; /* of what was read */
};

struct change_letters *change_letters_new(struct house *h)
{
    struct change_letters *l = memory_new(sizeof *l);
    l->house = h;
    list_init(&l->owing);
    return l;
}

static void owing_free(struct owing *o)
{
    list_remove(&o->link);
    arena_clear(&o->arena);
    buffer_free(&o->to);
    free(o);
}

void change_letters_end(struct change_letters *l)
{
    if (!l)
        return;
    l->is_over = true;
    for (struct list *at = l->owing.next, *next; at != &l->owing; at = next) {
        struct owing *o = LIST_ENTRY(at, struct owing, link);
        next = at->next;
        if (!o->is_waiting)
            continue;
        timer_stop(l->house->loop, &o->timer);
        owing_free(o);
    }
}

void change_letters_free(struct change_letters **letters)
{
    free(*letters);
    *letters = NULL;
}

/* ---- to whom, and of what */

struct span change_letters_owner(void *house, struct span account, struct arena *a)
{
    const struct house *h = house;
    return h->options->tell_changes ? routing_owner(h->directory, h->options->hostname, account, a)
                                    : SPAN_NONE;
}

/* A command of the user's own may do anything; one of the tables is the operator's. */
bool change_letters_leads_away(void *house, enum forwarding_source source, struct span target)
{
    if (target.len && target.at[0] == '|')
        return source == FORWARDING_FILE;
    return target.len && target.at[0] != '/' &&
           !routing_answers_for(((struct house *)house)->directory, target);
}

/* ---- when */

static void wait_for_time(struct owing *o, int64_t in_ms)
{
    struct loop *loop = o->letters->house->loop;
    o->is_waiting = true;
    o->is_again = false;
    o->count = 0;
    arena_clear(&o->arena);
    timer_set(loop, &o->timer, loop_now(loop) + in_ms);
}

static void end(struct owing *o)
{
    if (o->is_again && !o->letters->is_over)
        wait_for_time(o, o->letters->house->options->gather_notices);
    else
        owing_free(o);
}

/* ---- writing */

static void sent(void *arg, bool is_durable)
{
    struct owing *o = arg;
    if (is_durable)
        accounts_warned(o->letters->house->accounts, o->account, buffer_span(&o->to), o->until);
    else
        log_message(LOG_LEVEL_WARNING, "account-letter-lost",
                    "a letter about the account %.*s could not be stored; the next start writes it",
                    SPAN_F(o->account));
    end(o);
}

static void write_letter(struct owing *o)
{
    struct house *h = o->letters->house;
    const struct own_letter_house house = {h->loop,    h->store,     house_accepted, h,
                                           h->options, h->directory, h->signing};
    struct buffer text = BUFFER_EMPTY;
    struct report chosen = {.to = buffer_span(&o->to)};
    int64_t now_ms = clock_now_ms();
    notice_choose(&chosen, h->options, h->directory, h->texts);
    const struct account_letter l = {.kind = ACCOUNT_LETTER_CHANGED,
                                     .hostname = h->options->hostname,
                                     .to = chosen.to,
                                     .account = o->account,
                                     .id = store_new_id(h->store, clock_now_us()),
                                     .now_ms = now_ms,
                                     .offset_minutes = clock_offset_minutes(now_ms),
                                     .language = chosen.language,
                                     .changes = o->changes,
                                     .change_count = o->count};
    account_letter_write(&text, &l);
    const struct own_letter letter = {.writer = WRITER,
                                      .to = l.to,
                                      .is_past_forwards = true,
                                      .id = l.id,
                                      .now_ms = now_ms,
                                      .text = buffer_span(&text),
                                      .done = sent,
                                      .arg = o};
    own_letter_send(&house, &letter);
    buffer_free(&text);
}

/* ---- reading: in a worker */

static enum account_letter_part part_of(enum account_part p)
{
    switch (p) {
    case PART_FORWARDING:
        return ACCOUNT_LETTER_FORWARDING;
    case PART_FILTERS:
        return ACCOUNT_LETTER_FILTERS;
    case PART_PASSWORD:
        break;
    }
    return ACCOUNT_LETTER_PASSWORD;
}

static void take(void *arg, const struct account_owed *owed)
{
    struct owing *o = arg;
    if (o->count == MOST_TOLD)
        return;
    if (!o->count)
        o->account = arena_copy(&o->arena, owed->account);
    o->changes[o->count++] = (struct account_letter_change){
        part_of(owed->part), arena_copy(&o->arena, owed->target), owed->since_ms};
    o->until = owed->number;
}

static void read_book(struct work *w)
{
    struct owing *o = LIST_ENTRY(w, struct owing, work);
    struct account_book *book = o->letters->house->account_book;
    struct span to = buffer_span(&o->to);
    o->is_read = account_book_last_letter(book, to, &o->last_ms, &o->error) &&
                 account_book_owed(book, to, take, o, &o->error);
}

/* ---- the way of one */

static void is_read(struct task *t)
{
    struct owing *o = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct owing, work);
    int64_t since_ms = clock_now_ms() - o->last_ms;
    bool is_too_soon = o->last_ms && since_ms >= 0 && since_ms < DAY_MS;
    if (!o->is_read)
        log_message(LOG_LEVEL_WARNING, "accounts-unreadable", "%s", o->error.text);
    if (o->letters->is_over || !o->is_read || !o->count)
        end(o);
    else if (is_too_soon)
        wait_for_time(o, DAY_MS - since_ms);
    else
        write_letter(o);
}

static void is_settled(struct task *t)
{
    struct owing *o = LIST_ENTRY(t, struct owing, settled);
    struct house *h = o->letters->house;
    o->work = (struct work){.task = {.run = is_read}, .loop = h->loop, .call = read_book};
    if (h->workers && !o->letters->is_over)
        workers_submit(h->workers, &o->work);
    else
        end(o);
}

/* What was owed until now is in the book first, and so is that the last letter has told its part.
 */
static void is_time(struct timer *t)
{
    struct owing *o = LIST_ENTRY(t, struct owing, timer);
    o->is_waiting = false;
    o->settled.run = is_settled;
    accounts_settle(o->letters->house->accounts, &o->settled);
}

static struct owing *find(const struct change_letters *l, struct span to)
{
    for (struct list *at = l->owing.next; at != &l->owing; at = at->next) {
        struct owing *o = LIST_ENTRY(at, struct owing, link);
        if (span_equal(buffer_span(&o->to), to))
            return o;
    }
    return NULL;
}

static void owe(struct change_letters *l, struct span to)
{
    struct owing *o = find(l, to);
    if (o) {
        o->is_again = true;
        return;
    }
    o = memory_new(sizeof *o);
    o->letters = l;
    o->timer.due = is_time;
    buffer_add_span(&o->to, to);
    list_append(&l->owing, &o->link);
    wait_for_time(o, l->house->options->gather_notices);
}

void change_letters_send(struct change_letters *l, const struct account_news *n)
{
    if (l && !l->is_over && n->owed_to.len)
        owe(l, n->owed_to);
}

static void take_address(void *arg, struct span to)
{
    owe(arg, to);
}

bool change_letters_catch_up(struct change_letters *l, struct error *e)
{
    return account_book_owed_to(l->house->account_book, take_address, l, e);
}
