/* A file of the drop folder: a message with its envelope in front of it. The format is in
 * doc/drop.md. Pure. */
#ifndef RECEIVE_DROP_FILE_H
#define RECEIVE_DROP_FILE_H

#include "base/error.h"
#include "smtp/server.h"

struct drop_file {
    bool has_sender; /* false: it is the owner of the file */
    struct span reverse_path;
    struct mail_parameters parameters;
    struct server_recipient *recipients; /* at least one */
    size_t recipient_count;
    struct span message;
};

/* Spans borrow from `text`, the array is in `a`. False: `e` says what is wrong. */
bool drop_file_parse(struct drop_file *f, struct span text, struct arena *a, struct error *e);
/* The envelope goes to `head`; the message is what must stand behind it. */
void drop_file_head(struct buffer *head, const struct drop_file *f);

#endif
