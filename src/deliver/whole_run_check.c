/* Who gets what in the whole run, and looking whether they got it. */
#include "deliver/whole_run.h"

#include "base/test.h"

#include "store/audit.h"

#include <fcntl.h>
#include <string.h>

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

const char *world_address_of(size_t mail, size_t recipient)
{
    return addresses[mail % KINDS][recipient];
}

bool world_keeps_out(size_t mail)
{
    return world_floods && mail % KINDS == 1;
}

const struct mailbox world_mailboxes[WORLD_MAILBOXES] = {
    {.name = {"alice@home.test", 15}, .path = {"/mail/alice", 11}},
    {.name = {"bob@home.test", 13}, .path = {"/mail/bob", 9}},
    {.name = {"carol@home.test", 15}, .path = {"/mail/carol", 11}},
    {.name = {WORLD_SENDER, sizeof WORLD_SENDER - 1}, .path = {"/mail/sender", 12}},
};

struct look {
    struct world *world;
    const char *directory;
    size_t with_subject[MAILS], reports[MAILS], kept_out[MAILS];
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

/* In a line of a digest's table; MAILS: it names none. */
static size_t mail_of_line(struct span line)
{
    size_t at = span_find(line, SPAN("\"mail "));
    uint64_t mail;
    if (at == SPAN_NOT_FOUND)
        return MAILS;
    struct span rest = span_skip(line, at + 6), digits = span_cut(&rest, '"');
    return span_to_u64(digits, MAILS - 1, &mail) ? (size_t)mail : MAILS;
}

static void look_at_flood(struct look *l, struct span table)
{
    l->world->digests_seen++;
    while (table.len) {
        size_t mail = mail_of_line(span_cut(&table, '\n'));
        if (mail < MAILS)
            l->kept_out[mail]++;
    }
}

static void look_at_digest(struct look *l, struct span table)
{
    l->world->digests_seen++;
    while (table.len) {
        struct span line = span_cut(&table, '\n');
        size_t mail = mail_of_line(line);
        if (mail < MAILS && span_starts(line, SPAN("\"refuse@away.test\",failed,")))
            l->reports[mail]++;
    }
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
    size_t table = span_find(text, SPAN("recipient,result,"));
    size_t flood = span_find(text, SPAN("time,server,subject,"));
    if (flood != SPAN_NOT_FOUND) {
        look_at_flood(l, span_skip(text, flood));
    } else if (table != SPAN_NOT_FOUND) {
        look_at_digest(l, span_skip(text, table));
    } else if (span_find(text, SPAN("Not delivered to refuse@away.test: mail ")) !=
               SPAN_NOT_FOUND) {
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
        for (size_t i = 0; i < RECIPIENTS && world_address_of(mail, i); i++) {
            struct span address = span_of(world_address_of(mail, i));
            if (l.with_subject[mail] > 1 || l.reports[mail] > 1 || l.kept_out[mail] > 1)
                world_fault(w, mail, "it is there twice");
            size_t there = world_keeps_out(mail) ? l.kept_out[mail] : l.with_subject[mail];
            if (w->is_accepted[mail] && span_equal(address, box->name) && !there)
                world_fault(w, mail, "it was lost on the way to a mailbox");
            bool wants = mail % 9 != 8 && mail % 9 != 4;
            if (w->is_accepted[mail] && box == &world_mailboxes[3] &&
                span_starts(address, SPAN("refuse")) && l.reports[mail] != wants)
                world_fault(w, mail, "its notification is not as it should be");
        }
    }
    arena_clear(&a);
}

static void check_relayed(struct world *w, unsigned most)
{
    for (size_t mail = 0; mail < MAILS; mail++)
        for (size_t i = 0; i < RECIPIENTS && world_address_of(mail, i); i++) {
            bool is_relayed = strncmp(world_address_of(mail, i), "relay", 5) == 0 ||
                              strncmp(world_address_of(mail, i), "later", 5) == 0;
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
    world_feed(w);
    if (!audit_check(w->ledger, w->disk, WORLD_JOURNAL, &r, &e)) {
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
    for (size_t i = 0; i < WORLD_MAILBOXES; i++)
        check_mailbox(w, &world_mailboxes[i]);
    check_relayed(w, starts);
    check_audit(w);
}
