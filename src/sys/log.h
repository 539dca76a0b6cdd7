/* The log: one line an event, on standard error, "time level event key=value …". Lines are
 * collected by thread and written together: call log_flush once a round of a loop. */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/log_line.h"

/* Begin a line in this thread's buffer; add fields with log_line_*, then log_end. */
struct buffer *log_begin(enum log_level level, const char *event);
void log_end(void);
void log_flush(void);
void log_close(void); /* the same, and the thread logs no more */

/* A whole line with one field text="…". */
void log_message(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
