/* What the server tells of accounts, for people. */
#ifndef CLI_ACCOUNT_TEXT_H
#define CLI_ACCOUNT_TEXT_H

#include "base/buffer.h"
#include "control/request.h"

#include <jansson.h>

/* "alice@example.org  red since Sat 28 Nov 2026, 05:06:30 (UTC)  45 recipients today, 45 new" */
void account_text_entry(struct buffer *out, const json_t *account, int offset_minutes);
/* All of one. */
void account_text_show(struct buffer *out, const json_t *account, int offset_minutes);
/* What this would do to it; ends with a line end. */
void account_text_plan(struct buffer *out, const struct request *r, const json_t *account,
                       int offset_minutes);
/* "Mail of alice@example.org goes again." */
void account_text_done(struct buffer *out, const struct request *r);

#endif
