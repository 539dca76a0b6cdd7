/* The table that is attached to a digest: comma-separated values (RFC 4180), the first line the
 * names, then a line for each recipient. Pure. */
#ifndef BOUNCE_DIGEST_TABLE_H
#define BOUNCE_DIGEST_TABLE_H

#include "bounce/notice_digest.h"

/* LF line ends. Where there are more than its lines, the last says in `recipient` how many. What a
 * spreadsheet would take for a formula begins with an apostrophe. */
void digest_table_write(struct buffer *out, const struct notice_digest *d);

struct digest_row {
    struct span recipient; /* as all texts: without quotes and the apostrophe, in the arena */
    enum outcome_kind kind;
    struct cause_found cause;
    struct status status;
    int code; /* 0: none */
    struct span server, words;
    int64_t time_ms; /* 0: not known */
};

/* Is it such a table? `*text` becomes what follows the names. */
bool digest_table_begin(struct span *text);
/* 1: the next recipient's row; 0: the end. Rows that are none, or of none, are passed over. */
int digest_table_next(struct span *text, struct digest_row *row, struct arena *a);

#endif
