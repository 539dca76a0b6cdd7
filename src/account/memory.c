/* Some thousands of accounts are in memory, those that send; the others are in the book, from where
 * a thread reads them when they are wanted. Their counters go there now and then, what was decided
 * at once. It is one thread, so what it is told later never overtakes what it was told before. */
#include "account/inside.h"

#include "base/memory.h"
#include "guard/state.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>

enum {
    MOST_IN_MEMORY = 4096,
    COMPLAIN_EACH = 60000 /* ms */
};

static void complain(struct accounts *a, const struct error *e)
{
    int64_t now = clock_monotonic_ms();
    if (a->complained_ms && now - a->complained_ms < COMPLAIN_EACH)
        return;
    a->complained_ms = now;
    log_message(LOG_LEVEL_ERROR, "accounts-unreadable", "%s", e->text);
}

/* ---- reading */

struct reading {
    struct work work;
    struct accounts *accounts;
    struct account *account;
    struct arena arena;
    struct account_row row;
    int found;
    struct error error;
};

static void read_row(struct work *w) /* in the thread */
{
    struct reading *r = LIST_ENTRY(w, struct reading, work);
    r->found = account_book_find(r->accounts->settings.book, r->account->name, &r->arena, &r->row,
                                 &r->error);
}

static void run_steps(struct accounts *a, struct account *account)
{
    for (struct list *node; (node = list_take(&account->steps));) {
        struct account_step *step = LIST_ENTRY(node, struct account_step, link);
        step->run(a, account, step);
    }
}

static void take_row(struct account *account, const struct account_row *row)
{
    account->is_known = true;
    guard_state_read(account->guard, row->state);
    account->counted = row->counted;
    buffer_add_span(&account->hold, row->hold);
    account->hold_since_ms = row->hold_since_ms;
    for (int s = 0; s < FORWARDING_SOURCES; s++)
        if (!account->is_looked_at[s]) /* since this was read */
            buffer_add_span(&account->forwarding[s], row->forwarding[s]);
}

static void row_is_read(struct task *t)
{
    struct reading *r = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct reading, work);
    struct account *account = r->account;
    r->accounts->under_way--;
    account->guard = memory_new(sizeof *account->guard);
    if (r->found > 0)
        take_row(account, &r->row);
    else if (r->found < 0)
        complain(r->accounts, &r->error);
    run_steps(r->accounts, account);
    arena_clear(&r->arena);
    free(r);
}

static void start_reading(struct accounts *a, struct account *account)
{
    struct reading *r = memory_new(sizeof *r);
    r->accounts = a;
    r->account = account;
    r->work =
        (struct work){.task = {.run = row_is_read}, .loop = a->settings.loop, .call = read_row};
    a->under_way++;
    workers_submit(a->worker, &r->work);
}

/* ---- in memory */

static struct account *account_new(struct accounts *a, struct span name)
{
    struct account *account = memory_new(sizeof *account + name.len + 1);
    memcpy(account->text, name.at, name.len);
    account->name = span_make(account->text, name.len);
    list_init(&account->steps);
    map_set_text(&a->map, account->name, account);
    return account;
}

static void account_free(struct account *account)
{
    for (struct list *node; (node = list_take(&account->steps));) {
        struct account_step *step = LIST_ENTRY(node, struct account_step, link);
        step->drop(step);
    }
    buffer_free(&account->hold);
    buffer_free(&account->slowed);
    for (int s = 0; s < FORWARDING_SOURCES; s++)
        buffer_free(&account->forwarding[s]);
    free(account->guard);
    free(account);
}

static void forget(struct accounts *a, struct account *account)
{
    list_remove(&account->recent);
    map_remove_text(&a->map, account->name);
    account_free(account);
}

/* Those unused for longest make room; what is not written yet stays until it is. */
static void make_room(struct accounts *a)
{
    struct list *at = a->recent.prev;
    while (a->map.count > MOST_IN_MEMORY && at != &a->recent) {
        struct account *account = LIST_ENTRY(at, struct account, recent);
        at = at->prev;
        if (account->guard && !account->is_dirty)
            forget(a, account);
    }
}

