/* The log: one line an event, "time level event key=value …", on standard error unless log_open
 * says otherwise. Lines are collected by thread and written together: call log_flush once a round
 * of a loop. */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/error.h"
#include "base/log_line.h"

enum log_form {
    LOG_PLAIN,  /* on standard error */
    LOG_JSON,   /* likewise, an object a line */
    LOG_SYSLOG, /* to the socket of syslogd */
    LOG_JOURNAL /* to the socket of systemd-journald */
};

/* Before there are threads. `path` is the socket's; empty: the usual one. */
bool log_open(enum log_form form, struct span path, struct error *e);
/* When all other threads have ended; what waits is sent, for at most a second. */
void log_shut(void);

/* Begin a line in this thread's buffer; add fields with log_line_*, then log_end. */
struct buffer *log_begin(enum log_level level, const char *event);
void log_end(void);
void log_flush(void);
void log_close(void); /* the same, and the thread logs no more */

/* A whole line with one field text="…". */
void log_message(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Lines that syslogd or journald did not take, since the start. */
uint64_t log_lines_lost(void);

#endif
