/* A text in a table of comma-separated values (RFC 4180) that spreadsheets open. Pure. */
#ifndef BOUNCE_TABLE_TEXT_H
#define BOUNCE_TABLE_TEXT_H

#include "base/buffer.h"

/* Append it harmless, in quotes, at most `most` bytes of it. What a spreadsheet would take for a
 * formula begins with an apostrophe. */
void table_text_add(struct buffer *out, struct span text, size_t most);
/* Does what begins with it get an apostrophe? */
bool table_text_is_formula(char first);

#endif
