/* The file of the secrets by which addresses of ours are signed (auth/signing_secrets.h), which
 * comes anew each month: a month's are good for one more. The server keeps it, or, where the
 * operator has named one, whoever he shares it with. */
#ifndef ADDRESS_KEPT_SECRETS_H
#define ADDRESS_KEPT_SECRETS_H

#include "address/file_marks.h"
#include "auth/signing_secrets.h"
#include "base/error.h"
#include "sys/secret.h"

struct secret_file {
    const char *name;  /* in the directory of state, which is the server's to keep */
    struct span state; /* that directory */
    struct span path;  /* not empty: a file in its place, which is not */
};

/* Those that are there; they borrow from `text`, and none is no failure: who may not read it can
 * still say where mail goes. False: `e`. */
bool kept_secrets_read(const struct secret_file *f, struct secret *text, struct signing_secrets *s,
                       struct arena *a, struct file_marks *marks, struct error *e);

/* Of those that were read, so many: the oldest has been there since then, at the latest, in seconds
 * since 1970. */
int64_t kept_secrets_since(const struct secret_file *f, size_t count);

/* Makes the first, and puts a new one before it when that is a month old; where they are not the
 * server's, they must be there. False: `e`. */
bool kept_secrets_renew(const struct secret_file *f, struct error *e);

#endif
