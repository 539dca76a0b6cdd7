/* The messages that a person names on the command line, one after the other. Reads files; never
 * holds more of a mailbox in memory than the message that it is at. */
#ifndef CLI_MAIL_FILES_H
#define CLI_MAIL_FILES_H

#include "base/buffer.h"
#include "base/error.h"

enum { LARGEST_MAIL_FILE = 256 << 20 }; /* of one message; what is larger is an error */

/* Starts as all zeros, is used for one message after the other, and is ended with
 * mail_file_free. */
struct mail_file {
    struct buffer name;    /* as named; of several in one file "FILE:2" */
    size_t path_length;    /* of the file's name in `name` */
    size_t number;         /* in its file, from 1 */
    struct buffer message; /* ready for notice_read, whatever it came in */
};
void mail_file_free(struct mail_file *m);

/* Each name is a file with a message, with several (mbox), or "-" for standard input; or a
 * directory: of a Maildir what is new and what was read, else all files in it and below, in the
 * order of their names, but for hidden ones. A message may also be Apple Mail's .emlx, Outlook's
 * .msg, and text that somebody copied out of a mail program; what is none of these is an error. The names are
 * borrowed. */
struct mail_files *mail_files_new(char *const *names, size_t count);
void mail_files_free(struct mail_files **f);
/* Files that are no mail are given out as they are, and not made into a message: archives, and an
 * empty mailbox. */
void mail_files_keep_form(struct mail_files *f);

/* 1: `*m` is the next message; 0: there are no more; -1: something could not be read (what, and
 * why, is in `*e`), and the next call goes on behind it. Not for two threads at once. */
int mail_files_next(struct mail_files *f, struct mail_file *m, struct error *e);

/* How much of it all has been given out, 0 to 1: near enough for a progress bar. */
double mail_files_progress(const struct mail_files *f);

#endif
