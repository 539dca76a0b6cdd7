/* Parts of a notification that several files write; for this room only. */
#ifndef BOUNCE_TEXT_H
#define BOUNCE_TEXT_H

#include "bounce/write.h"

/* The text that a person reads: LF line ends, UTF-8, at most 76 columns where words allow. */
void report_text(struct buffer *out, const struct report *r);

/* The message/delivery-status part (RFC 3464), CRLF line ends. `is_utf8`: as
 * message/global-delivery-status (RFC 6533). */
void report_status(struct buffer *out, const struct report *r, bool is_utf8);

/* Does an address of this report need UTF-8? */
bool report_needs_utf8(const struct report *r);

/* Append `text` in lines of at most 76 columns; each begins with `indent`, the first with `first`.
 */
void text_wrap(struct buffer *out, const char *first, const char *indent, struct span text);

#endif
