/* For tests: a journal on a disk that forgets, fails and fills up, and mail for it. One at a time.
 */
#ifndef STORE_JOURNAL_TRIAL_H
#define STORE_JOURNAL_TRIAL_H

#include "store/journal.h"
#include "sys/fake_disk.h"

#define TRIAL_JOURNAL "/state/journal"
enum { TRIAL_SEGMENT = 32 * 1024, TRIAL_MAIL = 2000 };

struct trial {
    struct disk *disk;
    struct journal *journal;
    struct buffer found;  /* at the last opening: a line for each message */
    struct buffer warned; /* by it */
    struct error error;   /* of it */
    int unreadable;       /* -errno: some of what it found can't be read */
    uint64_t salt;
    struct journal_position ledger; /* how far it has come, as the journal is told */
};
extern struct trial trial;

int trial_set_up(void **state); /* a new disk, with an open journal */
int trial_tear_down(void **state);
void trial_begin_closed(void); /* the same in the middle of a test, but not yet opened */
void trial_begin(void);        /* and opened */
#define TRIAL_TEST(name) cmocka_unit_test_setup_teardown(name, trial_set_up, trial_tear_down)

bool trial_open(void);
void trial_reopen(void); /* the process is killed, and another begins */
void trial_cut_power(enum fake_loss loss, uint64_t seed);
/* The messages that the last opening told of, "7: open delayed/2/5000 delivered held(why)" each: a
 * word for each recipient, with attempts and the time of the next one. And nothing was warned of.
 */
void trial_expect(const char *lines);

/* To up to three recipients; the text is made from the id. */
struct commit trial_acceptance(message_id id, size_t recipients, size_t size);
char trial_letter(message_id id, size_t i);
void trial_add_outcome(struct commit *c, message_id id, size_t recipient, enum outcome_kind kind);
bool trial_append(struct commit *commits, size_t count); /* without a sync; frees what they hold */
bool trial_write(struct commit c);                       /* with one; false: full or failed */
bool trial_accept(message_id id, size_t recipients, size_t size);
bool trial_finish(message_id id, size_t recipient);
void trial_tidy(void);
/* Mail that comes and goes, with a ledger that keeps up. */
void trial_flow(message_id first, size_t count);
void trial_expect_message(message_id id, size_t size); /* is there, whole */

size_t trial_count_files(void);
void trial_flip_byte(unsigned file, uint64_t offset);

#endif
