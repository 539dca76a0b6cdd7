/* For checks by hand: the DNS is asked for all that a check wants to know. */
#ifndef CLI_CHECK_DNS_H
#define CLI_CHECK_DNS_H

#include "base/error.h"
#include "base/lookups.h"
#include "sys/dns.h"

/* Seconds: for answers to what is asked together, and for all of a check (RFC 7208 4.6.4). */
enum { CHECK_PATIENCE = 5, CHECK_PATIENCE_FOR_ALL = 20 };

struct check_dns;

/* NULL and `e`. */
struct check_dns *check_dns_new(const struct dns_settings *s, struct error *e);
void check_dns_free(struct check_dns **d);

/* All that is open is answered then; what has no answer in time, with DNS_FAILED. */
void check_dns_answer(struct check_dns *d, struct lookups *l);

#endif
