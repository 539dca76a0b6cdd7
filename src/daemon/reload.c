/* A new configuration is read and checked, and all that it needs is opened, before anything of the
 * running one is touched. So it counts as a whole, or not at all.
 *
 * Options are immutable. Each thread is given the new ones by a task, and lets go of its reference
 * to the old ones when the last session or connection that began under them has ended. */
#include "base/memory.h"
#include "config/options_change.h"
#include "daemon/asking.h"
#include "daemon/configuration.h"
#include "daemon/forwardings.h"
#include "daemon/house.h"
#include "daemon/noting.h"
#include "daemon/tables.h"
#include "receive/notice_language.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    UNREACHABLE_PAUSE = 30000,
    LARGEST_RETURNED = 64 * 1024,
    AWAKE_AT_EASE = 1000, /* about as many KB */
    MOST_TOLD_OF_AN_OPTION = 20
};

struct dns_settings settings_of_dns(const struct options *o)
{
    return (struct dns_settings){o->dns, o->dns_count, o->dns_anchor};
}

struct web_settings settings_of_web(struct house *h)
{
    return (struct web_settings){.loop = h->loop, .gather = house_gather, .arg = h};
}

struct queue_settings settings_of_queue(const struct options *o)
{
    return (struct queue_settings){
        .hostname = o->hostname,
        .awake_at_ease = AWAKE_AT_EASE,
        .schedule = {o->retry_first, o->retry_max, o->expire},
        .unreachable_pause =
            o->retry_first < UNREACHABLE_PAUSE ? o->retry_first : UNREACHABLE_PAUSE,
        .max_returned = LARGEST_RETURNED,
        .gather_notices = o->gather_notices,
        .reveals_aliases = o->reveal_aliases,
        .tells_recovery = o->recovered_notice,
        .tells_postmaster = o->double_bounce == DOUBLE_BOUNCE_POSTMASTER,
        .delay_notice = o->delay_notice,
        .delay_notice_again = o->delay_notice_again,
        .storms = {o->storm_notices, o->notice_rate, o->digest_after,
                   o->notices.forged.digest_after},
    };
}

static void text_is_left_out(void *arg, const char *words)
{
    log_message(LOG_LEVEL_WARNING, "notice-text-left-out", "%s", words);
}

struct own_texts *house_load_texts(const struct options *o, struct error *e)
{
    return notice_texts_load(o, text_is_left_out, NULL, e);
}

struct drop_terms terms_of_drop(const struct house *h)
{
    return (struct drop_terms){h->options, h->directory, h->texts, h->signing};
}

/* ---- to the loops */

struct fresh_note {
    struct task task;
    struct hall *hall;
    struct directory *directory;   /* a reference */
    const struct options *options; /* a reference; NULL: they are the same, and with them */
    struct tls_context *caller;    /* a reference */
    struct keyring *keyring;       /* a reference */
};

static void fresh_here(struct task *t)
{
    struct fresh_note *n = LIST_ENTRY(t, struct fresh_note, task);
    receiver_set_directory(n->hall->receiver, n->directory);
    if (n->options)
        relay_set_options(n->hall->relay, n->options, n->caller, n->keyring);
    directory_unref(&n->directory);
    options_unref(&n->options);
    tls_context_unref(&n->caller);
    keyring_unref(&n->keyring);
    free(n);
}

static void give_to_halls(struct house *h, const struct options *o)
{
    for (size_t i = 0; i < h->hall_count; i++) {
        struct fresh_note *n = memory_new(sizeof *n);
        n->task.run = fresh_here;
        n->hall = &h->halls[i];
        n->directory = directory_ref(h->directory);
        n->options = o ? options_ref(o) : NULL;
        n->caller = tls_context_ref(h->caller);
        n->keyring = keyring_ref(h->keyring);
        loop_post(h->halls[i].loop, &n->task);
    }
}

/* To all at once, and not from one to the next: what a loop was given before it stops is still run.
 */
struct settling {
    atomic_size_t missing;
    struct loop *back;
    struct task *settled;
    struct settling_hall {
        struct task task;
        struct settling *of;
    } halls[];
};

static void hall_has_it(struct task *t)
{
    struct settling *s = LIST_ENTRY(t, struct settling_hall, task)->of;
    if (atomic_fetch_sub(&s->missing, 1) > 1)
        return;
    loop_post(s->back, s->settled);
    free(s);
}

void house_settle(void *house, struct task *settled)
{
    struct house *h = house;
    struct settling *s = memory_new(sizeof *s + h->hall_count * sizeof s->halls[0]);
    atomic_init(&s->missing, h->hall_count);
    s->back = h->loop;
    s->settled = settled;
    for (size_t i = 0, count = h->hall_count; i < count; i++) {
        s->halls[i] = (struct settling_hall){{.run = hall_has_it}, s};
        loop_post(h->halls[i].loop, &s->halls[i].task);
    }
}

