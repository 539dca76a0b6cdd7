/* Asking the DNS, by libunbound: asynchronous, cached by TTL, validated where there is a trust
 * anchor. An answer that fails validation (BOGUS) is no answer. */
#ifndef SYS_DNS_H
#define SYS_DNS_H

#include "base/dns.h"
#include "base/error.h"
#include "sys/loop.h"

struct dns;

struct dns_settings {
    /* Whom to ask: "system" (/etc/resolv.conf), "recursive" (nobody: from the root down by
     * ourselves), or ADDRESS:PORT, several. */
    const struct span *servers;
    size_t server_count;
    struct span anchor; /* a file with trust anchors; empty: nothing is validated */
    bool skips_hosts;   /* /etc/hosts is not read: what others see is asked for */
};

/* `loop` does the work; any loop may ask. NULL and `e`. */
struct dns *dns_new(const struct dns_settings *s, struct loop *loop, struct error *e);

/* Other servers or anchors, in two steps in the loop's thread; the first does all that can fail.
 * NULL: `e`, and nothing has changed. Questions under way are still answered as they were asked. */
struct dns_change;
struct dns_change *dns_prepare(struct dns *d, const struct dns_settings *s, struct error *e);
void dns_change_now(struct dns_change **c);
void dns_change_drop(struct dns_change **c);

/* How often there were others: what was known before is not sure any more. Thread-safe. */
unsigned dns_changes(const struct dns *d);

/* Questions under way are never answered then. */
void dns_free(struct dns **d);

struct dns_question {
    struct task task;  /* posted to `loop` with the answer: task.run is set by who asks */
    struct loop *loop; /* of who asks, */
    void *owner;       /* and what of it */
    enum dns_type type;
    struct dns_answer answer;  /* lives in `arena` */
    struct resolver *resolver; /* dns.c's */
    struct arena arena;        /* the asker clears it */
};

/* `name` in ASCII, NUL-terminated. Thread-safe; the answer never comes before this has returned. */
void dns_ask(struct dns *d, struct dns_question *q, const char *name);

#endif
