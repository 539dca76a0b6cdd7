/* The ledger is read in one transaction that knows its position in the journal. Up to that very
 * position the journal is replayed; so the two must agree to the message, also while a daemon works
 * on. It may use a segment anew while we read. What stood in it was finished or copied, and the
 * ledger had read so: a ledger that is read later does not miss it. So it is enough that none was
 * used anew from before the transaction until the replay is done. */
#include "store/audit.h"

#include "base/index.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_PROBLEMS = 20, ATTEMPTS = 5 };

/* A message as the journal has it. */
struct replayed {
    message_id id;
    size_t open;
    bool is_in_ledger;
    size_t recipient_count;
    bool is_final[];
};

struct audit {
    struct audit_result *result;
    struct index open; /* struct replayed */
};

static void add_problem(struct audit_result *r, message_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add_problem(struct audit_result *r, message_id id, const char *format, ...)
{
    struct error words;
    va_list args;
    if (r->problem_count++ >= MOST_PROBLEMS)
        return;
    va_start(args, format);
    vsnprintf(words.text, sizeof words.text, format, args);
    va_end(args);
    message_id_add(&r->problems, id);
    buffer_printf(&r->problems, ": %s\n", words.text);
}

/* ---- the journal */

static void replay_accept(struct audit *a, const struct entry *e)
{
    size_t count = e->envelope.recipient_count;
    struct replayed *m = memory_new(sizeof *m + count * sizeof *m->is_final);
    m->id = e->id;
    m->open = m->recipient_count = count;
    free(index_remove(&a->open, e->id));
    index_set(&a->open, m);
}

static void replay_outcome(struct audit *a, const struct entry *e)
{
    struct replayed *m = index_get(&a->open, e->id);
    if (!m || e->recipient >= m->recipient_count || !entry_closes(e) || m->is_final[e->recipient])
        return;
    m->is_final[e->recipient] = true;
    if (--m->open == 0)
        free(index_remove(&a->open, e->id));
}

static void replay(struct audit *a, struct span entries)
{
    struct arena arena = ARENA_EMPTY;
    struct entry e;
    while (entry_next(&entries, &e, &arena) > 0) {
        if (e.kind == ENTRY_ACCEPT)
            replay_accept(a, &e);
        else if (e.kind == ENTRY_OUTCOME)
            replay_outcome(a, &e);
    }
    arena_clear(&arena);
}

static void forget_replay(struct audit *a)
{
    size_t i = 0;
    for (struct replayed *m; (m = index_next(&a->open, &i));)
        free(m);
    index_free(&a->open);
}

static bool replay_journal(struct audit *a, struct disk *d, const char *directory,
                           struct journal_position until, struct error *e)
{
    struct journal_record record;
    struct journal_reader *r = journal_reader_open(d, directory, (struct journal_position){0}, e);
    int found = r ? 1 : -1;
    while (found > 0 && (found = journal_reader_next(r, false, &record, e)) > 0) {
        if (journal_position_compare(record.at, until) >= 0)
            break;
        replay(a, record.entries);
    }
    journal_reader_close(&r);
    return found >= 0;
}

/* Begin the ledger's transaction and replay the journal up to it. 1: done; 0: a segment was used
 * anew meanwhile; -1: `e`. */
static int begin_and_replay(struct audit *a, struct ledger *l, struct disk *d,
                            const char *directory, struct error *e)
{
    uint64_t first, oldest;
    if (!journal_oldest(d, directory, &first, e) || !ledger_begin(l, e))
        return -1;
    bool ok = replay_journal(a, d, directory, ledger_position(l), e);
    int result = !journal_oldest(d, directory, &oldest, e) ? -1 : oldest != first ? 0 : ok ? 1 : -1;
    if (result <= 0) {
        ledger_end(l);
        forget_replay(a);
    }
    return result;
}

static bool begin_with_patience(struct audit *a, struct ledger *l, struct disk *d,
                                const char *directory, struct error *e)
{
    int done = 0;
    for (int i = 0; i < ATTEMPTS && !done; i++)
        done = begin_and_replay(a, l, d, directory, e);
    return done ? done > 0
                : error_set(e,
                            "so much mail passes through %s that it changes while it is being "
                            "read; please try again",
                            directory);
}

/* ---- comparing */

static void compare_open(void *arg, message_id id, int64_t open)
{
    struct audit *a = arg;
    struct replayed *m = index_get(&a->open, id);
    if (open < 0) {
        add_problem(a->result, id, "more of its recipients are finished than it has");
        return;
    }
    if (!m) {
        add_problem(a->result, id,
                    "the ledger says that %lld of its recipients wait, but it is not in the queue",
                    (long long)open);
        return;
    }
    m->is_in_ledger = true;
    if (m->open != (uint64_t)open)
        add_problem(a->result, id,
                    "the ledger says that %lld of its recipients wait, the queue says %zu",
                    (long long)open, m->open);
}

static void compare_rest(struct audit *a)
{
    size_t i = 0;
    for (struct replayed *m; (m = index_next(&a->open, &i));) {
        a->result->queued += m->open;
        if (!m->is_in_ledger)
            add_problem(a->result, m->id,
                        "%zu of its recipients wait in the queue, but the ledger does not know it",
                        m->open);
    }
}

static void check_unreported(void *arg, const struct envelope *e, size_t recipient)
{
    struct audit *a = arg;
    if (recipient < e->recipient_count && envelope_wants(e, recipient, NOTIFY_FAILURE))
        add_problem(a->result, e->id,
                    "recipient number %zu failed, its sender wanted to know, and no notification "
                    "was made",
                    recipient + 1);
}

static void check_sum(struct audit_result *r)
{
    const struct ledger_count *c = &r->count;
    uint64_t in = c->recipients_accepted + c->recipients_generated + c->expanded_into;
    uint64_t out =
        c->delivered + c->relayed + c->failed + c->discarded + c->expanded_from + r->queued;
    if (in != out && r->problem_count++ < MOST_PROBLEMS)
        buffer_printf(&r->problems, "%llu recipients came in, but %llu are accounted for\n",
                      (unsigned long long)in, (unsigned long long)out);
}

bool audit_check(struct ledger *l, struct disk *d, const char *journal_directory,
                 struct audit_result *r, struct error *e)
{
    struct audit a = {.result = r, .open = INDEX_BY(struct replayed, id)};
    *r = (struct audit_result){0};
    if (!begin_with_patience(&a, l, d, journal_directory, e))
        return false;
    bool ok = ledger_recount(l, &r->count, e) && ledger_open_messages(l, compare_open, &a, e) &&
              ledger_unreported(l, check_unreported, &a, e);
    ledger_end(l);
    if (ok) {
        compare_rest(&a);
        check_sum(r);
        if (r->problem_count > MOST_PROBLEMS)
            buffer_printf(&r->problems, "… and %zu more\n", r->problem_count - MOST_PROBLEMS);
    }
    forget_replay(&a);
    return ok;
}

void audit_free(struct audit_result *r)
{
    buffer_free(&r->problems);
}
