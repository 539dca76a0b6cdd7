/* Domains are told how their mail could be encrypted: TLSRPT, RFC 8460 (transport/tls_report.h). */
#ifndef DAEMON_TLS_REPORTS_H
#define DAEMON_TLS_REPORTS_H

#include "daemon/reporting.h"

/* Is this one of their letters? It goes its way whatever TLS there is: else nobody would hear of
 * what hinders TLS (RFC 8460 3). */
bool tls_reports_is_letter(const struct envelope *e);

struct reporting *tls_reports_new(const struct reporting_settings *s);

#endif
