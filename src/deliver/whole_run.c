#include "deliver/whole_run.h"

#include "base/test.h"

#include "base/memory.h"
#include "queue/operator.h"
#include "store/record.h"
#include "store/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ID = 1000, SEGMENT = 22 * 1024, ROUNDS = 80 };

static struct world *world; /* for journal_settings.random and .warn, that know nobody */

static uint64_t random_salt(void)
{
    return ++world->salt * 0x9e3779b97f4a7c15u;
}

static void warn(const char *words)
{
    world_fault(world, 0, "the journal says that it is damaged");
}

/* ---- commits */

/* One of the mails, not a notification. */
static bool is_mail(message_id id)
{
    return id >= FIRST_ID && id < FIRST_ID + MAILS;
}

static size_t index_of(message_id id)
{
    assert_in_range(id, FIRST_ID, FIRST_ID + MESSAGES - 1);
    return (size_t)(id - FIRST_ID);
}

struct test_commit {
    struct commit commit;
    struct envelope envelope; /* borrows from the mail's own arena */
    struct arena arena;
    size_t mail;
};

static void done(struct commit *c)
{
    list_append(&world->answered, &c->link);
}

static void commit(void *arg, struct commit *c)
{
    struct world *w = arg;
    c->done = done;
    list_append(&w->commits, &c->link);
}

/* Returns how many recipients are finished by it. */
static int note_durable(struct world *w, struct span entries)
{
    struct arena a = ARENA_EMPTY;
    struct entry e;
    int count = 0;
    while (entry_next(&entries, &e, &a) > 0)
        if (e.kind == ENTRY_OUTCOME) {
            size_t i = index_of(e.id);
            w->attempts[i][e.recipient] = e.attempts;
            w->is_final[i][e.recipient] |= entry_closes(&e);
            count += entry_closes(&e);
        }
    arena_clear(&a);
    return count;
}

static bool finishes(struct span entries)
{
    struct world nobody = {0};
    return note_durable(&nobody, entries) > 0;
}

/* For the test of the test: one finished record is told to be durable, but never written. */
static void maybe_drop(struct world *w, struct commit *c)
{
    if (c->message.len || !finishes(buffer_span(&c->entries)) ||
        w->next_outcome++ != w->dropped_outcome)
        return;
    note_durable(w, buffer_span(&c->entries));
    buffer_clear(&c->entries);
}

static struct outcome kept_out(const struct envelope *e)
{
    return (struct outcome){.kind = OUTCOME_DISCARDED,
                            .time_ms = e->accepted_ms,
                            .words = SPAN("one of a flood"),
                            .stage = e->recipients[0].address,
                            .is_in_digest = true,
                            .language = "en"};
}

static void add_to_queue(struct world *w, const struct test_commit *t)
{
    struct message *m = message_new(&t->envelope);
    const struct outcome o = kept_out(&t->envelope);
    if (world_keeps_out(t->mail))
        message_discard(m, 0, &o);
    queue_add(w->queue, m);
}

static void take_answer(struct world *w, struct commit *c)
{
    if (c->result == COMMIT_DURABLE)
        note_durable(w, buffer_span(&c->entries));
    if (c->owner != w) {
        queue_committed(w->queue, c);
        return;
    }
    struct test_commit *t = (struct test_commit *)(void *)c;
    if (c->result == COMMIT_DURABLE) {
        w->is_accepted[t->mail] = true;
        add_to_queue(w, t);
    }
    commit_free(c);
    arena_clear(&t->arena);
    free(t);
}

/* The writer's turn. */
static void flush(struct world *w)
{
    for (struct list *node = w->commits.next; node != &w->commits; node = node->next) {
        struct commit *c = LIST_ENTRY(node, struct commit, link);
        maybe_drop(w, c);
        c->entries_checksum = checksum(buffer_span(&c->entries));
        c->message_checksum = checksum(buffer_span(&c->message));
    }
    if (list_is_empty(&w->commits))
        return;
    writer_write(w->writer, &w->commits);
    for (struct list *node; (node = list_take(&w->answered));)
        take_answer(w, LIST_ENTRY(node, struct commit, link));
}

