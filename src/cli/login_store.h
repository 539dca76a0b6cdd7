/* The file of logins in the hands of a person: read, changed and replaced as a whole, by one at a
 * time. */
#ifndef CLI_LOGIN_STORE_H
#define CLI_LOGIN_STORE_H

#include "config/options.h"
#include "sys/secret.h"

struct login_store {
    const char *path;
    int lock;
    bool is_new; /* there is no file yet; `text` is empty */
    struct secret text;
};

/* `changes`: nobody else may, until it is closed. `path` and `o` live until then. */
bool login_store_open(struct login_store *s, const char *path, bool changes, struct error *e);
/* On the disk, and in its place, in one step. The owner stays; a new file belongs to the owner of
 * the state directory, if we may give it away. */
bool login_store_replace(struct login_store *s, const struct options *o, struct span text,
                         struct error *e);
void login_store_close(struct login_store *s);

#endif
