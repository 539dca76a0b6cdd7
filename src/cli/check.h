/* plainpost check: what is checked by hand, one file each. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/check_dns.h"
#include "cli/commands.h"

struct check {
    const struct options *options;
    struct check_dns *dns;
    uint64_t now;      /* seconds since 1970: --now, or the clock's */
    struct span named; /* the one argument that is no flag: a file, or empty */
    struct span ip, sender,
        helo; /* --ip, --sender, --helo; `at` is NULL where they were not given */
};

/* They print the result, and return the exit status: 0 when it could be found out, whatever it is.
 */
int check_spf(const struct check *c);
int check_dkim(const struct check *c);
int check_arc(const struct check *c);
int check_dmarc(const struct check *c);
int check_message(const struct check *c);
int check_links(const struct check *c);

/* The value of --dns. False: said on standard error. */
bool check_take_server(struct span *server, const char *value);

/* `c->ip` as base/inet.h has addresses. False: said on standard error. */
bool check_take_client(const struct check *c, unsigned char client[16]);

/* An address, which may stand in angle brackets. */
struct span check_without_brackets(struct span address);

/* The message in the file `c->named` ("-": standard input), its lines ended with CRLF, whatever
 * they end with there. False: said on standard error. */
bool check_read_message(const struct check *c, struct buffer *message);

#endif
