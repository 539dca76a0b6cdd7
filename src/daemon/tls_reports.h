/* Tells domains that ask for it, once a day, how their mail could be encrypted: TLSRPT, RFC 8460
 * (transport/tls_report.h), from what the sessions have counted (store/day_counts.h). In the
 * scheduler's loop; what blocks is done by a thread of its own. */
#ifndef DAEMON_TLS_REPORTS_H
#define DAEMON_TLS_REPORTS_H

#include "address/directory.h"
#include "config/options.h"
#include "queue/queue.h"
#include "signing/signing.h"
#include "store/day_counts.h"
#include "store/store.h"
#include "sys/dns.h"

struct tls_reports;

/* Is this one of their letters? It goes its way whatever TLS there is: else nobody would hear of
 * what hinders TLS (RFC 8460 3). */
bool tls_reports_is_letter(const struct envelope *e);

struct tls_reports_settings {
    struct loop *loop;
    struct dns *dns;
    struct store *store;
    struct day_counts *counts;
    /* A report is durable: in the store's thread. */
    void (*accepted)(void *arg, struct message *m);
    void *arg;
};

struct tls_reports *tls_reports_new(const struct tls_reports_settings *s);
/* How it is from now on. All live longer than the reports, or until the next call. */
void tls_reports_set(struct tls_reports *r, const struct options *o, struct directory *d,
                     struct signing *s);
/* Nothing is begun any more; waits for the thread, and brings what was counted to the disk. */
void tls_reports_end(struct tls_reports *r);
void tls_reports_free(struct tls_reports **r); /* after the store and the DNS were closed */

#endif
