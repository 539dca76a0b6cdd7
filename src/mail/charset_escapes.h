/* Text in seven bits that changes its character set by escapes, as octets of one set with eight: so
 * that iconv knows all its characters, also those that programs send and the standards lack. Pure.
 */
#ifndef MAIL_CHARSET_ESCAPES_H
#define MAIL_CHARSET_ESCAPES_H

#include "base/buffer.h"

/* ISO-2022-JP (RFC 1468) and its extensions: half-width kana, JIS X 0212, makers' characters. */
struct iso_2022_jp {
    struct span rest; /* start with the text here, and zeros */
    int set;
};
/* Append some of the text as EUC-JP, whole characters of at most `most` octets in all (more than
 * 3). False: the text has ended. */
bool iso_2022_jp_to_euc(struct iso_2022_jp *j, size_t most, struct buffer *out);
bool iso_2022_jp_is_used(struct span text); /* are its escapes in it? */

/* HZ (RFC 1843): GB 2312 between "~{" and "~}". */
void hz_to_gb(struct buffer *out, struct span text);

/* Is it made as text in these sets is? */
bool euc_jp_is_valid(struct span text);
bool shift_jis_is_valid(struct span text);

#endif
