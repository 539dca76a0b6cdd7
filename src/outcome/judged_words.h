/* What was found of a notice when it came, told: for the story of it, and for programs. Pure. */
#ifndef OUTCOME_JUDGED_WORDS_H
#define OUTCOME_JUDGED_WORDS_H

#include "base/json.h"
#include "outcome/envelope.h"

/* Append ", judged genuine (certain, proven): sent, names-recipient"; where recipients differ, each
 * with his own. Nothing, where nobody has judged. */
void judged_add_words(struct buffer *out, const struct envelope *e);

/* A member "judged": {"class": …, "confidence": …, "provenance": …, "because": ["sent", …]}, by the
 * first recipient of whom there is a verdict; and, where others have another one, "others":
 * [{"recipient": …, "class": …}]. Nothing, likewise. */
void judged_add_json(struct json *j, const struct envelope *e);

#endif
