/* Whether accounts send as their owners do: what src/account decides is said here. */
#include "address/rerouted.h"
#include "base/memory.h"
#include "base/visible.h"
#include "daemon/house.h"
#include "sys/log.h"
#include "sys/secret.h"

#include <stdlib.h>

static enum accounts_mode mode_of(const struct options *o)
{
    switch ((enum guard_accounts)o->guard_accounts) {
    case GUARD_ACCOUNTS_OFF:
        return ACCOUNTS_OFF;
    case GUARD_ACCOUNTS_NOTE:
        return ACCOUNTS_NOTE;
    case GUARD_ACCOUNTS_HOLD:
        break;
    }
    return ACCOUNTS_HOLD;
}

static bool is_outside(void *arg, const struct envelope *e, size_t recipient)
{
    return routing_is_outside(((struct house *)arg)->directory, e, recipient);
}

static void log_news(const struct account_news *n)
{
    static const char *const events[] = {
        [ACCOUNT_SLOWED] = "account-slowed",     [ACCOUNT_HELD] = "account-held",
        [ACCOUNT_RELEASED] = "account-released", [ACCOUNT_REVOKED] = "account-revoked",
        [ACCOUNT_RESTORED] = "account-restored", [ACCOUNT_DISCARDED] = "account-discarded",
        [ACCOUNT_PROFILED] = "account-profile",
    };
    bool is_grave = n->deed == ACCOUNT_SLOWED || n->deed == ACCOUNT_HELD;
    struct buffer *line = log_begin(is_grave ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, events[n->deed]);
    log_line_text(line, "account", n->account);
    log_line_text(line, "by", n->by);
    if (n->is_noted)
        log_line_text(line, "but", SPAN("only noted"));
    if (n->why.len)
        log_line_text(line, "why", n->why);
    log_end();
}

/* ---- sessions of an account that was revoked */

struct end_note {
    struct task task;
    struct hall *hall;
    struct buffer account;
};

static void end_here(struct task *t)
{
    struct end_note *n = LIST_ENTRY(t, struct end_note, task);
    receiver_end_account(n->hall->receiver, buffer_span(&n->account));
    buffer_free(&n->account);
    free(n);
}

static void end_sessions(struct house *h, struct span account)
{
    for (size_t i = 0; i < h->hall_count; i++) {
        struct end_note *n = memory_new(sizeof *n);
        *n = (struct end_note){.task = {.run = end_here}, .hall = &h->halls[i]};
        buffer_add_span(&n->account, account);
        loop_post(h->halls[i].loop, &n->task);
    }
}

static void tell(void *arg, const struct account_news *n)
{
    log_news(n);
    if (n->deed == ACCOUNT_REVOKED)
        end_sessions(arg, n->account);
    account_letters_send(((struct house *)arg)->account_letters, n);
}

static bool open_key(struct house *h, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/accounts.key", SPAN_F(h->options->state));
    bool ok = secret_of_chance(buffer_text(&path), (unsigned char *)&h->guard_key,
                               sizeof h->guard_key, e);
    buffer_free(&path);
    return ok;
}

bool house_open_accounts(struct house *h, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    const struct options *o = h->options;
    buffer_printf(&path, "%.*s/accounts.sqlite", SPAN_F(o->state));
    h->account_book = account_book_open(buffer_text(&path), e);
    buffer_free(&path);
    if (!h->account_book || !open_key(h, e))
        return false;
    if (o->country_database.len && !(h->countries = countries_open(o->country_database, e)))
        return false;
    const struct accounts_settings s = {
        .loop = h->loop,
        .queue = h->queue,
        .book = h->account_book,
        .key = h->guard_key,
        .mode = mode_of(o),
        .limits = guard_settings_limits(o->guard_limits, o->guard_limit_count),
        .countries = h->countries,
        .is_outside = is_outside,
        .tell = tell,
        .arg = h};
    h->account_letters = account_letters_new(h);
    h->accounts = accounts_new(&s, e);
    return h->accounts && account_letters_catch_up(h->account_letters, e);
}

void guarding_set(struct house *h)
{
    const struct options *o = h->options;
    const struct guard_limits l = guard_settings_limits(o->guard_limits, o->guard_limit_count);
    accounts_set(h->accounts, mode_of(o), &l, h->countries);
}

/* ---- forwarding that was changed */

struct comparing {
    struct work work;
    struct house *house;
    struct directory *before, *now; /* references */
    struct reroutings found;
    struct arena arena;
};

static void compare(struct work *w) /* in a worker */
{
    struct comparing *c = LIST_ENTRY(w, struct comparing, work);
    directory_rerouted(c->before, c->now, &c->found, &c->arena);
}

static void hear_change(struct house *h, const struct rerouted *r)
{
    struct buffer why = BUFFER_EMPTY;
    buffer_add_text(&why, "its mail goes to ");
    visible_add(&why, r->to, LONGEST_ADDRESS);
    buffer_add_text(&why, r->has_others ? " and others now" : " now");
    accounts_hear_change(h->accounts, r->account, buffer_span(&why));
    buffer_free(&why);
}

static void compared(struct task *t)
{
    struct comparing *c = LIST_ENTRY(t, struct comparing, work.task);
    for (size_t i = 0; i < c->found.count; i++)
        hear_change(c->house, &c->found.at[i]);
    directory_unref(&c->before);
    directory_unref(&c->now);
    arena_clear(&c->arena);
    free(c);
}

void guarding_compare(struct house *h, struct directory *before)
{
    if (!h->workers || mode_of(h->options) == ACCOUNTS_OFF) /* the former: it is the end */
        return;
    struct comparing *c = memory_new(sizeof *c);
    *c = (struct comparing){.work = {.task.run = compared, .loop = h->loop, .call = compare},
                            .house = h,
                            .before = directory_ref(before),
                            .now = directory_ref(h->directory)};
    workers_submit(h->workers, &c->work);
}
