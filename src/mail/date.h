/* Dates: RFC 5322 3.3. Pure: the offset from UTC is an argument. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buffer.h"

struct json;

/* "Tue, 24 Nov 2026 12:44:03 +0100" for `time_ms` (ms since 1970 UTC) and an offset in minutes. */
void date_add(struct buffer *out, int64_t time_ms, int offset_minutes);

/* "Tue 24 Nov 2026, 12:44:03 (UTC+1)"; for people. */
void date_add_words(struct buffer *out, int64_t time_ms, int offset_minutes);

/* "2026-11-24T11:44:03.123Z" (RFC 3339); for machines. */
void date_add_rfc3339(struct buffer *out, int64_t time_ms);
/* The same as a member of a JSON object; nothing for 0, which is not known. */
void date_json(struct json *j, const char *name, int64_t time_ms);

/* Read a date as mail has it (RFC 5322 3.3 with what is obsolete, and what is seen: no day of the
 * week, two-digit years, names of zones, comments; also "2026-11-24T11:44:03Z" and the form of
 * asctime(3)). False: it is none. A zone that is not known counts as UTC. */
bool date_parse(struct span text, int64_t *time_ms, int *offset_minutes);

/* A length of time for people: "4 hours", "2 days", "1 minute", "less than a second". The largest
 * unit that fits, rounded down. */
void duration_add_words(struct buffer *out, int64_t ms);

#endif