static void accept_mail(struct world *w, size_t mail)
{
    struct test_commit *t = memory_new(sizeof *t);
    struct buffer *text = &t->commit.message;
    buffer_printf(text, "Subject: mail %zu\r\n\r\n", mail);
    for (size_t line = 0; line < 8 + mail % 5 * 8; line++)
        buffer_printf(text, "line %zu of a mail that must not be lost\r\n", line);
    buffer_printf(text, "end of mail %zu\r\n", mail);
    t->mail = mail;
    t->envelope = (struct envelope){.id = FIRST_ID + mail,
                                    .accepted_ms = w->now,
                                    .reverse_path = mail % 9 == 8 ? SPAN_NONE : SPAN(WORLD_SENDER),
                                    .client_name = SPAN("client.test"),
                                    .client_address = SPAN("192.0.2.1"),
                                    .subject = arena_printf(&t->arena, "mail %zu", mail),
                                    .size = text->len};
    t->envelope.recipients = arena_new(&t->arena, RECIPIENTS * sizeof *t->envelope.recipients);
    for (size_t i = 0; i < RECIPIENTS && world_address_of(mail, i); i++)
        t->envelope.recipients[t->envelope.recipient_count++] =
            (struct recipient){.address = span_of(world_address_of(mail, i)),
                               .parameters = {.notify = mail % 9 == 4 ? NOTIFY_NEVER : 0}};
    t->commit.is_urgent = true;
    t->commit.owner = w;
    commit_accept(&t->commit, &t->envelope);
    const struct outcome o = kept_out(&t->envelope);
    if (world_keeps_out(mail))
        commit_outcome(&t->commit, t->envelope.id, 0, 1, 0, &o);
    commit(w, &t->commit);
}

/* ---- deliveries */

static int64_t now_ms(void *arg)
{
    return ((struct world *)arg)->now;
}

static uint32_t random_number(void *arg)
{
    return 1000;
}

static message_id new_id(void *arg)
{
    return ++((struct world *)arg)->last_id;
}

static struct queue_route route(void *arg, const struct envelope *e, size_t recipient)
{
    bool is_home = span_ends_nocase(e->recipients[recipient].address, SPAN("@home.test"));
    return (struct queue_route){.destination = is_home ? SPAN("mailboxes") : SPAN("away"),
                                .concurrency = 100,
                                .recipients = is_home ? 1 : 10};
}

static bool story(void *arg, message_id id, struct arena *a, struct story *s)
{
    return false;
}

static bool is_ours(void *arg, struct span address)
{
    return true;
}

static void expand(void *arg, struct envelope *e, struct arena *a) {}

static void wake(void *arg, struct waking *waking)
{
    struct world *w = arg;
    waking->task.next = w->wakings;
    w->wakings = &waking->task;
}

static void take_message(void *arg, const struct recovered *r)
{
    *(struct message **)arg = message_recovered(r);
}

static void wake_all(struct world *w)
{
    while (w->wakings) {
        struct waking *waking = LIST_ENTRY(w->wakings, struct waking, task);
        w->wakings = w->wakings->next;
        journal_recall(w->journal, waking->id, take_message, &waking->message);
        queue_woken(w->queue, waking);
    }
}

static void tell_concurrency(void *arg, struct span destination, size_t limit,
                             const struct outcome *why)
{
}

static void deliver(void *arg, struct delivery *d)
{
    list_append(&((struct world *)arg)->deliveries, &d->link);
}

static ssize_t read_message(void *arg, message_id id, uint64_t offset, void *at, size_t len)
{
    return journal_read(((struct world *)arg)->journal, id, offset, at, len);
}

static void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o)
{
}

static void tell_made(void *arg, const struct envelope *e) {}

static void tell_back(void *arg, struct span destination, size_t missed) {}

static struct draft *sign(void *arg, struct buffer *fields, struct span message, int64_t now_ms)
{
    return NULL;
}

static int offset_minutes(void *arg, int64_t time_ms)
{
    return 0;
}

static void choose(void *arg, struct report *r) {}

/* Only a crash may make it happen twice. */
static void note_done(struct world *w, message_id id, size_t recipient)
{
    bool *is_done = &w->is_done_in_life[id - FIRST_ID][recipient];
    if (*is_done)
        world_fault(w, id - FIRST_ID, "what was done is done again");
    *is_done = true;
}

