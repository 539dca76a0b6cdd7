/* Aliases are looked at by a worker when their tables were read, at the start and afterwards, and
 * compared with what the book has of the last time. */
#include "daemon/forwardings.h"

#include "address/leads.h"
#include "base/memory.h"
#include "guard/forwarding.h"
#include "sys/log.h"

#include <stdlib.h>

enum {
    AT_ONCE = 500,     /* accounts of the book */
    MOST_CHANGED = 100 /* what is more is the operator's, who made a table anew */
};

struct found {
    struct list link;
    struct account_forwarding now;
    struct leads leads;
};

/* One look at all accounts. */
struct looking {
    struct task settled; /* who has just begun to send is in the book, too */
    struct work work;
    struct house *house;
    struct directory *directory; /* a reference */
    struct arena arena;
    struct list changed; /* struct found */
    size_t changed_count;
    struct buffer quiet;            /* struct account_forwarding: no news, but to be kept */
    struct account_forwarding *due; /* those of the book that are at hand */
    size_t due_count;
    struct error error;
};

/* ---- in a worker */

static void take(void *arg, const struct account_forwarding *f)
{
    struct looking *l = arg;
    l->due[l->due_count++] =
        (struct account_forwarding){arena_copy(&l->arena, f->name), arena_copy(&l->arena, f->kept)};
}

static void add_changed(struct looking *l, const struct account_forwarding *now,
                        const struct leads *leads)
{
    struct found *f = arena_new(&l->arena, sizeof *f);
    f->now = *now;
    if (l->changed_count < MOST_CHANGED) { /* or else nobody asks any more */
        struct span *to = arena_new(&l->arena, leads->count * sizeof *to);
        for (size_t i = 0; i < leads->count; i++)
            to[i] = arena_copy(&l->arena, leads->to[i]);
        f->leads = (struct leads){to, leads->count};
    }
    list_append(&l->changed, &f->link);
    l->changed_count++;
}

static void look_at(struct looking *l, const struct account_forwarding *was)
{
    struct arena scratch = ARENA_EMPTY;
    struct forwarding f, before;
    struct buffer kept = BUFFER_EMPTY;
    uint64_t key = l->house->guard_key;
    const struct leads leads = directory_leads(l->directory, was->name, &scratch);
    forwarding_of(&f, key, leads.to, leads.count);
    forwarding_write(&kept, &f);
    if (!span_equal(buffer_span(&kept), was->kept)) {
        const struct account_forwarding now = {was->name, arena_keep(&l->arena, &kept)};
        if (forwarding_read(&before, was->kept) &&
            forwarding_compare(&before, key, leads.to, leads.count).count)
            add_changed(l, &now, &leads);
        else
            buffer_add(&l->quiet, &now, sizeof now);
    }
    buffer_free(&kept);
    arena_clear(&scratch);
}

static void look(struct work *w)
{
    struct looking *l = LIST_ENTRY(w, struct looking, work);
    struct account_book *b = l->house->account_book;
    struct span after = SPAN_NONE;
    ssize_t got;
    l->due = arena_new(&l->arena, AT_ONCE * sizeof *l->due);
    do {
        l->due_count = 0;
        got = account_book_aliases(b, after, AT_ONCE, take, l, &l->error);
        for (size_t i = 0; i < l->due_count; i++)
            look_at(l, &l->due[i]);
        if (l->due_count)
            after = l->due[l->due_count - 1].name;
    } while (got == AT_ONCE);
}

/* ---- what follows from it */

static void tell_remade(struct looking *l)
{
    log_message(LOG_LEVEL_INFO, "aliases-remade",
                "the mail of %zu accounts goes elsewhere than before; of so many at once nothing "
                "is noted in their history",
                l->changed_count);
    for (struct list *at = l->changed.next; at != &l->changed; at = at->next) {
        const struct found *f = LIST_ENTRY(at, struct found, link);
        buffer_add(&l->quiet, &f->now, sizeof f->now);
    }
}

static void hear(struct looking *l)
{
    for (struct list *at = l->changed.next; at != &l->changed; at = at->next) {
        const struct found *f = LIST_ENTRY(at, struct found, link);
        accounts_hear_forwarding(l->house->accounts, f->now.name, FORWARDING_ALIASES, f->leads.to,
                                 f->leads.count);
    }
}

static void end(struct looking *l)
{
    struct house *h = l->house;
    directory_unref(&l->directory);
    buffer_free(&l->quiet);
    struct arena arena = l->arena;
    arena_clear(&arena);
    free(l);
    h->is_looking = false;
    if (h->looks_again)
        forwardings_look(h);
}

static void is_looked(struct task *t)
{
    struct looking *l = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct looking, work);
    if (l->error.text[0])
        log_message(LOG_LEVEL_WARNING, "accounts-unreadable", "%s", l->error.text);
    if (l->changed_count > MOST_CHANGED)
        tell_remade(l);
    else
        hear(l);
    accounts_keep_aliases(l->house->accounts,
                          (const struct account_forwarding *)(const void *)l->quiet.at,
                          l->quiet.len / sizeof(struct account_forwarding));
    end(l);
}

static void is_settled(struct task *t)
{
    struct looking *l = LIST_ENTRY(t, struct looking, settled);
    if (l->house->workers)
        workers_submit(l->house->workers, &l->work);
    else
        end(l);
}

void forwardings_look(struct house *h)
{
    h->looks_again = h->is_looking;
    if (h->is_looking || !h->workers || /* the latter: it is the end */
        h->options->guard_accounts == GUARD_ACCOUNTS_OFF)
        return;
    struct looking *l = memory_new(sizeof *l);
    *l = (struct looking){.settled = {.run = is_settled},
                          .work = {.task.run = is_looked, .loop = h->loop, .call = look},
                          .house = h,
                          .directory = directory_ref(h->directory)};
    list_init(&l->changed);
    h->is_looking = true;
    accounts_settle(h->accounts, &l->settled);
}

void forwardings_met(void *house, struct span account)
{
    struct house *h = house;
    struct arena a = ARENA_EMPTY;
    const struct leads leads = directory_leads(h->directory, account, &a);
    accounts_hear_forwarding(h->accounts, account, FORWARDING_ALIASES, leads.to, leads.count);
    arena_clear(&a);
}

void forwardings_seen(void *house, const struct mailbox *user, const struct span *to, size_t count)
{
    struct house *h = house;
    accounts_hear_forwarding(h->accounts, user->name, FORWARDING_FILE, to, count);
    accounts_hear_forwarding(h->accounts, user->user, FORWARDING_FILE, to, count);
}