void account_with(struct accounts *a, struct span name, struct account_step *step)
{
    char room[ACCOUNT_LONGEST_NAME];
    name = span_first(name, sizeof room);
    for (size_t i = 0; i < name.len; i++)
        room[i] = ascii_lower(name.at[i]);
    name.at = room;
    struct account *account = map_get_text(&a->map, name);
    if (account) {
        list_remove(&account->recent);
    } else {
        make_room(a);
        account = account_new(a, name);
        start_reading(a, account);
    }
    list_prepend(&a->recent, &account->recent);
    if (account->guard)
        step->run(a, account, step);
    else
        list_append(&account->steps, &step->link);
}

void account_is_counted(struct accounts *a, struct account *account)
{
    bool was_known = account->is_known;
    account->is_dirty = account->is_known = true;
    if (!was_known)
        a->settings.met(a->settings.arg, account->name);
}

/* ---- writing */

/* To be written: so it is not dirty any more. */
static struct account_row row_of(struct account *account, struct arena *arena)
{
    struct buffer state = BUFFER_EMPTY;
    guard_state_write(&state, account->guard);
    struct account_row row = {.name = arena_copy(arena, account->name),
                              .state = arena_keep(arena, &state),
                              .counted = account->counted,
                              .hold = arena_copy(arena, buffer_span(&account->hold)),
                              .hold_since_ms = account->hold_since_ms,
                              .is_noted = guard_is_red(account->guard) && !account->hold.len};
    for (int s = 0; s < FORWARDING_SOURCES; s++) {
        if (account->is_looked_at[s])
            row.forwarding[s] = arena_copy(arena, buffer_span(&account->forwarding[s]));
        account->is_looked_at[s] = false;
    }
    account->is_dirty = false;
    return row;
}

struct writing {
    struct work work;
    struct accounts *accounts;
    struct arena arena;
    struct account_row *rows;           /* counters of several; */
    struct account_forwarding *aliases; /* or what aliases say of them; */
    size_t count;
    struct account_change change; /* or, without either, a decision */
    struct account_line line;
    struct account_removal removal;
    struct account_letter_sent letter;
    struct account_order *order;
    struct task *task; /* for accounts_settle, */
    bool is_first;     /* which writes twice: what was being read is counted meanwhile */
    bool ok;
    struct error error;
};

static void write_it(struct work *w) /* in the thread */
{
    struct writing *x = LIST_ENTRY(w, struct writing, work);
    struct account_book *b = x->accounts->settings.book;
    if (x->rows)
        x->ok = account_book_write_rows(b, x->rows, x->count, &x->error);
    else if (x->aliases)
        x->ok = account_book_write_aliases(b, x->aliases, x->count, &x->error);
    else
        x->ok = !x->change.row || account_book_write(b, x->change.row->name, &x->change, &x->error);
}

static struct writing *gather(struct accounts *a);
static void submit(struct accounts *a, struct writing *x);

/* Counters that could not be written are tried again when they have changed. */
static void is_written(struct task *t)
{
    struct writing *x = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct writing, work);
    x->accounts->under_way--;
    if (!x->ok)
        complain(x->accounts, &x->error);
    if (x->order)
        x->order->done(x->order, x->ok ? NULL : x->error.text);
    struct writing *more = x->is_first ? gather(x->accounts) : NULL;
    if (more) {
        more->task = x->task;
        submit(x->accounts, more);
    } else if (x->task) {
        x->task->run(x->task);
    }
    arena_clear(&x->arena);
    free(x);
}

static struct writing *writing_new(struct accounts *a)
{
    struct writing *x = memory_new(sizeof *x);
    x->accounts = a;
    x->work =
        (struct work){.task = {.run = is_written}, .loop = a->settings.loop, .call = write_it};
    return x;
}

static void submit(struct accounts *a, struct writing *x)
{
    a->under_way++;
    if (a->worker) {
        workers_submit(a->worker, &x->work);
    } else { /* the last of the last round */
        write_it(&x->work);
        is_written(&x->work.task);
    }
}