void house_take_directory(struct house *h, struct directory *fresh)
{
    directory_unref(&h->directory);
    h->directory = fresh;
    forwardings_look(h);
    transport_set(h);
    noting_set(h);
    if (!h->drop) /* it is the end */
        return;
    const struct drop_terms drop = terms_of_drop(h);
    drop_set(h->drop, &drop);
    mailboxes_forget_rooms(h->mailboxes);
    give_to_halls(h, NULL);
}

/* ---- what has changed */

struct changes {
    struct buffer *told;
    size_t count, later; /* that take effect at the next start */
    bool has_texts;      /* of notices, in files */
    const char *option;  /* of the latest, */
    size_t of_it;        /* and how many so far */
};

static bool is_too_much(struct changes *x, const struct option_change *c)
{
    x->of_it = c->option == x->option ? x->of_it + 1 : 1;
    x->option = c->option;
    if (x->of_it == MOST_TOLD_OF_AN_OPTION + 1) {
        log_message(LOG_LEVEL_INFO, "option-changed", "%s has more changes than are told here",
                    c->option);
        buffer_printf(x->told, "%s: and more\n", c->option);
    }
    return x->of_it > MOST_TOLD_OF_AN_OPTION;
}

static void log_change(const struct option_change *c)
{
    struct buffer *line = log_begin(c->needs_restart ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
                                    c->needs_restart ? "option-waits" : "option-changed");
    log_line_text(line, "option", span_of(c->option));
    if (c->was.len)
        log_line_text(line, "was", c->was);
    if (c->is.len)
        log_line_text(line, "is", c->is);
    if (c->needs_restart)
        log_line_text(line, "text", SPAN("it takes effect when the server is started anew"));
    log_end();
}

static void tell_change(void *arg, const struct option_change *c)
{
    struct changes *x = arg;
    x->count++;
    x->later += c->needs_restart;
    if (is_too_much(x, c))
        return;
    log_change(c);
    if (!c->was.len)
        buffer_printf(x->told, "%s: new is %.*s\n", c->option, SPAN_F(c->is));
    else if (!c->is.len)
        buffer_printf(x->told, "%s: no more %.*s\n", c->option, SPAN_F(c->was));
    else
        buffer_printf(x->told, "%s: %.*s, %s %.*s\n", c->option, SPAN_F(c->was),
                      c->needs_restart ? "and when the server is started anew" : "now",
                      SPAN_F(c->is));
}

static void tell_end(const struct changes *x)
{
    struct buffer text = BUFFER_EMPTY;
    if (!x->count)
        buffer_add_text(&text, "nothing in the configuration has changed");
    else
        buffer_printf(&text, "%zu change%s in the configuration", x->count,
                      x->count == 1 ? "" : "s");
    if (x->later)
        buffer_printf(&text, ", %zu of which wait%s for the next start", x->later,
                      x->later == 1 ? "s" : "");
    buffer_printf(&text, "; users%s were read again",
                  x->has_texts ? ", aliases and the texts of notices" : " and aliases");
    log_message(LOG_LEVEL_INFO, "configuration-read", "%s", buffer_text(&text));
    buffer_printf(x->told, "%s\n", buffer_text(&text));
    buffer_free(&text);
}

/* ---- the next configuration */

/* All that it needs, while the running one goes on. */
struct next {
    const struct options *options, *as_written; /* the latter with what waits for a restart */
    struct directory *directory;
    struct file_marks tables;
    struct own_texts *texts;
    struct own *own;
    struct signing *signing;
    struct tls_context *caller;
    struct keyring *keyring;
    struct countries *countries; /* NULL: no database */
    struct receive_change *entrances;
    struct dns_change *dns;        /* NULL: as it is */
    struct web *web;               /* likewise */
    struct challenges *challenges; /* likewise */
    struct events *events;
    gid_t operators;
};

/* Which parts must be made anew for it. */
struct anew {
    bool dns, web, challenges;
};

static void note(void *arg, const struct option_change *c)
{
    struct anew *anew = arg;
    anew->dns |= span_starts(span_of(c->option), SPAN("dns"));
    anew->web |= span_equal(span_of(c->option), SPAN("metrics"));
    anew->challenges |= span_equal(span_of(c->option), SPAN("acme-listen")) ||
                        span_equal(span_of(c->option), SPAN("acme-certificate"));
}

static bool make_anew(struct house *h, struct next *n, struct error *e)
{
    struct anew anew = {0};
    const struct dns_settings dns = settings_of_dns(n->options);
    const struct web_settings web = settings_of_web(h);
    options_compare(h->options, n->options, note, &anew);
    if (anew.dns && !(n->dns = dns_prepare(h->dns, &dns, e)))
        return false;
    if (anew.challenges && !(n->challenges = challenges_new(n->options, e)))
        return false;
    return !anew.web || (n->web = web_new(&web, n->options, e));
}

static bool open_countries(struct next *n, struct error *e)
{
    struct span path = n->options->country_database;
    return !path.len || (n->countries = countries_open(path, e));
}

