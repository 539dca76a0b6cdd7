/* Text from outside, made harmless: what could steer a terminal, hide, or turn the reading order is
 * written out so that a person sees that it is there. */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include "base/buffer.h"

/* Append `s`, at most `max` bytes of it ("…" says that more was there). C0, DEL, C1, bidi and
 * other invisible format characters become <U+XXXX>, bytes that are not UTF-8 become <XX>. Keeps no
 * line ends and no tabs. */
void visible_add(struct buffer *out, struct span s, size_t max);

/* The same for a header field: a tab becomes a blank. */
void visible_add_field(struct buffer *out, struct span s, size_t max);

/* The same for text of several lines: CRLF and LF stay (as LF), a tab becomes a blank. */
void visible_add_lines(struct buffer *out, struct span s, size_t max);

/* One UTF-8 character at the start of `s`: its length (1–4), or 0 when it is not valid UTF-8
 * (RFC 3629: no overlong forms, no surrogates). `*code` is its code point. */
size_t utf8_next(struct span s, uint32_t *code);

/* Is all of it valid UTF-8? */
bool utf8_is_valid(struct span s);

#endif
