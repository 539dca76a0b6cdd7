#include "deliver/whole_run.h"

#include "base/test.h"

#include "base/memory.h"
#include "store/audit.h"
#include "store/record.h"
#include "store/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ID = 1000, SEGMENT = 16 * 1024, ROUNDS = 80 };

#define JOURNAL "/journal"
#define SENDER "sender@home.test"

/* Who gets mail I: by I. The local part says what becomes of it. */
static const char *const addresses[][RECIPIENTS] = {
    {"alice@home.test", "later@away.test"},
    {"bob@home.test", NULL},
    {"refuse@away.test", NULL},
    {"relay@away.test", "alice@home.test"},
    {"alice@home.test", "refuse@away.test"},
    {"later@away.test", NULL},
    {"carol@home.test", "bob@home.test"},
};
#define KINDS COUNT_OF(addresses)

static const char *address_of(size_t mail, size_t recipient)
{
    return addresses[mail % KINDS][recipient];
}

static const struct mailbox mailboxes[] = {
    {.name = {"alice@home.test", 15}, .path = {"/mail/alice", 11}},
    {.name = {"bob@home.test", 13}, .path = {"/mail/bob", 9}},
    {.name = {"carol@home.test", 15}, .path = {"/mail/carol", 11}},
    {.name = {SENDER, sizeof SENDER - 1}, .path = {"/mail/sender", 12}},
};

void world_fault(struct world *w, size_t mail, const char *what)
{
    if (!w->fault) {
        w->fault = what;
        w->fault_mail = mail;
    }
}

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
            w->is_final[i][e.recipient] |= outcome_is_final(e.outcome.kind);
            count += outcome_is_final(e.outcome.kind);
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
        queue_add(w->queue, message_new(&t->envelope));
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
                                    .reverse_path = mail % 9 == 8 ? SPAN_NONE : SPAN(SENDER),
                                    .client_name = SPAN("client.test"),
                                    .client_address = SPAN("192.0.2.1"),
                                    .subject = arena_printf(&t->arena, "mail %zu", mail),
                                    .size = text->len};
    t->envelope.recipients = arena_new(&t->arena, RECIPIENTS * sizeof *t->envelope.recipients);
    for (size_t i = 0; i < RECIPIENTS && address_of(mail, i); i++)
        t->envelope.recipients[t->envelope.recipient_count++] =
            (struct recipient){.address = span_of(address_of(mail, i)),
                               .parameters = {.notify = mail % 9 == 4 ? NOTIFY_NEVER : 0}};
    t->commit.is_urgent = true;
    t->commit.owner = w;
    commit_accept(&t->commit, &t->envelope);
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

static void expand(void *arg, struct envelope *e, struct arena *a) {}

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

static void tell_notification(void *arg, const struct envelope *e) {}

