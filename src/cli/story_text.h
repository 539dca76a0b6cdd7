/* A story in words, and as JSON. Pure. */
#ifndef CLI_STORY_TEXT_H
#define CLI_STORY_TEXT_H

#include "base/json.h"
#include "store/ledger.h"

void story_print(struct buffer *out, const struct story *s, int offset_minutes);
void story_print_json(struct json *j, const struct story *s);

#endif
