/* Dates: RFC 5322 3.3. Pure: the offset from UTC is an argument. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buffer.h"

/* "Tue, 24 Nov 2026 12:44:03 +0100" for `time_ms` (ms since 1970 UTC) and an offset in minutes. */
void date_add(struct buffer *out, int64_t time_ms, int offset_minutes);

/* "Tue 24 Nov 2026, 12:44:03 (UTC+1)"; for people. */
void date_add_words(struct buffer *out, int64_t time_ms, int offset_minutes);

/* "2026-11-24T11:44:03.123Z" (RFC 3339); for machines. */
void date_add_rfc3339(struct buffer *out, int64_t time_ms);

/* A length of time for people: "4 hours", "2 days", "1 minute", "less than a second". The largest
 * unit that fits, rounded down. */
void duration_add_words(struct buffer *out, int64_t ms);

#endif
