/* The content of a part, as a reader wants it: RFC 2045 6, RFC 2231, charsets. Pure. Takes what
 * mail programs send, broken or not: what can't be decoded stays as it is. */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include "base/arena.h"
#include "mail/mime.h"

/* Append the octets that `body` carries (content_decode.c). */
void content_decode(struct buffer *out, struct span body, enum mime_encoding encoding);

/* A parameter of a field such as Content-Type or Content-Disposition (RFC 2045 5.1; continued and
 * encoded ones of RFC 2231, and encoded words where they are not allowed but used): the value in
 * UTF-8, or empty. It lives in `a`, or borrows from `field`. */
struct span content_parameter(struct span field, const char *name, struct arena *a);

/* The text of a text part in UTF-8: borrowed from the message where nothing has to be decoded, else
 * in `a`. Line ends are as they came. */
struct span content_text(const struct mime_entity *e, struct arena *a);

/* The value of a header field for people: unfolded, its encoded words (RFC 2047) and raw octets in
 * UTF-8. Borrowed where nothing had to be done, else in `a`. */
struct span content_field(struct span value, struct arena *a);

#endif
