/* A directory of hostile segments on the fake disk. An input is a little program that makes them:
 * true entries and raw bytes, records with true or lying headers, changed and missing bytes.
 * Whatever lies there, the journal opens, tells of each message once and completely, tells the same
 * when it is opened again, and keeps what is added to it through a power cut. */
#include "base/fuzz.h"

#include "base/memory.h"
#include "store/journal.h"
#include "store/segment.h"
#include "sys/fake_disk.h"

#include <fcntl.h>
#include <stdio.h>

#define DIRECTORY "/journal"

enum {
    SEGMENT = 16 * 1024,
    MOST_SEGMENTS = 4,
    MOST_STEPS = 60,
    MOST_MESSAGES = 2000,
    LARGEST_FILE = 64 * 1024
};

/* ---- making segments */

struct maker {
    struct fuzz_input in;
    struct segment_life life;
    struct buffer file, entries, message; /* the last two of the record to come */
};

static void add_accept(struct maker *m)
{
    struct recipient recipients[3] = {{.address = SPAN("bob@example.org")}};
    struct envelope e = {.id = 1 + fuzz_number(&m->in, 7), .reverse_path = SPAN("a@example.net")};
    e.recipients = recipients;
    e.recipient_count = fuzz_number(&m->in, COUNT_OF(recipients));
    buffer_clear(&m->message);
    buffer_add_span(&m->message, fuzz_text(&m->in, 255));
    e.size = m->message.len;
    entry_add_accept(&m->entries, &e);
}

static void add_outcome(struct maker *m)
{
    message_id id = 1 + fuzz_number(&m->in, 7);
    struct outcome o = {.words = SPAN("words")};
    o.kind = (enum outcome_kind)fuzz_number(&m->in, OUTCOME_DISCARDED);
    size_t recipient = fuzz_number(&m->in, 3);
    entry_add_outcome(&m->entries, id, recipient, fuzz_byte(&m->in), 1000, &o);
}

static void add_record(struct maker *m, struct record_header h)
{
    unsigned char header[RECORD_HEADER_SIZE];
    record_header_write(header, &h, m->life, m->file.len);
    buffer_add(&m->file, header, sizeof header);
    buffer_add_span(&m->file, buffer_span(&m->entries));
    buffer_add_span(&m->file, buffer_span(&m->message));
    while (m->file.len % RECORD_ALIGNMENT)
        buffer_add_char(&m->file, '\0');
    buffer_clear(&m->entries);
    buffer_clear(&m->message);
}

static struct record_header true_header(const struct maker *m, enum record_kind kind)
{
    return (struct record_header){kind, (uint32_t)m->entries.len, m->message.len,
                                  checksum(buffer_span(&m->entries)),
                                  checksum(buffer_span(&m->message))};
}

static void add_lying_record(struct maker *m)
{
    struct record_header h = true_header(m, (enum record_kind)(1 + fuzz_number(&m->in, 2)));
    if (fuzz_bool(&m->in))
        h.entries_size = (uint32_t)fuzz_u64(&m->in);
    if (fuzz_bool(&m->in))
        h.message_size = fuzz_u64(&m->in);
    add_record(m, h);
}

static void change_byte(struct maker *m)
{
    size_t at = fuzz_number(&m->in, UINT16_MAX - 1);
    if (at < m->file.len)
        m->file.at[at] ^= (char)fuzz_byte(&m->in);
}

/* False: the segment is over. */
static bool make_step(struct maker *m)
{
    switch (fuzz_number(&m->in, 10)) {
    case 0:
        return false;
    case 1:
        add_accept(m);
        break;
    case 2:
        add_outcome(m);
        break;
    case 3:
        entry_add_hold(&m->entries, 1 + fuzz_number(&m->in, 7), 1000, SPAN("why"));
        break;
    case 4:
        entry_add_release(&m->entries, 1 + fuzz_number(&m->in, 7), 1000);
        break;
    case 5:
        buffer_add_span(&m->entries, fuzz_text(&m->in, 255));
        break;
    case 6:
        add_record(m, true_header(m, RECORD_COPY));
        break;
    case 7:
        add_record(m, (struct record_header){.kind = RECORD_SEAL});
        break;
    case 8:
        add_lying_record(m);
        break;
    case 9:
        change_byte(m);
        break;
    default:
        add_record(m, true_header(m, RECORD_NORMAL));
    }
    return m->file.len < LARGEST_FILE;
}

static void write_file(struct disk *d, unsigned number, struct span bytes)
{
    char path[64];
    snprintf(path, sizeof path, DIRECTORY "/%06u", number);
    int handle = d->ops->open(d, path, O_RDWR | O_CREAT, 0600);
    assert(handle >= 0);
    int failed =
        d->ops->write(d, handle, &(struct iovec){(void *)(uintptr_t)bytes.at, bytes.len}, 1, 0);
    assert(!failed);
    d->ops->sync(d, handle);
    d->ops->close(d, handle);
}

static void make_segment(struct disk *d, struct maker *m, unsigned number)
{
    unsigned char header[SEGMENT_HEADER_SIZE];
    uint8_t generation = fuzz_byte(&m->in);
    /* Large ones, but none to which nothing can be added (segment.c). */
    m->life.generation = generation == UINT8_MAX ? fuzz_u64(&m->in) >> 3 : generation;
    m->life.salt = fuzz_byte(&m->in);
    segment_header_write(header, m->life);
    buffer_clear(&m->file);
    buffer_add(&m->file, header, sizeof header);
    for (int i = 0; i < MOST_STEPS && m->in.rest.len && make_step(m); i++)
        ;
    size_t missing = fuzz_number(&m->in, 255);
    if (missing < m->file.len)
        m->file.len -= missing;
    while (missing == 1 && m->file.len < SEGMENT) /* as they are made: with all their room */
        buffer_add_char(&m->file, '\0');
    write_file(d, number, buffer_span(&m->file));
}

