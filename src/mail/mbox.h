/* The form of an mbox file: each message begins with a line "From SENDER DATE" and ends with an
 * empty line. Lines of the message that could be taken for such a beginning are quoted as in
 * "mboxrd": every line of "From " behind any number of ">" gets one ">" more. Of the quotings in
 * use it is the only one that can be undone exactly; readers that know of none see a ">" too many,
 * as with the others. Pure. */
#ifndef MAIL_MBOX_H
#define MAIL_MBOX_H

#include "base/buffer.h"

/* "From alice@example.org Tue Nov 24 12:44:03 2026"; the null sender is MAILER-DAEMON; the date is
 * UTC, as is the custom. */
void mbox_add_from_line(struct buffer *out, struct span sender, int64_t time_ms);

/* A message with LF line ends, piece by piece. Starts as all zeros. */
struct mbox_quoting {
    bool is_inside;         /* of a line that is no "From " */
    size_t arrows, letters; /* of a line that may still be one: held back */
    size_t newlines;        /* at the end of what was written, 2 at most */
};
void mbox_quote(struct mbox_quoting *q, struct span piece, struct buffer *out);
/* The end of the message: what was held back, and the empty line. */
void mbox_finish(struct mbox_quoting *q, struct buffer *out);

#endif
