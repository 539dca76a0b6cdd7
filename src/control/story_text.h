/* A story in words, and as JSON. Pure. */
#ifndef CONTROL_STORY_TEXT_H
#define CONTROL_STORY_TEXT_H

#include "base/json.h"
#include "store/ledger.h"

/* Whoever hears it has sent the message, and must not learn where aliases lead: their addresses are
 * not told, nor shown in the words of other servers. What is changed lives in `a`. */
void story_for_sender(struct story *s, struct arena *a);

void story_print(struct buffer *out, const struct story *s, int offset_minutes);
void story_print_json(struct json *j, const struct story *s);

/* The first event of a story, or its acceptance when there is none: one line. */
void story_line(struct buffer *out, const struct story *s, int offset_minutes);
void story_line_json(struct buffer *out, const struct story *s);

#endif
