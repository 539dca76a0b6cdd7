/* The main thread is the scheduler: it owns the queue, the control socket and the watch over the
 * tables. Each session loop has a thread with a receiver and a relay. The store has threads of
 * its own. What passes between them is posted to loops; nothing is locked.
 *
 *     receiver ──commit──▶ store ──durable──▶ receiver (250)
 *                            └──────accepted──▶ queue ──delivery──▶ relay of a loop, or mailboxes
 *                                                 ▲────outcomes────────┘
 */
#include "daemon/daemon.h"

#include "address/expand.h"
#include "base/memory.h"
#include "bounce/meant.h"
#include "daemon/account_letters.h"
#include "daemon/asking.h"
#include "daemon/change_letters.h"
#include "daemon/descriptors.h"
#include "daemon/forwardings.h"
#include "daemon/house.h"
#include "daemon/lock.h"
#include "daemon/noting.h"
#include "daemon/room_note.h"
#include "daemon/tables.h"
#include "daemon/telling.h"
#include "daemon/user_letters.h"
#include "daemon/waker.h"
#include "receive/notice_language.h"
#include "store/feedback_book.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/process.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    READING_THREADS = 2, /* wake messages, read tables */
    ASKING_THREADS = 2,  /* list the queue, for those who ask */
    JUDGING_THREADS = 2  /* judge notices that come, and ask the ledger for it */
};

/* ---- messages between threads */

static void forged(void *arg, struct span domain, const struct forged_case *what)
{
    forging_tell(((struct house *)arg)->forging, domain, what); /* from a session's loop */
}

static struct house *the_house; /* inquiries find it here: there is one a process */

static void room(void *arg, struct span mailbox, uint64_t bytes) /* in a mailbox thread */
{
    struct house *h = arg;
    for (size_t i = 0; i < h->hall_count; i++)
        room_note_send(h->halls[i].loop, h->halls[i].receiver, mailbox, bytes);
}

/* ---- what the queue asks */

static int64_t now_ms(void *arg)
{
    return clock_now_ms();
}

static uint32_t any_number(void)
{
    return (uint32_t)random_number();
}

static uint32_t chance(void *arg)
{
    return any_number();
}

static message_id new_id(void *arg)
{
    return store_new_id(((struct house *)arg)->store, clock_now_us());
}

static struct queue_route route(void *arg, const struct envelope *e, size_t recipient)
{
    struct house *h = arg;
    return route_find(&h->routing, h->directory, e, recipient);
}

static bool story(void *arg, message_id id, struct arena *a, struct story *s)
{
    struct house *h = arg;
    struct error e;
    return h->ledger && ledger_story(h->ledger, id, a, s, &e) > 0;
}

static bool is_near(void *arg, struct span address)
{
    return address_is_near(*(struct span *)arg, address);
}

static void written_to(void *arg, struct span sender, struct span wrong, struct arena *a,
                       struct span *meant, int64_t *when_ms)
{
    struct house *h = arg;
    struct written found;
    struct error e;
    if (!h->ledger || ledger_written_to(h->ledger, sender, is_near, &wrong, a, &found, &e) <= 0)
        return;
    *meant = found.address;
    *when_ms = found.time_ms;
}

static bool is_ours(void *arg, struct span address)
{
    return routing_is_ours(((struct house *)arg)->directory, address);
}

static void choose(void *arg, struct report *r)
{
    struct house *h = arg;
    notice_choose(r, h->options, h->directory, h->texts);
}

static struct span postmaster(void *arg, struct arena *a)
{
    return directory_postmaster(((struct house *)arg)->directory, a);
}

static void expand(void *arg, struct envelope *e, struct arena *a)
{
    expand_notice(((struct house *)arg)->directory, e, a);
}

static void ask_here(struct task *t)
{
    struct inquiry *q = LIST_ENTRY(t, struct inquiry, there);
    struct house *h = the_house;
    asking_ask(h->asking, q, routing_next_hop(&h->routing, h->directory, q->address));
}

static void ask(void *arg, struct inquiry *q) /* in a session loop */
{
    q->there.run = ask_here;
    loop_post(((struct house *)arg)->loop, &q->there);
}

static void wake(void *arg, struct waking *w)
{
    struct house *h = arg;
    waker_wake(h->store, h->workers, h->loop, h->accounts, w);
}

static void fetch(void *arg, struct delivery *d)
{
    struct house *h = arg;
    waker_fetch(h->store, h->workers, h->loop, h->queue, d);
}

