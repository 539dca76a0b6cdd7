/* sendmail -bs: SMTP on standard input and output, spoken by the running server. */
#ifndef CLI_SMTP_PIPE_H
#define CLI_SMTP_PIPE_H

#include "config/options.h"

/* Until the server closes, or nobody reads what it says. Returns an exit status of sysexits.h; when
 * no server runs it says so as SMTP does, by 421. */
int smtp_pipe(const struct options *o);

#endif
