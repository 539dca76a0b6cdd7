/* A message laid out for those who read notices: its fields, and its parts by what they are for.
 * For this room only. Pure: spans borrow from the message, or live in the arena. */
#ifndef BOUNCE_SURVEY_H
#define BOUNCE_SURVEY_H

#include "base/arena.h"
#include "mail/html.h"
#include "mail/mime.h"

enum part_role {
    PART_TEXT,             /* text/plain, or nothing said */
    PART_HTML,             /* `text` is what a person reads of it */
    PART_STATUS,           /* message/delivery-status and its kin, RFC 3464, 6533 */
    PART_DISPOSITION,      /* message/disposition-notification: a receipt, RFC 8098 */
    PART_FEEDBACK,         /* message/feedback-report, RFC 5965 */
    PART_RETURNED,         /* message/rfc822 and its kin */
    PART_RETURNED_HEADERS, /* text/rfc822-headers */
    PART_CALENDAR,
    PART_OTHER /* an attachment, a picture */
};

struct survey_part {
    enum part_role role;
    struct mime_entity entity;
    struct span text;   /* of the textual roles: decoded, UTF-8; of PART_RETURNED*: the message */
    struct span name;   /* of the file, as the sender calls it */
    bool is_attachment; /* Content-Disposition says so */
    const struct html *html; /* of PART_HTML, else NULL */
};

struct survey_field {
    struct span name, value; /* still folded and encoded: content_field() */
};

enum { MOST_PARTS = 1000, MOST_FIELDS = 2000 }; /* further ones are passed over */

struct survey {
    struct span message; /* without what stood before its header: blank lines, mbox's From */
    struct survey_field *fields;
    size_t field_count;
    uint64_t field_bits[4]; /* of their names, so that what is not there is soon known */
    struct survey_part *parts;
    size_t part_count;
    bool is_report; /* multipart/report */
    struct span report_type;
};

/* Never fails: whatever it is, it is a message of one part at least. */
void survey_take(struct survey *s, struct span message, struct arena *a);

/* The first field of that name (any case), or NULL. */
const struct survey_field *survey_find(const struct survey *s, struct span name);
/* Its value, unfolded and decoded; empty: there is none. */
struct span survey_value(const struct survey *s, struct span name, struct arena *a);

/* Here, so that compilers count the letters of names that stand in the code. */
static inline struct span survey_field(const struct survey *s, const char *name, struct arena *a)
{
    return survey_value(s, span_of(name), a);
}

static inline bool survey_has_field(const struct survey *s, const char *name)
{
    return survey_find(s, span_of(name)) != NULL;
}

/* The first part of that role, or NULL. */
const struct survey_part *survey_part(const struct survey *s, enum part_role role);

#endif
