/* The subcommands: one file each. They return the exit status: 0 done, 1 it could not be done (said
 * on standard error, or "no" is the answer), 2 the command line was not understood. sendmail's,
 * test-address's, test-client's, explain's and triage's are also those of sysexits.h. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "config/options.h"

/* `argv[0]` is the subcommand's name. */
struct invocation {
    const struct options *options;
    const char *file; /* the configuration file, or NULL: built-in values */
    const char *version; /* of the program */
    int argc;
    char **argv;
};

int serve_main(const struct invocation *i);
int reload_main(const struct invocation *i);
int explain_main(const struct invocation *i);
int triage_main(const struct invocation *i);
int trace_main(const struct invocation *i);
int sent_main(const struct invocation *i);
int audit_main(const struct invocation *i);
int check_main(const struct invocation *i);
int seal_main(const struct invocation *i);
int doctor_main(const struct invocation *i);
int dkim_main(const struct invocation *i);
int report_phishing_main(const struct invocation *i);
int dmarc_report_main(const struct invocation *i);
int queue_main(const struct invocation *i);
int account_main(const struct invocation *i);
int suppress_main(const struct invocation *i);
int certificate_main(const struct invocation *i);
int user_main(const struct invocation *i);
int guard_main(const struct invocation *i);
int top_main(const struct invocation *i);
int watch_main(const struct invocation *i);
int config_main(const struct invocation *i);
int import_main(const struct invocation *i);
int sendmail_main(const struct invocation *i);
int test_address_main(const struct invocation *i);
int test_client_main(const struct invocation *i);
int fake_bounce_main(const struct invocation *i);
int bounce_text_main(const struct invocation *i);

/* Was the program called as sendmail, mailq or newaliases? */
bool sendmail_is_name(const char *argv0);
/* The configuration file that sendmail is to read when none stands before the command; NULL: the
 * built-in values. */
const char *sendmail_configuration(int argc, char **argv);

/* The configuration file of this machine's server, for those to whom none is named: that of the
 * environment, or the one in /etc; NULL: there is none. */
const char *standard_configuration(void);

/* Does the person agree to what was said? 0; else the exit status, and it was said. */
int ask_to_go_on(void);

int complain_no_server(const struct options *o); /* 1 */

/* "plainpost: …" on standard error; returns `status`. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
