#include "store/journal_trial.h"

#include "base/test.h"

#include "base/memory.h"
#include "store/record.h"
#include "store/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct trial trial;

static uint64_t random_salt(void)
{
    return ++trial.salt * 0x9e3779b97f4a7c15u;
}

static void warn(const char *words)
{
    buffer_printf(&trial.warned, "%s\n", words);
}

static void found(void *arg, const struct recovered *r)
{
    struct buffer *out = &trial.found;
    buffer_printf(out, "%llu:", (unsigned long long)r->envelope->id);
    for (size_t i = 0; i < r->envelope->recipient_count; i++) {
        const struct recovered_recipient *to = &r->recipients[i];
        buffer_printf(out, " %s", to->last ? outcome_word(to->last->kind) : "open");
        if (to->last && !to->is_final)
            buffer_printf(out, "/%u/%lld", to->attempts, (long long)to->retry_ms);
        assert_int_equal(to->is_final, to->last && outcome_is_final(to->last->kind));
    }
    if (r->is_held)
        buffer_printf(out, " held(%.*s)", SPAN_F(r->held_why));
    if (r->released_ms)
        buffer_printf(out, " released(%lld)", (long long)r->released_ms);
    buffer_add_char(out, '\n');
}

bool trial_open(void)
{
    const struct journal_settings s = {.disk = trial.disk,
                                       .directory = TRIAL_JOURNAL,
                                       .segment_size = TRIAL_SEGMENT,
                                       .ledger = trial.ledger,
                                       .random = random_salt,
                                       .warn = warn};
    buffer_clear(&trial.found);
    buffer_clear(&trial.warned);
    trial.error.text[0] = '\0';
    trial.journal = journal_open(&s, &trial.error);
    if (trial.journal)
        trial.unreadable = journal_recall_all(trial.journal, found, NULL);
    return trial.journal != NULL;
}

void trial_expect(const char *lines)
{
    assert_string_equal(buffer_text(&trial.found), lines);
    assert_string_equal(buffer_text(&trial.warned), "");
    assert_int_equal(trial.unreadable, 0);
}

int trial_set_up(void **state)
{
    trial_begin();
    return 0;
}

int trial_tear_down(void **state)
{
    journal_close(&trial.journal);
    fake_disk_free(&trial.disk);
    buffer_free(&trial.found);
    buffer_free(&trial.warned);
    return 0;
}

void trial_begin_closed(void)
{
    trial_tear_down(NULL);
    trial = (struct trial){.disk = fake_disk_new()};
    fake_disk_without_syncfs(trial.disk);
}

void trial_begin(void)
{
    trial_begin_closed();
    assert_true(trial_open());
    trial_expect("");
}

void trial_reopen(void)
{
    journal_close(&trial.journal);
    fake_disk_revive(trial.disk);
    if (!trial_open())
        fail_msg("%s", trial.error.text);
}

void trial_cut_power(enum fake_loss loss, uint64_t seed)
{
    journal_close(&trial.journal);
    fake_disk_restart(trial.disk, loss, seed);
    if (!trial_open())
        fail_msg("%s", trial.error.text);
}

/* ---- commits */

char trial_letter(message_id id, size_t i)
{
    return (char)('a' + (id * 31 + i * 7 + i / 100) % 26);
}

static void fill_message(struct commit *c, message_id id, size_t size)
{
    buffer_clear(&c->message);
    for (size_t i = 0; i < size; i++)
        buffer_add_char(&c->message, trial_letter(id, i));
}

struct commit trial_acceptance(message_id id, size_t recipients, size_t size)
{
    struct commit c = {.is_urgent = true};
    struct recipient to[3] = {{.address = SPAN("alice@example.org")},
                              {.address = SPAN("bob@example.org")},
                              {.address = SPAN("carol@example.org")}};
    const struct envelope e = {.id = id,
                               .reverse_path = SPAN("dave@example.net"),
                               .recipients = to,
                               .recipient_count = recipients,
                               .size = size};
    commit_accept(&c, &e);
    fill_message(&c, id, size);
    return c;
}

void trial_add_outcome(struct commit *c, message_id id, size_t recipient, enum outcome_kind kind)
{
    struct outcome o = {.kind = kind, .words = SPAN("so it was")};
    commit_outcome(c, id, recipient, 2, outcome_is_final(kind) ? 0 : 5000, &o);
}

bool trial_append(struct commit *commits, size_t count)
{
    struct commit *all[64];
    for (size_t i = 0; i < count; i++) {
        commits[i].entries_checksum = checksum(buffer_span(&commits[i].entries));
        commits[i].message_checksum = checksum(buffer_span(&commits[i].message));
        all[i] = &commits[i];
    }
    bool ok = journal_append(trial.journal, all, count, &trial.error);
    for (size_t i = 0; i < count; i++)
        commit_free(&commits[i]);
    return ok;
}

bool trial_write(struct commit c)
{
    return trial_append(&c, 1) && c.result == COMMIT_DURABLE &&
           journal_sync(trial.journal, &trial.error);
}

bool trial_accept(message_id id, size_t recipients, size_t size)
{
    return trial_write(trial_acceptance(id, recipients, size));
}

bool trial_finish(message_id id, size_t recipient)
{
    struct commit c = {0};
    trial_add_outcome(&c, id, recipient, OUTCOME_DELIVERED);
    return trial_write(c);
}

void trial_tidy(void)
{
    assert_true(journal_tidy(trial.journal, trial.ledger, &trial.error));
}

void trial_flow(message_id first, size_t count)
{
    for (message_id id = first; id < first + count; id++) {
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
        assert_true(trial_finish(id, 0));
        trial.ledger = journal_durable(trial.journal);
        trial_tidy();
    }
}

void trial_expect_message(message_id id, size_t size)
{
    char *text = memory_new(size + 10);
    assert_int_equal(journal_read(trial.journal, id, 0, text, size + 10), size);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(text[i], trial_letter(id, i));
    free(text);
}

/* ---- files */

static bool count_name(void *arg, const char *name)
{
    ++*(size_t *)arg;
    return true;
}

size_t trial_count_files(void)
{
    size_t count = 0;
    trial.disk->ops->list(trial.disk, TRIAL_JOURNAL, count_name, &count);
    return count;
}

static void change_file(unsigned number, uint64_t offset, const void *bytes, size_t len)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%06u", TRIAL_JOURNAL, number);
    int handle = trial.disk->ops->open(trial.disk, path, O_RDWR, 0);
    assert_true(handle >= 0);
    const struct iovec piece = {(void *)(uintptr_t)bytes, len};
    assert_int_equal(trial.disk->ops->write(trial.disk, handle, &piece, 1, offset), 0);
    trial.disk->ops->sync(trial.disk, handle);
    trial.disk->ops->close(trial.disk, handle);
}

void trial_flip_byte(unsigned number, uint64_t offset)
{
    char path[64], byte;
    snprintf(path, sizeof path, "%s/%06u", TRIAL_JOURNAL, number);
    int handle = trial.disk->ops->open(trial.disk, path, O_RDONLY, 0);
    assert_int_equal(trial.disk->ops->read(trial.disk, handle, &byte, 1, offset), 1);
    trial.disk->ops->close(trial.disk, handle);
    byte ^= 1;
    change_file(number, offset, &byte, 1);
}