static void outcome_told(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o)
{
    tell_outcome(arg, e, recipient, attempts, retry_ms, o);
    house_suppress_failed(arg, e, recipient, o);
    accounts_hear(((struct house *)arg)->accounts, e, recipient, o);
}

static ssize_t read_message(void *arg, message_id id, uint64_t offset, void *at, size_t len)
{
    return store_read(((struct house *)arg)->store, id, offset, at, len);
}

static int offset_minutes(void *arg, int64_t time_ms)
{
    return clock_offset_minutes(time_ms);
}

/* ---- the scheduler's loop */

static void queue_timer_due(struct timer *t) {}

/* Once a round: the queue does what is due, and the clock is set for what comes next. */
static void before_sleep(void *arg)
{
    struct house *h = arg;
    int64_t next = queue_run(h->queue);
    if (next == INT64_MAX)
        timer_stop(h->loop, &h->queue_timer);
    else
        timer_set(h->loop, &h->queue_timer, clock_monotonic_ms() + (next - clock_now_ms()));
    log_flush();
}

static void tables_changed(void *arg, struct directory *fresh)
{
    house_take_directory(arg, fresh);
}

/* ---- building the house */

static void flush_log(void *arg)
{
    log_flush();
}

static void *hall_run(void *arg)
{
    struct hall *hall = arg;
    loop_before_sleep(hall->loop, flush_log, NULL);
    loop_run(hall->loop);
    log_close();
    return NULL;
}

static bool hall_open(struct house *h, struct hall *hall, struct error *e)
{
    const struct relay_settings relay = {.options = h->options,
                                         .store = h->store,
                                         .dns = h->dns,
                                         .tls = h->caller,
                                         .keyring = h->keyring,
                                         .handshakers = h->handshakers,
                                         .sts = h->sts,
                                         .sessions = h->sessions,
                                         .own = {own_has, h->own},
                                         .random = any_number,
                                         .delivered = house_delivered,
                                         .arg = h};
    hall->house = h;
    hall->loop = loop_new(e);
    if (!hall->loop)
        return false;
    hall->receiver = receiver_new(h->receive, hall->loop, h->directory);
    hall->relay = relay_new(&relay, hall->loop);
    return true;
}

static size_t halls_wanted(const struct options *o)
{
    /* The other half is for the scheduler, the writer, the ledger and the mailboxes. */
    size_t half = (size_t)(sysconf(_SC_NPROCESSORS_ONLN) + 1) / 2;
    return o->loops ? (size_t)o->loops : half ? half : 1;
}

static bool halls_open(struct house *h, struct error *e)
{
    size_t count = halls_wanted(h->options);
    h->handshakers = workers_new((size_t)sysconf(_SC_NPROCESSORS_ONLN));
    h->verifiers = workers_new((size_t)sysconf(_SC_NPROCESSORS_ONLN));
    h->judges = workers_new(JUDGING_THREADS);
    const struct receive_settings receive = {.state = h->options->state,
                                             .store = h->store,
                                             .manager = h->manager,
                                             .accepted = house_accepted,
                                             .forged = forged,
                                             .refused_flood = digesting_owe_refusals,
                                             .ask = ask,
                                             .tell_user = house_tell_user,
                                             .arg = h,
                                             .suppressions = h->suppressions,
                                             .handshakers = h->handshakers,
                                             .verifiers = h->verifiers,
                                             .judges = h->judges,
                                             .dns = h->dns,
                                             .judged = h->judged,
                                             .greylist = h->greylist,
                                             .refusals = h->refusals,
                                             .account_rates = h->account_rates,
                                             .accounts = h->account_book,
                                             .guard_key = h->guard_key};
    h->receive = receive_house_new(&receive);
    h->own = own_new(h->options, e);
    h->caller = h->own ? tls_client_new(h->options->tls_authorities, e) : NULL;
    h->keyring = h->caller ? keyring_new(h->options, e) : NULL;
    if (!h->keyring)
        return false;
    h->halls = memory_new(count * sizeof *h->halls);
    h->hall_count = count;
    for (size_t i = 0; i < count; i++)
        if (!hall_open(h, &h->halls[i], e))
            return false;
    struct receive_change *entrances = receive_prepare(h->receive, h->options, h->signing, e);
    if (!entrances)
        return false;
    receive_change_now(&entrances);
    for (size_t i = 0; i < count; i++) {
        h->halls[i].thread = thread_start(hall_run, &h->halls[i], "sessions");
        h->halls[i].is_running = true;
    }
    return true;
}

