/* Messages that are broken in ways that are seen, made readable. For survey.c. Pure. */
#ifndef BOUNCE_SURVEY_REPAIR_H
#define BOUNCE_SURVEY_REPAIR_H

#include "base/arena.h"
#include "mail/mime.h"

/* The message without what stood before its header, with line ends where there is only CR.
 * Borrowed where nothing had to be done, else in `a`. */
struct span repair_start(struct span message, struct arena *a);
/* … without lines in its header that are no fields. */
struct span repair_header(struct span message, struct arena *a);
/* Both. */
struct span repair_message(struct span message, struct arena *a);

/* A header whose folded lines have lost the blanks that they begin with, as in the text of a page:
 * they get one. */
struct span repair_folding(struct span message, struct arena *a);

/* Does the text look like the header of a message: fields that mail has, one behind the other? */
bool looks_like_header(struct span text);
/* Does it look like the fields of a report (RFC 3464)? */
bool looks_like_report(struct span text);

/* A multipart that does not say what parts it: found by the look of its lines. False: it is none.
 * `e` becomes a multipart. */
bool repair_boundary(struct mime_entity *e);

#endif
