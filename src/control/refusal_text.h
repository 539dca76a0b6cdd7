/* What was refused (store/refusal_book.h), in words and as JSON. Pure. */
#ifndef CONTROL_REFUSAL_TEXT_H
#define CONTROL_REFUSAL_TEXT_H

#include "base/json.h"
#include "store/refusal_book.h"

void refusal_print(struct buffer *out, const struct refusal *r, int offset_minutes);
void refusal_print_json(struct json *j, const struct refusal *r);

#endif
