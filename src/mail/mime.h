/* The structure of a message: RFC 2045, RFC 2046. Pure; spans borrow from the message, whose parts
 * are: the header, the empty line behind it, and the body; and where the body is a multipart, its
 * preamble, its parts and its epilogue. Nothing is decoded. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "base/buffer.h"

enum mime_encoding { MIME_7BIT, MIME_8BIT, MIME_BINARY, MIME_QUOTED, MIME_BASE64, MIME_UNKNOWN };

enum mime_kind {
    MIME_LEAF,
    MIME_MULTIPART,
    MIME_SIGNED, /* multipart/signed: a multipart of which no octet may change (RFC 1847 2.1) */
    MIME_MESSAGE /* message/rfc822 and its kin: the body is a message */
};

enum { LONGEST_BOUNDARY = 200 }; /* RFC 2046 5.1.1 allows 70 */

/* A message, or a part of one. */
struct mime_entity {
    struct span header, separator, body; /* one behind the other; separator: the empty line */
    enum mime_kind kind;
    enum mime_encoding encoding; /* 7bit when nothing is said */
    struct span type, subtype;   /* as written; when there is none: "text" "plain" */
    struct span content_type,
        disposition; /* the values of those fields; empty when there are none */
    bool has_type, has_encoding, has_version;
    bool is_ambiguous; /* two fields say what it is, or how it is encoded */
    char boundary[LONGEST_BOUNDARY];
    size_t boundary_length; /* 0: a multipart that can't be taken apart */
};

/* `is_message_by_default`: a part of a multipart/digest, which is a message when nothing is said.
 */
void mime_parse(struct span text, bool is_message_by_default, struct mime_entity *e);
bool mime_is(const struct mime_entity *e, const char *type, const char *subtype); /* NULL: any */

enum mime_piece {
    MIME_PREAMBLE,
    MIME_DELIMITER, /* the line "--boundary" (and the line end before it, which is not the part's)
                     */
    MIME_PART,      /* an entity */
    MIME_EPILOGUE,
    MIME_END
};

/* The pieces of the body of a multipart, in order. Together they are the body. */
struct mime_pieces {
    struct span rest, boundary;
    enum mime_piece next;
};

struct mime_pieces mime_pieces_start(const struct mime_entity *e); /* keep `e` meanwhile */
enum mime_piece mime_pieces_next(struct mime_pieces *p, struct span *piece);

#endif