static struct disk *make_disk(struct fuzz_input in)
{
    struct disk *d = fake_disk_new();
    struct maker m = {.in = in};
    d->ops->mkdir(d, DIRECTORY, 0700);
    for (unsigned i = 0; i < MOST_SEGMENTS && m.in.rest.len; i++)
        make_segment(d, &m, i + 1);
    d->ops->sync_directory(d, DIRECTORY);
    d->ops->sync_directory(d, "/");
    buffer_free(&m.file);
    buffer_free(&m.entries);
    buffer_free(&m.message);
    return d;
}

/* ---- what is told */

struct told {
    message_id ids[MOST_MESSAGES];
    struct buffer messages[MOST_MESSAGES];
    size_t count;
};

static void told_free(struct told *t)
{
    for (size_t i = 0; i < t->count; i++)
        buffer_free(&t->messages[i]);
    free(t);
}

static const struct buffer *told_find(const struct told *t, message_id id)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->ids[i] == id)
            return &t->messages[i];
    return NULL;
}

static void tell(void *arg, const struct recovered *r)
{
    struct told *t = arg;
    const struct envelope *e = r->envelope;
    bool is_open = false;
    assert(t->count < MOST_MESSAGES && !told_find(t, e->id) && e->recipient_count);
    struct buffer *b = &t->messages[t->count];
    t->ids[t->count++] = e->id;
    entry_add_accept(b, e);
    for (size_t i = 0; i < e->recipient_count; i++) {
        const struct recovered_recipient *it = &r->recipients[i];
        is_open |= !it->is_final;
        assert(!it->last || it->is_final == (outcome_is_final(it->last->kind) && !it->retry_ms));
        assert(it->last || (!it->is_final && !it->attempts && !it->retry_ms));
        if (it->last)
            entry_add_outcome(b, e->id, i, it->attempts, it->retry_ms, it->last);
    }
    assert(is_open && (r->is_held || !r->held_why.len));
    if (r->is_held)
        entry_add_hold(b, e->id, 0, r->held_why);
    if (r->released_ms)
        entry_add_release(b, e->id, r->released_ms);
}

static void check_same(const struct told *before, const struct told *after)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct buffer *found = told_find(after, before->ids[i]);
        assert(found && span_equal(buffer_span(found), buffer_span(&before->messages[i])));
    }
}

/* ---- the journal over it */

static uint64_t salt; /* journal_settings.random and .warn know nobody */

static uint64_t random_salt(void)
{
    return ++salt * 0x9e3779b97f4a7c15u;
}

static void warn(const char *words)
{
    assert(*words);
}

static struct journal *open_journal(struct disk *d, struct told **t)
{
    const struct journal_settings settings = {.disk = d,
                                              .directory = DIRECTORY,
                                              .segment_size = SEGMENT,
                                              .random = random_salt,
                                              .warn = warn};
    struct error e;
    *t = memory_new(sizeof **t);
    struct journal *j = journal_open(&settings, &e);
    assert(j && !journal_recall_all(j, tell, *t));
    for (size_t i = 0; i < (*t)->count; i++) {
        char piece[64];
        assert(journal_read(j, (*t)->ids[i], 0, piece, sizeof piece) >= 0);
        assert((*t)->ids[i] <= journal_last_id(j));
    }
    return j;
}

/* A reader comes to an end, and goes forward all the way. */
static void check_reader(struct disk *d, bool check_messages)
{
    struct error e = {""};
    struct journal_record record;
    struct journal_position last = {0, 0};
    struct journal_reader *r = journal_reader_open(d, DIRECTORY, last, &e);
    assert(r);
    while (journal_reader_next(r, check_messages, &record, &e) > 0) {
        assert(journal_position_compare(record.at, last) >= 0);
        assert(journal_position_compare(record.next, record.at) > 0);
        assert(record.message_offset + record.message_size <= record.next.offset);
        last = record.next;
    }
    journal_reader_close(&r);
}

static void append(struct journal *j, message_id id)
{
    struct recipient to = {.address = SPAN("new@example.org")};
    const struct envelope envelope = {.id = id, .recipients = &to, .recipient_count = 1};
    struct commit c = {.is_urgent = true}, *commits[] = {&c};
    struct error e;
    buffer_add_text(&c.message, "Subject: new\r\n\r\n");
    entry_add_accept(&c.entries, &envelope);
    c.entries_checksum = checksum(buffer_span(&c.entries));
    c.message_checksum = checksum(buffer_span(&c.message));
    bool ok = journal_append(j, commits, 1, &e) && journal_sync(j, &e);
    assert(ok && c.result == COMMIT_DURABLE);
    buffer_free(&c.entries);
    buffer_free(&c.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct disk *d = make_disk(fuzz_start(at, len));
    struct told *first, *second, *third;
    struct error e;
    salt = 0;
    check_reader(d, false);
    check_reader(d, true);
    struct journal *j = open_journal(d, &first);
    journal_close(&j);
    j = open_journal(d, &second);
    check_same(first, second);
    assert(first->count == second->count);
    bool ok = journal_tidy(j, journal_durable(j), &e);
    assert(ok);
    message_id id = journal_last_id(j) + 1;
    append(j, id);
    journal_close(&j);
    fake_disk_restart(d, FAKE_LOSE_ALL, 1);
    j = open_journal(d, &third);
    check_same(second, third);
    assert(third->count == second->count + 1 && told_find(third, id));
    check_reader(d, true);
    journal_close(&j);
    told_free(first);
    told_free(second);
    told_free(third);
    fake_disk_free(&d);
    return 0;
}
