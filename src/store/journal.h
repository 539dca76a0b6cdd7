/* The journal: the truth about what is queued. Synchronous and without threads of its own;
 * doc/queue.md has the format and the crash argument. One writer calls everything but what
 * reads (journal_read, journal_recall), which any thread may call. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "store/journal_reader.h"
#include "store/store.h"

struct journal;

struct journal_settings {
    struct disk *disk;
    const char *directory; /* of the segments; made when missing */
    uint64_t segment_size;
    struct journal_position ledger; /* how far the ledger has durably come */
    uint64_t (*random)(void);       /* salts */
    /* What the operator must know: damage that was found. */
    void (*warn)(const char *words);
};

struct journal *journal_open(const struct journal_settings *s, struct error *e);
void journal_close(struct journal **j); /* syncs nothing: call journal_sync before */

/* Write a group of commits, in order, not yet durable. Each result: COMMIT_DURABLE (will be, with
 * the next journal_sync), or COMMIT_FULL. False: the disk failed; nothing more may be written. */
bool journal_append(struct journal *j, struct commit **commits, size_t count, struct error *e);
bool journal_sync(struct journal *j, struct error *e);
bool journal_has_unsynced(const struct journal *j);

/* Free what can be freed, copy forward what is in the way. `ledger`: how far the ledger has durably
 * come. */
bool journal_tidy(struct journal *j, struct journal_position ledger, struct error *e);

struct journal_position
journal_durable(const struct journal *j);            /* behind the last synced record */
message_id journal_last_id(const struct journal *j); /* the largest that was ever seen */
/* Every message that is not finished, by segment: as in store_open. Before others use it. */
/* Fills in what it occupies; in the writer's thread. */
void journal_figures(const struct journal *j, struct store_figures *f);
void journal_tell_waiting(struct journal *j, waiting_fn *each, void *arg);
/* As store_recall, and of all: in the order of their ids; one that can't be read is passed over,
 * and the reason returned at the end. Thread-safe. */
int journal_recall(struct journal *j, message_id id, recovered_fn *each, void *arg);
int journal_recall_all(struct journal *j, recovered_fn *each, void *arg);
size_t journal_waiting(struct journal *j, message_id **ids); /* as store_waiting */
ssize_t journal_read(struct journal *j, message_id id, uint64_t offset, void *at, size_t len);

#endif
