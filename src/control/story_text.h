/* A story in words, and as JSON. Pure. */
#ifndef CONTROL_STORY_TEXT_H
#define CONTROL_STORY_TEXT_H

#include "base/json.h"
#include "store/ledger.h"

void story_print(struct buffer *out, const struct story *s, int offset_minutes);
void story_print_json(struct json *j, const struct story *s);

/* The first event of a story, or its acceptance when there is none: one line. */
void story_line(struct buffer *out, const struct story *s, int offset_minutes);
void story_line_json(struct buffer *out, const struct story *s);

#endif