static void queue_start(struct house *h)
{
    struct queue_settings settings = settings_of_queue(h->options);
    settings.places = halls_wanted(h->options);
    const struct queue_outside outside = {
        .arg = h,
        .now_ms = now_ms,
        .random = chance,
        .new_id = new_id,
        .route = route,
        .story = story,
        .written_to = written_to,
        .is_ours = is_ours,
        .postmaster = postmaster,
        .expand = expand,
        .sign = house_draft,
        .deliver = house_deliver,
        .wake = wake,
        .commit = house_commit,
        .fetch = fetch,
        .digest = digesting_write,
        .read = read_message,
        .tell_outcome = outcome_told,
        .tell_made = tell_made,
        .tell_concurrency = tell_concurrency,
        .tell_back = tell_back,
        .offset_minutes = offset_minutes,
        .choose = choose,
    };
    h->queue = queue_new(&settings, &outside);
}

static bool reload(void *arg, struct buffer *told, struct error *e)
{
    return house_reload(arg, told, e);
}

static struct locals *open_locals(struct house *h)
{
    const struct locals_settings s = {.options = h->options,
                                      .store = h->store,
                                      .helper = h->helper,
                                      .loop = h->loop,
                                      .delivered = house_delivered,
                                      .saw_forward = forwardings_seen,
                                      .arg = h};
    return locals_new(&s);
}

static bool house_open(struct house *h, struct file_marks *marks, struct error *e)
{
    const struct options *o = h->options;
    h->lock = state_lock(o->state, e);
    if (h->lock < 0)
        return false;
    h->loop = loop_new(e);
    h->directory = h->loop && returns_keep_secrets(o, e) ? directory_load(o, marks, e) : NULL;
    h->texts = h->directory ? house_load_texts(o, e) : NULL;
    if (!h->texts)
        return false;
    if (o->deliver_as == DELIVER_AS_YES && !(h->helper = helper_start(o, h->directory, e)))
        return false;
    if (!signals_watch(h, e) || !(h->signing = signing_new(o, e)))
        return false;
    queue_start(h);
    if (!house_open_suppressions(h, e) || !house_open_feedback(h, e) || !house_open_store(h, e) ||
        !house_open_notes(h, e) || !house_open_accounts(h, e) ||
        !(h->events = events_new(o, h->store, e)))
        return false;
    events_start(h->events);
    const struct dns_settings dns = settings_of_dns(o);
    h->dns = dns_new(&dns, h->loop, e);
    h->waiting = h->dns ? resolve_wait_new(h->dns, e) : NULL;
    if (!h->waiting || !transport_start(h, house_accepted, e))
        return false;
    h->workers = workers_new(READING_THREADS);
    const struct asking_settings asking = {o, h->loop, house_to_next_hop, tell_silent, h};
    h->asking = asking_new(&asking);
    const struct mailboxes_settings boxes = {
        .disk = disk_real(),
        .store = h->store,
        .hostname = o->hostname,
        .threads = (size_t)o->mailbox_concurrency,
        .is_full_for_now = o->full_mailbox == FULL_MAILBOX_TEMPORARY,
        .largest = o->max_message_size,
        .delivered = house_delivered,
        .room = room,
        .arg = h,
    };
    h->mailboxes = mailboxes_new(&boxes);
    h->locals = open_locals(h);
    h->askers = workers_new(ASKING_THREADS);
    const struct control_settings control = {.options = o,
                                             .queue = h->queue,
                                             .store = h->store,
                                             .suppressions = h->suppressions,
                                             .accounts = h->accounts,
                                             .account_book = h->account_book,
                                             .guard_key = h->guard_key,
                                             .write_notes = house_write_notes,
                                             .workers = h->askers,
                                             .routes = house_destinations(h),
                                             .know = house_know,
                                             .reload = reload,
                                             .settle = house_settle,
                                             .certificates = house_list_certificates,
                                             .renew = house_renew,
                                             .arg = h};
    h->control = control_new(&control, h->loop, e);
    tell_watchers(h->control);
    const struct receive_settings drop = {.state = o->state,
                                          .store = h->store,
                                          .manager = h->manager,
                                          .accepted = house_accepted,
                                          .ask = ask,
                                          .tell_user = house_tell_user,
                                          .arg = h,
                                          .suppressions = h->suppressions,
                                          .account_rates = h->account_rates,
                                          .waiting = h->waiting,
                                          .guard_key = h->guard_key};
    const struct drop_terms terms = terms_of_drop(h);
    h->drop = h->control ? drop_start(&drop, &terms, e) : NULL;
    if (!h->drop || !halls_open(h, e))
        return false;
    const struct web_settings web = settings_of_web(h);
    h->web = web_new(&web, o, e);
    h->challenges = h->web ? challenges_new(o, e) : NULL;
    return h->challenges != NULL;
}

