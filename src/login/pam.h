/* Passwords by PAM, pam(3). Waits, for as long as the modules of the service do. */
#ifndef LOGIN_PAM_H
#define LOGIN_PAM_H

#include "login/asked.h"

/* Is it the password, and may the account be used now? `login`: the name that PAM has for it. */
enum gate_verdict pam_ask(struct span service, const struct login_asked *who, struct buffer *login,
                          struct error *e);

/* False: this plainpost was built without PAM. */
bool pam_is_there(struct error *e);

#endif
