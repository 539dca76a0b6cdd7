#include "login/pam.h"

bool pam_is_there(struct error *e)
{
    return error_set(e, "this plainpost was built without PAM; build it with libpam0g-dev, or name "
                        "the logins in another way");
}

enum gate_verdict pam_ask(struct span service, const struct login_asked *who, struct buffer *login,
                          struct error *e)
{
    pam_is_there(e);
    return GATE_CANNOT_SAY;
}
