/* The parts of a message that are no multiparts, in order, however deep they stand: RFC 2046. Pure;
 * spans borrow from the message. */
#ifndef MAIL_PARTS_H
#define MAIL_PARTS_H

#include "mail/mime.h"

/* A multipart further inside is given as one part, not taken apart; and so is one inside of another
 * in which nothing is parted by its boundary. */
enum { DEEPEST_PART = 20 };

struct parts {
    struct {
        struct mime_entity entity;
        struct mime_pieces pieces;
        bool has_part;
    } open[DEEPEST_PART];
    unsigned depth; /* how many multiparts are open */
    struct span message;
    bool has_started;
};

/* A message inside of the message (message/rfc822) is one part: start again with its body. */
void parts_start(struct parts *p, struct span message);
bool parts_next(struct parts *p, struct mime_entity *found);

/* The multipart around the part that was found last, or NULL. */
const struct mime_entity *parts_around(const struct parts *p);

#endif
