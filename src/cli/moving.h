/* The notices of a mailbox, moved into folders beside it, and put back. What is not known to be
 * anybody's, and what is no notice, stays where it is. */
#ifndef CLI_MOVING_H
#define CLI_MOVING_H

#include "bounce/render_triage.h"
#include "cli/mail_files.h"
#include "cli/triage_record.h"

struct moving;

/* NULL: one of them is neither a Maildir nor an mbox file, or can't be read; `*e` says it. */
struct moving *moving_new(char *const *names, size_t count, struct error *e);
void moving_free(struct moving **m);

/* Of each message, in their order. */
void moving_note(struct moving *m, const struct mail_file *f, enum pile p);

size_t moving_count(const struct moving *m); /* messages that would move */
/* What would go where, in their language. */
void moving_tell(struct buffer *out, const struct moving *m, const struct render_wishes *w);

/* Do it, and add a sentence on each mailbox to `told`. False: `*e` says why one of them could not
 * be sorted; that one is as it was, unless it says more. */
bool moving_go(struct moving *m, struct buffer *told, struct error *e);
/* Put back what was moved last, out of the mailbox that is named. */
bool moving_undo(const char *name, struct buffer *told, struct error *e);

#endif
