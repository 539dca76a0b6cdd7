/* The values of the fields of a report: RFC 3464 2, RFC 6533 3, and what is seen in their place.
 * For this room. Pure. `raw` is a value as header_next gives it, `value` one of content_field(). */
#ifndef BOUNCE_REPORT_VALUES_H
#define BOUNCE_REPORT_VALUES_H

#include "base/arena.h"
#include "bounce/notice.h"

int64_t report_time(struct span value); /* 0: it is none */

/* "dns; mx.example.org" without the type. What stands before a ";" in the middle of words is none.
 */
struct span report_without_type(struct span value);

/* "dns; mx.example.org. (192.0.2.1)": the host. */
struct span report_host(struct span value);

/* "rfc822; <alice@example.org> (gone)": the address. As it came, but for RFC 6533's "\x{1F600}"; of
 * X.400 and of programs whatever stands there. */
struct span report_address(struct span raw, struct arena *a);

enum notice_action report_action(struct span value);
bool report_status_value(struct span value, struct status *s); /* the first that stands in it */

/* The words of a reply, in one line, without their type; also where the lines of the field were not
 * folded, so that only the first begins with its name. */
struct span report_words(struct span raw, struct arena *a);

/* Words for a person, not just numbers as in "x-unix; 77". */
bool report_has_words(struct span text);

#endif
