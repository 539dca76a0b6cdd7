/* Changes to the text of a file of logins. What else stands there, comments too, stays as it is.
 * Pure. */
#ifndef LOGIN_LOGIN_FILE_H
#define LOGIN_LOGIN_FILE_H

#include "login/login_line.h"

/* What is not set stays as it is. */
struct login_edit {
    struct span name;
    bool is_removed;
    struct span password;       /* the words that password_hash makes */
    const struct span *senders; /* in place of those that are there; NULL: not set */
    size_t sender_count;
    struct span label;    /* an app password, */
    struct span app_word; /* which gets this word; empty: it is taken away */
};

enum login_edited {
    LOGIN_CHANGED,
    LOGIN_ADDED,      /* there was none of the name */
    LOGIN_HAS_NO_APP, /* of this label: nothing was changed */
    LOGIN_UNREADABLE  /* `problem` says which line, and why */
};

/* The text as it is to be goes to `out`. */
enum login_edited login_file_edit(struct buffer *out, struct span text, const struct login_edit *e,
                                  struct error *problem);
/* The line of a name. 1, 0: there is none, -1: `problem`. */
int login_file_find(struct span text, struct span name, struct login_line *l,
                    struct error *problem);

#endif
