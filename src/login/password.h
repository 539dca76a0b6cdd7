/* What is kept of passwords. Made with the system's chance; checking takes as long as whoever made
 * the hash has wanted (a tenth of a second): for threads that may wait. Thread-safe. */
#ifndef LOGIN_PASSWORD_H
#define LOGIN_PASSWORD_H

#include "login/login_line.h"

/* The words that stand for a password in a line (login_line.h): the argon2id hash, and keys for
 * SCRAM. False: the password can't be one, or there was no memory: `e`. */
bool password_hash(struct buffer *out, struct span password, struct error *e);

/* A new app password, which nobody can guess, and the word "app=LABEL:…" that stands for it. */
void app_password_make(struct buffer *password, struct buffer *word, struct span label);

/* Is it the password, or an app password, of this line? */
bool password_is_right(const struct login_line *l, struct span password);

#endif
