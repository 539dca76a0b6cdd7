/* The line ends of a message as it travels and as it is stored (CRLF, RFC 5321 2.3.8), and those of
 * the files and programs of this system (LF). Out: a CR or an LF alone is no line end, it stays. */
#ifndef MAIL_LINE_ENDS_H
#define MAIL_LINE_ENDS_H

#include "base/buffer.h"

/* Piece by piece. Starts as all zeros. */
struct line_ends {
    bool has_cr; /* the last piece ended with a CR, which waits for what follows it */
};

/* Appends `piece` to `out`, every CRLF as LF. */
void line_ends_to_lf(struct line_ends *l, struct span piece, struct buffer *out);
/* The end of the message: a CR that waited is appended. */
void line_ends_finish(struct line_ends *l, struct buffer *out);

/* The other way, for text of a program of this system: LF and CRLF end a line, and so does the end
 * of the text. What mail can't carry, a CR alone and NUL, becomes a blank: never a line end, so
 * that no header field hides behind it. */
void line_ends_to_crlf(struct buffer *out, struct span text);

#endif
