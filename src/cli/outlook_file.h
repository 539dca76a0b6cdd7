/* Outlook's .msg files, by the program that knows them: plainpost-outlook, beside ours. */
#ifndef CLI_OUTLOOK_FILE_H
#define CLI_OUTLOOK_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/* By how it begins: an OLE compound file. */
bool outlook_file_is_one(struct span file);

/* Append the message that is in it. `name` is for the error. */
bool outlook_file_read(struct buffer *message, struct span file, const char *name, struct error *e);

#endif
