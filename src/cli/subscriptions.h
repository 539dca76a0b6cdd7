/* The folders that mail programs show: Dovecot's file "subscriptions" in a Maildir. */
#ifndef CLI_SUBSCRIPTIONS_H
#define CLI_SUBSCRIPTIONS_H

#include "base/buffer.h"

/* Append to `out` what `text`, in either of Dovecot's two forms, is with the folder "A.B", or
 * without it. Pure. */
void subscriptions_edit(struct buffer *out, struct span text, struct span folder, bool is_wanted);

/* The same in the file, if there is one: without one nobody subscribes here. What fails leaves it
 * as it is: then the folder is there, and is not shown by itself. */
void subscriptions_change(const char *maildir, const char *folder, bool is_wanted);

#endif
