/* A password from a person, or from another program. */
#ifndef CLI_ASK_PASSWORD_H
#define CLI_ASK_PASSWORD_H

#include "base/buffer.h"
#include "base/error.h"

/* From the terminal, twice and without showing it; or, where standard input is none, its first
 * line. The caller wipes it. */
bool ask_password(struct buffer *password, struct error *e);

#endif
