/* The only place where line ends and dots of message data are handled: RFC 5321 4.5.2, 2.3.8.
 * Only CRLF ends a line and only CRLF.CRLF ends the data. */
#ifndef SMTP_DOTS_H
#define SMTP_DOTS_H

#include "base/buffer.h"

/* Decode what a client sends behind 354. Starts as all zeros. */
struct dots_reader {
    int state;
    bool has_bare_cr, has_bare_lf, has_nul; /* seen so far */
    bool has_8bit;
    size_t line_length, longest_line; /* octets without CRLF; the longest so far */
};

/* Takes bytes from `*input` and appends the message (dots removed) to `out`. True when the end was
 * found: `*input` is then what follows it. When `out` is NULL the message is read and thrown away.
 */
bool dots_read(struct dots_reader *d, struct span *input, struct buffer *out);

/* The same of a message that comes in chunks (BDAT): dots mean nothing, and the end is where the
 * sender says. All of the piece is taken. */
void chunk_read(struct dots_reader *d, struct span piece, struct buffer *out);
/* The end. `completes_line`: text gets the CRLF that its last line lacks. */
void chunk_finish(struct dots_reader *d, struct buffer *out, bool completes_line);

enum { LONGEST_TEXT_LINE = 998 }; /* octets without CRLF: RFC 5322 2.1.1, RFC 2045 2.8 */

/* Encode a message for DATA, piece by piece: dots doubled. Starts as all zeros. */
struct dots_writer {
    bool in_line, after_cr; /* zero: at the start of a line */
};

void dots_write(struct dots_writer *d, struct span piece, struct buffer *out);
/* The end: CRLF first when the message lacks it, then ".CRLF". */
void dots_finish(struct dots_writer *d, struct buffer *out);

#endif
