/* The app passwords of an account whose password somebody else knows. */
#ifndef CLI_ACCOUNT_LOGINS_H
#define CLI_ACCOUNT_LOGINS_H

#include "cli/commands.h"

/* Takes all of them out of the file of logins, if that is where the logins are, and says so on
 * standard output. 0, or the exit status: it could not be done, which was said. */
int account_drop_app_passwords(const struct options *o, struct span name);

#endif
