/* What our own have sent, as lines of JSON: the server answers with them, and whoever may open the
 * ledger makes them for himself. The first says since when all of it is known, and whose it is, if
 * it is not everybody's:
 *
 *     {"since": "2026-10-28T09:12:44.123Z", "of_user": 1000}
 *
 * (or "passed_through": none of ours has sent it, but a message of that Message-ID went through
 * here)
 *
 *     {"id": "1k18vnm3nvg", "time": "2026-11-23T11:03:10.500Z", "account": "alice", …}
 *
 * See the manual, plainpost-sent(1). */
#ifndef CONTROL_SENT_LINES_H
#define CONTROL_SENT_LINES_H

#include "store/ledger_sent.h"

/* `key`, `limit`: as for ledger_sent. False: `e`. */
bool sent_lines(struct buffer *out, struct ledger *l, const struct sent_question *q,
                const unsigned char *key, size_t limit, struct error *e);

#endif
