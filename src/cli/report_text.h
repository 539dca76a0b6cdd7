/* What plainpost report-phishing shows before anything is sent. Pure. */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include "abuse/contacts.h"

/* Appends what is known of the message, who is to be told and why, and who is not and why not.
 * `width`: of a line. */
void report_text(struct buffer *out, const struct complaint *c, const struct contacts *found,
                 enum complaint_kind kind, size_t width);

#endif