static void hand_to_next_hop(struct world *w, struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    for (size_t i = 0; i < d->count; i++) {
        struct span address = e->recipients[d->recipients[i]].address;
        struct outcome *o = &d->outcomes[i];
        *o = (struct outcome){
            .kind = OUTCOME_RELAYED, .time_ms = w->now, .code = 250, .is_remote = true};
        if (span_starts(address, SPAN("refuse"))) {
            o->kind = OUTCOME_FAILED;
            o->code = 550;
            o->words = SPAN("nobody here");
        } else if (span_starts(address, SPAN("later")) && w->now < e->accepted_ms + 25000) {
            o->kind = OUTCOME_DELAYED;
            o->code = 451;
            o->words = SPAN("come back later");
        } else if (is_mail(e->id)) {
            w->relayed[e->id - FIRST_ID][d->recipients[i]]++;
            note_done(w, e->id, d->recipients[i]);
        }
    }
}

struct reading {
    struct world *world;
    message_id id;
};

static ssize_t read_for_maildir(void *arg, uint64_t offset, void *at, size_t len)
{
    struct reading *r = arg;
    return journal_read(r->world->journal, r->id, offset, at, len);
}

static const struct mailbox *mailbox_of(struct span address)
{
    for (size_t i = 0; i < WORLD_MAILBOXES; i++)
        if (span_equal(world_mailboxes[i].name, address))
            return &world_mailboxes[i];
    return NULL;
}

static void hand_to_mailbox(struct world *w, struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    struct reading reading = {w, e->id};
    struct span address = e->recipients[d->recipients[0]].address;
    struct maildir_job job = {.mailbox = mailbox_of(address),
                              .id = e->id,
                              .recipient = d->recipients[0],
                              .reverse_path = e->reverse_path,
                              .address = address,
                              .now_ms = w->now,
                              .read = read_for_maildir,
                              .arg = &reading,
                              .size = e->size,
                              .arena = &d->arena};
    maildir_deliver(w->maildir, &job, 1);
    d->outcomes[0] = job.outcome;
    if (is_mail(e->id) && job.outcome.kind == OUTCOME_DELIVERED)
        note_done(w, e->id, d->recipients[0]);
}

static void flush(struct world *w);

static void deliver_all(struct world *w)
{
    for (struct list *node; (node = list_take(&w->deliveries));) {
        struct delivery *d = LIST_ENTRY(node, struct delivery, link);
        if (span_equal(d->name, SPAN("mailboxes")))
            hand_to_mailbox(w, d);
        else
            hand_to_next_hop(w, d);
        queue_delivered(w->queue, d);
        if (w->has_no_lazy_commits)
            flush(w);
    }
}

/* ---- the life of a server */

static void check_recovered(void *arg, const struct recovered *r)
{
    struct world *w = arg;
    size_t at = index_of(r->envelope->id);
    for (size_t i = 0; i < r->envelope->recipient_count; i++)
        if (w->is_final[at][i] && !r->recipients[i].is_final)
            world_fault(w, at, "what was finished is queued again");
        else if (w->attempts[at][i] > r->recipients[i].attempts)
            world_fault(w, at, "an attempt was forgotten");
}

static void add_waiting(void *arg, message_id id, int64_t due_ms, size_t open)
{
    queue_add_sleeping(((struct world *)arg)->queue, id, due_ms, open);
}

bool world_start(struct world *w)
{
    const struct queue_settings settings = {.hostname = SPAN("mx.home.test"),
                                            .schedule = {10000, 60000, 10 * 3600000},
                                            .unreachable_pause = 1000,
                                            .max_returned = 1000,
                                            .gather_notices = world_gathers ? 5000 : 0,
                                            .storms = {.singly = world_storms ? 1 : 0,
                                                       .digest_after = 10000,
                                                       .flood_digest_after = 10000}};
    const struct queue_outside outside = {
        .arg = w,
        .now_ms = now_ms,
        .random = random_number,
        .new_id = new_id,
        .route = route,
        .story = story,
        .is_ours = is_ours,
        .expand = expand,
        .sign = sign,
        .deliver = deliver,
        .wake = wake,
        .commit = commit,
        .read = read_message,
        .tell_outcome = tell_outcome,
        .tell_made = tell_made,
        .tell_concurrency = tell_concurrency,
        .tell_back = tell_back,
        .offset_minutes = offset_minutes,
        .choose = choose,
        .digest = world_digest,
    };
    const struct journal_settings journal = {.disk = w->disk,
                                             .directory = WORLD_JOURNAL,
                                             .segment_size = SEGMENT,
                                             .random = random_salt,
                                             .warn = warn};
    struct error e;
    world = w;
    memset(w->is_done_in_life, 0, sizeof w->is_done_in_life);
    w->queue = queue_new(&settings, &outside);
    w->maildir = maildir_new(w->disk, SPAN("mx"));
    w->journal = journal_open(&journal, &e);
    if (!w->journal || journal_recall_all(w->journal, check_recovered, w))
        return false;
    journal_tell_waiting(w->journal, add_waiting, w);
    w->writer = writer_new(w->journal);
    if (journal_last_id(w->journal) > w->last_id)
        w->last_id = journal_last_id(w->journal);
    if (world_storms || world_floods)
        world_remember_owed(w);
    return true;
}

