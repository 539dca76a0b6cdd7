/* One line of the log: "2026-11-24T12:44:03.123Z info accepted id=… key=value key="…"". Values from
 * outside are made harmless. Pure. */
#ifndef BASE_LOG_LINE_H
#define BASE_LOG_LINE_H

#include "base/buffer.h"

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

void log_line_start(struct buffer *out, const char *time, enum log_level level, const char *event);
/* In quotes when it holds more than letters, digits and plain signs, or looks like a number; at
 * most 500 bytes of it. */
void log_line_text(struct buffer *out, const char *key, struct span value);
void log_line_number(struct buffer *out, const char *key, int64_t value);

#endif
