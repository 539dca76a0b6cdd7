/* From how a session went (transport/tls_report.h) to what is counted for reports, and back. Pure.
 */
#ifndef TRANSPORT_SESSION_ROW_H
#define TRANSPORT_SESSION_ROW_H

#include "transport/tls_report.h"

/* Appends the text of a line for store/day_counts.h, whose group is the policy; sessions with the
 * same ones are counted together. */
void session_row(struct buffer *out, const struct session_count *s);

/* All but its policy and its count; borrows. Of a text by nobody something, with its result
 * TLS_RESULT_OTHER. */
struct session_count session_of_row(struct span row);

#endif