void world_stop(struct world *w)
{
    for (struct list *node; (node = list_take(&w->deliveries));)
        delivery_free(LIST_ENTRY(node, struct delivery, link));
    for (struct list *node; (node = list_take(&w->commits));) {
        struct commit *c = LIST_ENTRY(node, struct commit, link);
        c->result = COMMIT_FAILED;
        take_answer(w, c);
    }
    for (struct list *node; (node = list_take(&w->deliveries));)
        delivery_free(LIST_ENTRY(node, struct delivery, link));
    w->wakings = NULL; /* they are the queue's */
    world_drop_digests(w);
    queue_free(&w->queue);
    maildir_free(&w->maildir);
    writer_free(&w->writer);
    journal_close(&w->journal);
}

struct world *world_new(void)
{
    struct world *w = memory_new(sizeof *w);
    struct error e;
    w->disk = fake_disk_new();
    fake_disk_without_syncfs(w->disk); /* or a mailbox's sync would do the journal's work */
    w->ledger = ledger_open(":memory:", &e);
    assert_non_null(w->ledger);
    list_init(&w->commits);
    list_init(&w->answered);
    list_init(&w->deliveries);
    w->now = 1732455000000;
    w->last_id = FIRST_ID + MAILS;
    w->dropped_outcome = NO_OUTCOME;
    return w;
}

void world_free(struct world *w)
{
    world_stop(w);
    ledger_close(&w->ledger);
    fake_disk_free(&w->disk);
    free(w);
}

static void pass_time(struct world *w, int64_t ms)
{
    w->now += ms;
    queue_run(w->queue);
    wake_all(w);
    world_write_digests(w);
    deliver_all(w);
}

/* Every mailbox is first delivered to while each outcome is synced at once: so no directory's sync
 * does another's work. */
void world_run(struct world *w)
{
    w->has_no_lazy_commits = true;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        for (size_t i = 0; i < EACH; i++)
            accept_mail(w, batch * EACH + i);
        flush(w);
        deliver_all(w);
        if (batch % 3 == 1)
            flush(w);
        if (batch == 1)
            queue_hold(w->queue, FIRST_ID, SPAN("the operator looks at it"));
        if (batch % 2)
            world_feed(w);
        w->has_no_lazy_commits = batch < 3;
        writer_tidy(w->writer, ledger_position(w->ledger));
        pass_time(w, 5000);
    }
    flush(w);
}

static bool is_busy(struct world *w)
{
    return queue_count(w->queue) || !list_is_empty(&w->commits);
}

/* There is a digest an hour, and one of a flood a day. */
static int64_t next_step(struct world *w)
{
    return world_floods && !is_busy(w)    ? 24 * 3600000
           : world_storms || world_floods ? 120000
                                          : 30000;
}

static bool is_to_tell(struct world *w)
{
    return (world_storms || world_floods) && world_is_owed(w);
}

void world_drain(struct world *w)
{
    queue_release(w->queue, FIRST_ID);
    for (int i = 0; i < ROUNDS && (is_busy(w) || is_to_tell(w)); i++) {
        flush(w);
        world_feed(w);
        writer_tidy(w->writer, ledger_position(w->ledger));
        pass_time(w, next_step(w));
    }
    flush(w);
}

void world_start_again(struct world *w, struct cut c)
{
    world_stop(w);
    fake_disk_restart(w->disk, c.loss, c.seed);
    if (!world_start(w))
        world_fault(w, 0, "the journal can't be opened");
}

void world_cut_once(struct world *w, struct cut c)
{
    fake_disk_cut_after(w->disk, c.at);
    if (world_start(w))
        world_run(w);
    world_start_again(w, c);
    if (!w->fault) {
        world_drain(w);
        world_check(w, 2);
    }
}

void world_silence_log(void)
{
    stderr = fdopen(dup(STDERR_FILENO), "w");
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}
