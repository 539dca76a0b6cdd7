/* A mailbox that was sorted out, for programs. doc/triage-json.md describes it. */
#ifndef CLI_TRIAGE_JSON_H
#define CLI_TRIAGE_JSON_H

#include "bounce/triage.h"

void triage_json(struct buffer *out, const struct triage *t); /* after triage_finish */

#endif
