/* Domains are told of the mail that came in their name: aggregate reports (DMARC, RFC 9990;
 * aggregate/write.h). */
#ifndef DAEMON_DMARC_REPORTS_H
#define DAEMON_DMARC_REPORTS_H

#include "daemon/reporting.h"

struct reporting *dmarc_reports_new(const struct reporting_settings *s);

#endif