static int offset_minutes(void *arg, int64_t time_ms)
{
    return 0;
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
    for (size_t i = 0; i < COUNT_OF(mailboxes); i++)
        if (span_equal(mailboxes[i].name, address))
            return &mailboxes[i];
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

static void recovered(void *arg, const struct recovered *r)
{
    struct world *w = arg;
    size_t at = index_of(r->envelope->id);
    for (size_t i = 0; i < r->envelope->recipient_count; i++)
        if (w->is_final[at][i] && !r->recipients[i].is_final)
            world_fault(w, at, "what was finished is queued again");
        else if (w->attempts[at][i] > r->recipients[i].attempts)
            world_fault(w, at, "an attempt was forgotten");
    queue_add_recovered(w->queue, r);
}

bool world_start(struct world *w)
{
    const struct queue_settings settings = {.hostname = SPAN("mx.home.test"),
                                            .schedule = {10000, 60000, 10 * 3600000},
                                            .unreachable_pause = 1000,
                                            .max_returned = 1000};
    const struct queue_outside outside = {w,
                                          now_ms,
                                          random_number,
                                          new_id,
                                          route,
                                          expand,
                                          deliver,
                                          commit,
                                          read_message,
                                          tell_outcome,
                                          tell_notification,
                                          offset_minutes};
    const struct journal_settings journal = {.disk = w->disk,
                                             .directory = JOURNAL,
                                             .segment_size = SEGMENT,
                                             .random = random_salt,
                                             .warn = warn};
    struct error e;
    world = w;
    w->queue = queue_new(&settings, &outside);
    w->maildir = maildir_new(w->disk, SPAN("mx"));
    w->journal = journal_open(&journal, recovered, w, &e);
    if (!w->journal)
        return false;
    w->writer = writer_new(w->journal);
    if (journal_last_id(w->journal) > w->last_id)
        w->last_id = journal_last_id(w->journal);
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

static void feed(struct world *w)
{
    struct error e;
    ledger_feed(w->ledger, w->disk, JOURNAL, journal_durable(w->journal), &e);
}

static void pass_time(struct world *w, int64_t ms)
{
    w->now += ms;
    queue_run(w->queue);
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
            feed(w);
        w->has_no_lazy_commits = batch < 3;
        writer_tidy(w->writer, ledger_position(w->ledger));
        pass_time(w, 5000);
    }
    flush(w);
}

void world_drain(struct world *w)
{
    queue_release(w->queue, FIRST_ID);
    for (int i = 0; i < ROUNDS && (queue_count(w->queue) || !list_is_empty(&w->commits)); i++) {
        flush(w);
        feed(w);
        writer_tidy(w->writer, ledger_position(w->ledger));
        pass_time(w, 30000);
    }
    flush(w);
}

/* ---- looking at what is there */

struct look {
    struct world *world;
    const char *directory;
    size_t with_subject[MAILS], reports[MAILS];
};

/* The number behind `before`, or MAILS. */
static size_t mail_in(struct span text, const char *before)
{
    uint64_t number;
    size_t at = span_find(text, span_of(before));
    if (at == SPAN_NOT_FOUND)
        return MAILS;
    struct span rest = span_skip(text, at + strlen(before));
    struct span digits = span_cut(&rest, '\n');
    return span_to_u64(digits, MAILS - 1, &number) ? (size_t)number : MAILS;
}

static bool look_at(void *arg, const char *name)
{
    struct look *l = arg;
    const struct disk_ops *ops = l->world->disk->ops;
    static char bytes[64 * 1024];
    struct arena a = ARENA_EMPTY;
    int handle =
        ops->open(l->world->disk, arena_printf(&a, "%s/%s", l->directory, name).at, O_RDONLY, 0);
    assert_true(handle >= 0);
    ssize_t len = ops->read(l->world->disk, handle, bytes, sizeof bytes, 0);
    ops->close(l->world->disk, handle);
    arena_clear(&a);
    struct span text = span_make(bytes, len > 0 ? (size_t)len : 0);
    size_t mail = mail_in(text, "\nSubject: mail ");
    if (span_find(text, SPAN("Not delivered to refuse@away.test: mail ")) != SPAN_NOT_FOUND) {
        mail = mail_in(text, "Not delivered to refuse@away.test: mail ");
        if (mail < MAILS)
            l->reports[mail]++;
    } else if (mail < MAILS && mail_in(text, "\nend of mail ") == mail) {
        l->with_subject[mail]++;
    } else {
        world_fault(l->world, 0, "a mailbox holds what is not a whole mail");
    }
    return true;
}

static void check_mailbox(struct world *w, const struct mailbox *box)
{
    struct look l = {.world = w};
    struct arena a = ARENA_EMPTY;
    l.directory = arena_printf(&a, "%s/new", box->path.at).at;
    w->disk->ops->list(w->disk, l.directory, look_at, &l);
    for (size_t mail = 0; mail < MAILS; mail++) {
        for (size_t i = 0; i < RECIPIENTS && address_of(mail, i); i++) {
            struct span address = span_of(address_of(mail, i));
            if (l.with_subject[mail] > 1 || l.reports[mail] > 1)
                world_fault(w, mail, "it is there twice");
            if (w->is_accepted[mail] && span_equal(address, box->name) && !l.with_subject[mail])
                world_fault(w, mail, "it was lost on the way to a mailbox");
            bool wants = mail % 9 != 8 && mail % 9 != 4;
            if (w->is_accepted[mail] && box == &mailboxes[3] &&
                span_starts(address, SPAN("refuse")) && l.reports[mail] != wants)
                world_fault(w, mail, "its notification is not as it should be");
        }
    }
    arena_clear(&a);
}

static void check_relayed(struct world *w, unsigned most)
{
    for (size_t mail = 0; mail < MAILS; mail++)
        for (size_t i = 0; i < RECIPIENTS && address_of(mail, i); i++) {
            bool is_relayed = strncmp(address_of(mail, i), "relay", 5) == 0 ||
                              strncmp(address_of(mail, i), "later", 5) == 0;
            if (!is_relayed)
                continue;
            if (w->is_accepted[mail] && !w->relayed[mail][i])
                world_fault(w, mail, "it was lost on the way to the next hop");
            if (w->relayed[mail][i] > most)
                world_fault(w, mail, "it was relayed too often");
        }
}

static void check_audit(struct world *w)
{
    struct audit_result r;
    struct error e;
    feed(w);
    if (!audit_check(w->ledger, w->disk, JOURNAL, &r, &e)) {
        world_fault(w, 0, "the audit can't be made");
        return;
    }
    if (r.problem_count)
        world_fault(w, 0, "the audit finds problems");
    if (r.queued)
        world_fault(w, 0, "mail stays in the queue");
    audit_free(&r);
}

void world_check(struct world *w, unsigned starts)
{
    for (size_t i = 0; i < COUNT_OF(mailboxes); i++)
        check_mailbox(w, &mailboxes[i]);
    check_relayed(w, starts);
    check_audit(w);
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
