/* Encodings of text in mail: quoted-printable (RFC 2045 6.7), encoded words (RFC 2047). Pure. */
#ifndef MAIL_ENCODE_H
#define MAIL_ENCODE_H

#include "base/buffer.h"

/* Text with LF line ends becomes CRLF lines; quoted-printable ones have at most 76 characters. */
void lines_to_crlf(struct buffer *out, struct span text);
void quoted_printable_add(struct buffer *out, struct span text);

/* Any octets, as the content of a part: quoted-printable where CRLF alone ends a line, and base64
 * in lines of 76 characters. No line of it can be taken for a delimiter of parts. `ends_message`:
 * what carries it will end the last line, which must not become content. */
void quoted_printable_octets_add(struct buffer *out, struct span octets, bool ends_message);
void base64_lines_add(struct buffer *out, struct span octets);
void base64_add(struct buffer *out, struct span octets); /* without line ends */

/* UTF-8 text as the value of a header field, folded: as it is when it is printable ASCII in words
 * of at most 900 characters, else as encoded words. `column`: where it begins, at most 98. */
void encoded_words_add(struct buffer *out, struct span text, size_t column);

/* The other way (encoded_words.c), for every character set (charset.h): RFC 2047 and what programs
 * make of it: blanks in a word, a character cut in two by words. What is no encoded word stays. */
void encoded_words_decode(struct buffer *out, struct span text);

#endif
