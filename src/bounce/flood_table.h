/* The table that is attached to a digest of notices that were kept out or refused: comma-separated
 * values (RFC 4180), the first line the names, then a line for each notice, or for each server.
 * Pure.
 */
#ifndef BOUNCE_FLOOD_TABLE_H
#define BOUNCE_FLOOD_TABLE_H

#include "bounce/flood_digest.h"

/* LF line ends. What a spreadsheet would take for a formula begins with an apostrophe. */
void flood_table_write(struct buffer *out, const struct flood_digest *d);

/* Is it such a table? */
bool flood_table_is(struct span text);

#endif