/* The threads of the loops have ended, or were never started: what was posted last is done here. */
static void run_last_tasks(struct house *h)
{
    for (size_t i = 0; i <= h->hall_count; i++) {
        struct loop *l = i < h->hall_count ? h->halls[i].loop : h->loop;
        if (!l) /* it could not be made */
            continue;
        loop_stop(l);
        loop_before_sleep(l, flush_log, NULL);
        loop_run(l);
    }
}

static void house_close(struct house *h)
{
    signals_leave(h);
    web_free(&h->web);
    renewing_end(h->renewing);
    challenges_free(&h->challenges);
    events_free(&h->events);
    for (size_t i = 0; i < h->hall_count; i++)
        if (h->halls[i].is_running) {
            loop_stop(h->halls[i].loop);
            pthread_join(h->halls[i].thread, NULL);
        }
    receive_house_end(h->receive);
    workers_free(&h->handshakers);
    workers_free(&h->verifiers);
    workers_free(&h->judges);
    asking_end(h->asking);
    drop_free(&h->drop);
    mailboxes_free(&h->mailboxes);
    helper_stop(h->helper);
    locals_free(&h->locals);
    helper_free(&h->helper);
    tell_watchers(NULL);
    control_end(h->control);
    workers_free(&h->workers);
    workers_free(&h->askers);
    noting_end(h);
    accounts_end(h->accounts);
    account_letters_end(h->account_letters);
    change_letters_end(h->change_letters);
    transport_end(h);
    dns_free(&h->dns);
    resolve_wait_free(&h->waiting);
    run_last_tasks(h); /* deliveries that come back are committed while there is a store */
    store_close(&h->store);
    ledger_close(&h->ledger);
    run_last_tasks(h); /* the store's answers */
    for (size_t i = 0; i < h->hall_count; i++) {
        receiver_free(&h->halls[i].receiver);
        relay_free(&h->halls[i].relay);
        loop_free(&h->halls[i].loop);
    }
    transport_free(h);
    renewing_free(&h->renewing);
    asking_free(&h->asking);
    receive_house_free(&h->receive);
    noting_free(h);
    control_free(&h->control);
    accounts_free(&h->accounts);
    countries_free(&h->countries);
    account_letters_free(&h->account_letters);
    change_letters_free(&h->change_letters);
    account_book_close(&h->account_book);
    queue_free(&h->queue);
    tables_free(&h->tables);
    directory_unref(&h->directory);
    own_texts_unref(&h->texts);
    vigil_end(h);
    loop_free(&h->loop);
    manager_free(&h->manager);
    routing_free(&h->routing);
    suppressions_close(&h->suppressions);
    feedback_book_close(&h->feedback);
    own_free(&h->own);
    signing_unref(&h->signing);
    index_free(&h->unsigned_commits);
    tls_context_unref(&h->caller);
    keyring_unref(&h->keyring);
    free(h->halls);
    if (h->lock >= 0)
        close(h->lock);
    options_unref(&h->options);
    the_house = NULL;
    free(h);
    log_close();
}

bool daemon_run(const struct options *o, const char *file, struct error *e)
{
    struct house *h = memory_new(sizeof *h);
    struct file_marks marks = {0};
    the_house = h;
    h->file = file;
    h->started_ms = clock_now_ms();
    h->options = options_ref(o);
    h->routing.options = o;
    h->unsigned_commits = house_no_commits();
    h->lock = -1;
    if (!o->core_files)
        process_hide();
    h->manager = manager_new();
    h->queue_timer.due = queue_timer_due;
    descriptors_raise_limit();
    bool ok = house_open(h, &marks, e);
    if (ok) {
        const struct tables_settings tables = {o, h->loop, h->workers, tables_changed, h};
        h->tables = tables_watch(&tables, &marks);
        loop_before_sleep(h->loop, before_sleep, h);
        tell_ready(o, queue_count(h->queue));
        vigil_start(h);
        house_renew_certificates(h);
        house_look_at_certificates(h);
        digesting_start(h);
        noting_start(h);
        forwardings_look(h);
        loop_run(h->loop);
        log_message(LOG_LEVEL_INFO, "ended", "%zu messages wait in the queue",
                    queue_count(h->queue));
    }
    house_close(h);
    file_marks_free(&marks);
    return ok;
}
