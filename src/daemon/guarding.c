/* Whether accounts send as their owners do: what src/account decides is said here. */
#include "base/memory.h"
#include "daemon/account_letters.h"
#include "daemon/change_letters.h"
#include "daemon/forwardings.h"
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
        [ACCOUNT_PROFILED] = "account-profile",  [ACCOUNT_CHANGED] = "account-changed",
        [ACCOUNT_PASSWORD] = "account-password",
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
    change_letters_send(((struct house *)arg)->change_letters, n);
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
        .met = forwardings_met,
        .owner = change_letters_owner,
        .leads_away = change_letters_leads_away,
        .arg = h};
    h->account_letters = account_letters_new(h);
    h->change_letters = change_letters_new(h);
    h->accounts = accounts_new(&s, e);
    return h->accounts && account_letters_catch_up(h->account_letters, e) &&
           change_letters_catch_up(h->change_letters, e);
}

void guarding_set(struct house *h)
{
    const struct options *o = h->options;
    const struct guard_limits l = guard_settings_limits(o->guard_limits, o->guard_limit_count);
    accounts_set(h->accounts, mode_of(o), &l, h->countries);
}
