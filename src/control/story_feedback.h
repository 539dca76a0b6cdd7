/* That a recipient has complained, for story_text.c. Pure. */
#ifndef CONTROL_STORY_FEEDBACK_H
#define CONTROL_STORY_FEEDBACK_H

#include "base/json.h"
#include "store/ledger.h"

/* `e` is STORY_COMPLAINED. */
void story_add_complaint(struct buffer *line, const struct story *s, const struct story_event *e);
void story_json_complaint(struct json *j, const struct story *s, const struct story_event *e);

#endif
