/* Group commit: what is given at once is written as one group, made durable by one sync, and only
 * then answered. Without a thread of its own. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/journal.h"

struct writer;

struct writer *writer_new(struct journal *j);
void writer_free(struct writer **w);

/* Write and sync all commits of the list (it is empty then), and answer each. */
void writer_write(struct writer *w, struct list *commits);

/* What it has done, and what the journal occupies. */
void writer_figures(const struct writer *w, struct store_figures *f);

/* As journal_tidy. */
void writer_tidy(struct writer *w, struct journal_position ledger);

#endif
