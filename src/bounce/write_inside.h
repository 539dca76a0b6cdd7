/* Parts of a notification that several files write; not for others. */
#ifndef BOUNCE_WRITE_INSIDE_H
#define BOUNCE_WRITE_INSIDE_H

#include "bounce/write.h"

/* write_header.c: all fields but those that begin with "Content-", and MIME-Version. */
void report_header(struct buffer *out, const struct report *r);

/* status_part.c: the second part (RFC 3464), CRLF line ends. `is_utf8`: as
 * message/global-delivery-status (RFC 6533). */
void report_status(struct buffer *out, const struct report *r, bool is_utf8);

/* write_parts.c */

/* Append the header of a part and the empty line behind it. `encoding` may be NULL. */
void part_begin(struct buffer *out, struct span boundary, const char *type, const char *encoding);
void part_end_all(struct buffer *out, struct span boundary);

/* A part of UTF-8 text with LF line ends, encoded as it needs. */
void part_add_text(struct buffer *out, struct span boundary, const char *type, struct span text);

/* CRLF lines as quoted-printable. */
void part_add_quoted(struct buffer *out, struct span text);

/* The last part: the original, or its header (RFC 3461 4.3, 6522 3). Sets `*is_8bit` when it can't
 * be encoded. */
void part_add_returned(struct buffer *out, const struct report *r, struct span boundary,
                       bool *is_8bit);

#endif
