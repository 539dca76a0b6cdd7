/* Text of any character set as UTF-8: RFC 2978's names, and what mail programs write in their
 * place. Pure: iconv(3) keeps no state between calls. */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include "base/buffer.h"

/* Append `octets`, which are said to be in `charset` (any case; empty: nothing was said), as valid
 * UTF-8. What can't be read becomes U+FFFD; a character set that nobody knows, and text that is not
 * what it is said to be, is read as UTF-8 where it is that, else as Windows-1252. NUL is dropped.
 */
void charset_to_utf8(struct buffer *out, struct span octets, struct span charset);

/* Is it the same in every character set that mail comes in: ASCII without NUL and escapes? */
bool charset_is_plain(struct span text);

#endif
