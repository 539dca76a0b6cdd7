/* The one place where text becomes part of a page. */
#ifndef BOUNCE_PAGE_ESCAPE_H
#define BOUNCE_PAGE_ESCAPE_H

#include "base/buffer.h"

/* Append `text`, which is harmless already (base/visible.h), as the content of an element or of an
 * attribute in quotation marks. */
void page_escape(struct buffer *out, struct span text);

#endif