static bool next_prepare(struct house *h, struct next *n, struct error *e)
{
    n->as_written = configuration_read(h->file, e);
    n->options = n->as_written ? configuration_read_again(h->file, h->options, e) : NULL;
    n->directory = n->options && returns_keep_secrets(n->options, e)
                       ? directory_load(n->options, &n->tables, e)
                       : NULL;
    n->texts = n->directory ? house_load_texts(n->options, e) : NULL;
    n->own = n->texts ? own_new(n->options, e) : NULL;
    n->signing = n->own ? signing_new(n->options, e) : NULL;
    n->caller = n->signing ? tls_client_new(n->options->tls_authorities, e) : NULL;
    n->keyring = n->caller ? keyring_new(n->options, e) : NULL;
    n->entrances = n->keyring ? receive_prepare(h->receive, n->options, n->signing, e) : NULL;
    n->events = n->entrances ? events_new(n->options, h->store, e) : NULL;
    return n->events && control_operators(n->options, &n->operators, e) && open_countries(n, e) &&
           make_anew(h, n, e);
}

/* What has not been taken over. */
static void next_drop(struct next *n)
{
    receive_change_drop(&n->entrances);
    dns_change_drop(&n->dns);
    web_free(&n->web);
    challenges_free(&n->challenges);
    events_free(&n->events);
    countries_free(&n->countries);
    own_free(&n->own);
    signing_unref(&n->signing);
    own_texts_unref(&n->texts);
    tls_context_unref(&n->caller);
    keyring_unref(&n->keyring);
    directory_unref(&n->directory);
    file_marks_free(&n->tables);
    options_unref(&n->options);
    options_unref(&n->as_written);
}

/* Nothing here can fail. */
static void take_over(struct house *h, struct next *n)
{
    const struct options *was = h->options;
    h->options = h->routing.options = options_ref(n->options);
    directory_unref(&h->directory);
    h->directory = directory_ref(n->directory);
    forwardings_look(h);
    own_texts_unref(&h->texts);
    h->texts = own_texts_ref(n->texts);
    tables_renew(h->tables, h->options, &n->tables);
    asking_set_options(h->asking, h->options);
    own_replace(h->own, &n->own);
    signing_unref(&h->signing);
    h->signing = n->signing;
    n->signing = NULL;
    tls_context_unref(&h->caller);
    h->caller = tls_context_ref(n->caller);
    keyring_unref(&h->keyring);
    h->keyring = keyring_ref(n->keyring);
    control_set_operators(h->control, n->operators);
    receive_change_now(&n->entrances);
    if (n->dns)
        dns_change_now(&n->dns);
    if (n->web) {
        struct web *before = h->web;
        h->web = n->web;
        n->web = before;
    }
    if (n->challenges) {
        struct challenges *before = h->challenges;
        h->challenges = n->challenges;
        n->challenges = before;
    }
    if (!events_are_same(h->events, n->events)) {
        events_free(&h->events);
        h->events = n->events;
        n->events = NULL;
        events_start(h->events);
    }
    const struct queue_settings queue = settings_of_queue(h->options);
    queue_set(h->queue, &queue);
    store_keep_story(h->store, h->options->keep_story, h->options->keep_sent);
    const struct drop_terms drop = terms_of_drop(h);
    drop_set(h->drop, &drop);
    mailboxes_set(h->mailboxes, h->options->full_mailbox == FULL_MAILBOX_TEMPORARY,
                  h->options->max_message_size);
    mailboxes_forget_rooms(h->mailboxes);
    transport_set(h);
    struct countries *countries = h->countries;
    h->countries = n->countries;
    n->countries = countries; /* goes when nothing asks it any more */
    guarding_set(h);
    give_to_halls(h, h->options);
    renewing_set(h->renewing, h->options);
    house_look_at_certificates(h);
    options_unref(&was); /* last: nothing of it is used here any more */
}

static bool reload(struct house *h, struct buffer *told, struct error *e)
{
    struct next n = {0};
    struct changes x = {.told = told};
    bool ok = next_prepare(h, &n, e);
    if (ok) {
        x.has_texts = n.options->notice_text_count > 0;
        options_compare(h->options, n.as_written, tell_change, &x);
        take_over(h, &n);
        tell_end(&x);
    } else {
        log_message(LOG_LEVEL_ERROR, "configuration-unchanged",
                    "%s; the configuration known before stays", e->text);
    }
    next_drop(&n);
    return ok;
}

bool house_reload(struct house *h, struct buffer *told, struct error *e)
{
    if (h->end_deadline)
        return error_set(e, "the server is about to stop");
    manager_tell(h->manager, "RELOADING=1\nMONOTONIC_USEC=%lld",
                 (long long)clock_monotonic_ms() * 1000);
    bool ok = reload(h, told, e);
    manager_tell(h->manager, "READY=1\nSTATUS=Takes mail as %.*s%s", SPAN_F(h->options->hostname),
                 ok ? "" : "; the configuration could not be read again, see the log");
    return ok;
}
