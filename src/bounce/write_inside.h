/* Parts of a notification that several files write; not for others. */
#ifndef BOUNCE_WRITE_INSIDE_H
#define BOUNCE_WRITE_INSIDE_H

#include "bounce/write.h"

/* write_header.c: all fields but those that begin with "Content-", and MIME-Version. */
void report_header(struct buffer *out, const struct report *r);
/* Pieces of it: From and To; Date and Message-ID; what says that a machine wrote it, and in which
 * language. */
void header_add_parties(struct buffer *out, struct span hostname, struct span to);
void header_add_names(struct buffer *out, struct span hostname, message_id id, int64_t now_ms,
                      int offset_minutes);
void header_add_machine(struct buffer *out, const struct language *l);

/* status_part.c: the second part (RFC 3464), CRLF line ends. `is_utf8`: as
 * message/global-delivery-status (RFC 6533). */
void report_status(struct buffer *out, const struct report *r, bool is_utf8);

/* write_parts.c */

/* Append the header of a part and the empty line behind it. `encoding` may be NULL. */
void part_begin(struct buffer *out, struct span boundary, const char *type, const char *encoding);
void part_end_all(struct buffer *out, struct span boundary);

/* A part of UTF-8 text with LF line ends, encoded as it needs. */
void part_add_text(struct buffer *out, struct span boundary, const char *type, struct span text);

/* A text and a card, as the two forms of one part. */
void part_add_both_forms(struct buffer *out, message_id id, struct span boundary, struct span text,
                         struct span card);

/* Made of our own id, and of a number where that stands in what is inside. */
void boundary_choose(struct buffer *boundary, const char *name, message_id id,
                     const struct span *inside, size_t count);

/* CRLF lines as quoted-printable. */
void part_add_quoted(struct buffer *out, struct span text);

/* The last part: the original, or its header (RFC 3461 4.3, 6522 3). Sets `*is_8bit` when it can't
 * be encoded. */
void part_add_returned(struct buffer *out, const struct report *r, struct span boundary,
                       bool *is_8bit);

/* write_digest.c: what every digest has: text and card, and a table as a file. */
struct told;
struct digest_body {
    struct buffer text, card, table, boundary;
    message_id id;
};
#define DIGEST_BODY_EMPTY                                                                          \
    {                                                                                              \
        BUFFER_EMPTY, BUFFER_EMPTY, BUFFER_EMPTY, BUFFER_EMPTY, 0                                  \
    }
/* Of `table`, which the caller has filled, and of what is told. */
void digest_body_make(struct digest_body *b, const struct told *t, message_id id);
/* Append the fields about content that end the header, and the parts. */
void digest_body_add(struct buffer *out, const struct digest_body *b, const char *table_name,
                     bool is_8bit);
void digest_body_free(struct digest_body *b);

/* In what envelope it goes; `written`: the whole message. Spans in `a`. */
struct digest_names {
    message_id id;
    int64_t now_ms;
    uint64_t until; /* it tells of all that was owed until that event */
};
void digest_envelope(struct envelope *e, struct span written, struct span to,
                     const struct digest_names *n, struct arena *a);

/* notification.c: of a message of our own; spans in `a`. */
void notification_envelope(struct envelope *e, struct span written, struct span to,
                           struct arena *a);

#endif
