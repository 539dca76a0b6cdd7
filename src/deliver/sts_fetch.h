/* Fetches the policy of a domain: its web server's addresses by the DNS, the file by HTTPS, and
 * then to the disk. For sts.c. */
#ifndef DELIVER_STS_FETCH_H
#define DELIVER_STS_FETCH_H

#include "store/sts_policies.h"
#include "sys/dns.h"
#include "transport/tls_report.h"

struct sts_fetched {
    struct span domain, id;
    enum tls_result problem; /* SUCCESS: none */
    struct error why;
    struct span text;
    uint32_t max_age;
    int64_t fetched_ms; /* or when it has failed */
};

struct sts_fetcher_settings {
    struct loop *loop;
    struct dns *dns;
    struct sts_policies *disk;
    struct span authorities;
    /* In the loop; never from within sts_fetch. */
    void (*done)(void *arg, const struct sts_fetched *f);
    void *arg;
};

struct sts_fetcher;

struct sts_fetcher *sts_fetcher_new(const struct sts_fetcher_settings *s);
/* `id`: of the record that it is fetched for. One at a time for a domain. */
void sts_fetch(struct sts_fetcher *f, struct span domain, struct span id);
void sts_fetcher_trust(struct sts_fetcher *f, struct span authorities);
void sts_fetcher_end(struct sts_fetcher *f);   /* waits for its threads */
void sts_fetcher_free(struct sts_fetcher **f); /* after the DNS was freed, and sts_fetcher_end */

#endif
