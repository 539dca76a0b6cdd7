/* Text that somebody copied out of a mail program, as a message. Pure.
 *
 * Such a text has a header as mail programs show it when they forward ("From: … Sent: … To: …
 * Subject: …", in the language of the program, each line perhaps behind "> "), or none at all. */
#ifndef MAIL_PASTED_H
#define MAIL_PASTED_H

#include "base/buffer.h"

/* Does it begin with the header of a message, perhaps behind blank lines, a byte order mark, or the
 * line with which mbox parts messages? Then it needs nothing of this. */
bool pasted_is_message(struct span text);

/* Append the text as a message: its header is made of what the text shows of one, and has only what
 * it shows; its body is what stands behind that. `text` is UTF-8, or what charset.h makes of it. */
void pasted_to_message(struct buffer *out, struct span text);

/* Where a shown header begins and ends (the body follows) in a text that may have words before it.
 * False: there is none. `*depth` is how many ">" stand before its lines. */
struct pasted_header {
    size_t from, to;
    unsigned depth;
};
bool pasted_find_header(struct span text, struct pasted_header *h);

#endif
