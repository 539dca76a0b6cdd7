/* For tests: a message through all of `explain`, whatever it is. */
#ifndef CLI_EXPLAIN_TRIAL_H
#define CLI_EXPLAIN_TRIAL_H

#include "base/buffer.h"
#include "bounce/notice.h"

/* Read, judge, advise, and say it in each form; asserts what must hold of any message: there is an
 * answer, all of it is UTF-8, none of it steers a terminal, and JSON is one line. `json` (may be
 * NULL) gets that. */
enum notice_kind explain_try(struct span message, struct buffer *json);

#endif
