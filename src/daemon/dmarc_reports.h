/* Tells domains that ask for it, once a day, of the mail that came in their name: aggregate reports
 * (DMARC, RFC 9990; aggregate/write.h), from what was counted (store/day_counts.h). In the
 * scheduler's loop; what blocks is done by a thread of its own. */
#ifndef DAEMON_DMARC_REPORTS_H
#define DAEMON_DMARC_REPORTS_H

#include "daemon/own_letter.h"
#include "store/day_counts.h"
#include "sys/dns.h"

struct dmarc_reports;

struct dmarc_reports_settings {
    struct loop *loop;
    struct dns *dns;
    struct store *store;
    struct day_counts *counts;
    /* A report is durable: in the store's thread. */
    void (*accepted)(void *arg, struct message *m);
    void *arg;
};

struct dmarc_reports *dmarc_reports_new(const struct dmarc_reports_settings *s);
/* How it is from now on. All live longer than the reports, or until the next call. */
void dmarc_reports_set(struct dmarc_reports *r, const struct options *o, struct directory *d,
                       struct signing *s);
/* Nothing is begun any more; waits for the thread, and brings what was counted to the disk. */
void dmarc_reports_end(struct dmarc_reports *r);
void dmarc_reports_free(struct dmarc_reports **r); /* after the store and the DNS were closed */

#endif
