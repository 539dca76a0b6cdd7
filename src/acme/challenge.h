/* The authority's question whether this server is who it says (http-01, RFC 8555 8.3): at port 80
 * it asks for a file whose name is a token. uacme(1) hands us the answer by its hook, and it lies
 * in STATE/acme/challenges while it is wanted. */
#ifndef ACME_CHALLENGE_H
#define ACME_CHALLENGE_H

#include "base/buffer.h"
#include "base/error.h"

#define CHALLENGE_PATH "/.well-known/acme-challenge/"
#define CHALLENGE_HOOK "acme-hook"                   /* the name by which the program is the hook */
#define CHALLENGE_PLACE "PLAINPOST_ACME_CHALLENGES=" /* the folder, in the hook's environment */

/* Letters, digits, "-" and "_", as they are in base64url. Pure. */
bool challenge_is_token(struct span token);

/* Makes the folder, and takes away what is left over in it. */
bool challenge_clear(const char *folder, struct error *e);
/* False: nobody has asked for this. */
bool challenge_answer(const char *folder, struct span token, struct buffer *out);

/* What the program does when it is called as the hook: METHOD TYPE NAME TOKEN ANSWER. The exit
 * status: 0 is done; else the challenge is not taken. */
bool challenge_is_hook(const char *argv0);
int challenge_hook(int argc, char **argv);

#endif
