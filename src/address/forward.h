/* A user's .forward: where the mail of a user of the system goes, in the form of a list of
 * aliases(5): lines of addresses, parted by commas, with comments.
 *
 *     \alice, alice@example.net        into the mailbox, and there
 *     "|/usr/bin/procmail"             a command
 *     /home/alice/archive              a file, as mbox
 *
 * Pure. */
#ifndef ADDRESS_FORWARD_H
#define ADDRESS_FORWARD_H

#include "base/arena.h"
#include "base/error.h"

enum forward_kind { FORWARD_MAILBOX, FORWARD_ADDRESS, FORWARD_COMMAND, FORWARD_FILE };

struct forward_entry {
    enum forward_kind kind;
    struct span text; /* "alice@example.net", "|command", "/file" */
};

struct forward {
    struct forward_entry *entries; /* in the arena */
    size_t count;                  /* 0: it says nothing, as if it were not there */
};

enum { MOST_FORWARDS = 100, LARGEST_FORWARD = 64 * 1024 };

/* Of the user whose address is `own`: names without a domain are in that one. The user's own name
 * or address is the mailbox. What comes twice counts once. False: `e` says what is wrong. */
bool forward_parse(struct span text, struct span own, struct forward *f, struct arena *a,
                   struct error *e);

#endif
