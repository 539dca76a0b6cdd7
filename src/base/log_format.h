/* A line of the log (log_line.h) in the forms that others read: JSON, syslog, the journal. What is
 * in a line is harmless already: no value holds a control character, and none is longer than
 * log_line_text lets it be. Pure. */
#ifndef BASE_LOG_FORMAT_H
#define BASE_LOG_FORMAT_H

#include "base/log_line.h"

struct log_parts {
    struct span time, event;
    enum log_level level;
    struct span words;  /* the event and what follows it */
    struct span fields; /* " key=value key="…"" */
};

/* Take a line apart that log_line_* has written, without its line end. */
struct log_parts log_parts_of(struct span line);
/* The next of `fields`: its key, and its value in `value` as it was given. A number (a value that
 * is no text) sets `is_number`. False: no more. */
bool log_next_field(struct span *fields, struct span *key, struct buffer *value, bool *is_number);

/* {"time":"2026-11-24T12:44:03.123Z","level":"info","event":"accepted","id":"…",…} */
void log_format_json(struct buffer *out, struct span line);
/* As syslog(3) writes it to its socket (RFC 3164 4.1.1, without a host name): "<22>Nov 24 12:44:03
 * plainpost[77]: accepted id=…". `when` is "Nov 24 12:44:03", local time. */
void log_format_syslog(struct buffer *out, struct span line, const char *when, long pid);
/* The journal's native protocol: a line for each field; ours are PLAINPOST_EVENT, PLAINPOST_ID, …:
 * the key in capitals, "_" for "-". */
void log_format_journal(struct buffer *out, struct span line);

#endif
