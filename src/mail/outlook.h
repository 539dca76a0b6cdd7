/* A message as Outlook keeps it (MAPI; in .msg files MS-OXMSG, MS-OXPROPS), as a message of RFC
 * 5322. Who reads the file gives its properties; here is what they mean. Pure. */
#ifndef MAIL_OUTLOOK_H
#define MAIL_OUTLOOK_H

#include "base/buffer.h"

struct outlook_property {
    uint32_t tag; /* its id, and in the lower half its type */
    struct span value;
};

/* A message, one of its recipients, or an attachment. */
struct outlook_item {
    struct outlook_property *properties;
    size_t count, room;
    struct outlook *message; /* of an attachment that is one; else NULL */
};

enum { MOST_OUTLOOK_ITEMS = 2000, DEEPEST_OUTLOOK = 4 };

struct outlook {
    struct outlook_item self;
    struct outlook_item *recipients, *attachments;
    size_t recipient_count, attachment_count;
};

/* Append it as a message with LF line ends: its own header where Outlook kept that, else what is
 * known of it; text, HTML and attachments as parts; what a notice says of each recipient as a
 * delivery status. */
void outlook_add_message(struct buffer *out, const struct outlook *o);

#endif