static void copy_samples(struct writing *x, const struct account_change *c)
{
    struct account_sample *samples = arena_new(&x->arena, c->sample_count * sizeof *samples);
    for (size_t i = 0; i < c->sample_count; i++)
        samples[i] =
            (struct account_sample){c->samples[i].id, arena_copy(&x->arena, c->samples[i].to),
                                    arena_copy(&x->arena, c->samples[i].subject)};
    x->change.samples = samples;
}

static void copy_owed(struct writing *x, const struct account_change *c)
{
    struct account_owed *owed = arena_new(&x->arena, c->owed_count * sizeof *owed);
    for (size_t i = 0; i < c->owed_count; i++) {
        owed[i] = c->owed[i];
        if (c->owed[i].target.len)
            owed[i].target = arena_copy(&x->arena, c->owed[i].target);
    }
    x->change.owed = owed;
    if (c->owed_count)
        x->change.owed_to = arena_copy(&x->arena, c->owed_to);
    if (c->letter) {
        x->letter = *c->letter;
        x->letter.to = arena_copy(&x->arena, c->letter->to);
        x->change.letter = &x->letter;
    }
}

void account_decide(struct accounts *a, struct account *account, struct account_change *c,
                    struct account_order *order)
{
    struct writing *x = writing_new(a);
    struct account_row *row = arena_new(&x->arena, sizeof *row);
    x->change = *c;
    x->order = order;
    *row = row_of(account, &x->arena);
    x->change.row = row;
    if (c->line) {
        x->line = (struct account_line){c->line->time_ms, arena_copy(&x->arena, c->line->what),
                                        arena_copy(&x->arena, c->line->by),
                                        arena_copy(&x->arena, c->line->why), c->line->is_noted};
        x->change.line = &x->line;
    }
    if (c->removal) {
        x->removal = *c->removal;
        x->removal.account = arena_copy(&x->arena, c->removal->account);
        x->removal.why = arena_copy(&x->arena, c->removal->why);
        x->change.removal = &x->removal;
    }
    copy_samples(x, c);
    copy_owed(x, c);
    submit(a, x);
    if (!account->is_known)
        account_is_counted(a, account);
}

void account_keep_aliases(struct accounts *a, const struct account_forwarding *at, size_t count)
{
    struct writing *x = writing_new(a);
    x->aliases = arena_new(&x->arena, count * sizeof *x->aliases);
    for (; x->count < count; x->count++)
        x->aliases[x->count] = (struct account_forwarding){
            arena_copy(&x->arena, at[x->count].name), arena_copy(&x->arena, at[x->count].kept)};
    submit(a, x);
}

/* NULL: there is nothing to write. */
static struct writing *gather(struct accounts *a)
{
    struct writing *x = NULL;
    for (struct list *at = a->recent.next; at != &a->recent; at = at->next) {
        struct account *account = LIST_ENTRY(at, struct account, recent);
        if (!account->is_dirty)
            continue;
        if (!x) {
            x = writing_new(a);
            x->rows = arena_new(&x->arena, a->map.count * sizeof *x->rows);
        }
        x->rows[x->count++] = row_of(account, &x->arena);
    }
    return x;
}

void memory_write(struct accounts *a)
{
    struct writing *x = gather(a);
    if (x)
        submit(a, x);
}

void accounts_settle(struct accounts *a, struct task *task)
{
    struct writing *x = gather(a);
    if (!x)
        x = writing_new(a);
    x->task = task;
    x->is_first = true;
    submit(a, x);
}

/* ---- the whole */

void memory_begin(struct accounts *a)
{
    list_init(&a->recent);
    a->worker = workers_new(1);
}

void memory_end(struct accounts *a)
{
    memory_write(a);
    workers_free(&a->worker);
}

void memory_free(struct accounts *a)
{
    while (!list_is_empty(&a->recent))
        forget(a, LIST_ENTRY(a->recent.next, struct account, recent));
    map_free(&a->map);
}
