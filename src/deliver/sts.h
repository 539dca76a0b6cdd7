/* The policies of domains by HTTPS (transport/mta_sts.h): known, fetched, kept on the disk. Belongs
 * to one loop; any loop may ask. What blocks is done by threads of its own. */
#ifndef DELIVER_STS_H
#define DELIVER_STS_H

#include "base/list.h"
#include "store/sts_policies.h"
#include "sys/dns.h"
#include "transport/mta_sts.h"
#include "transport/tls_report.h"

struct sts;

struct sts_settings {
    struct loop *loop;
    struct dns *dns;
    const char *path;        /* of the database */
    struct span authorities; /* a file with whom to trust; empty: the system's */
};

/* NULL: `e`. */
struct sts *sts_new(const struct sts_settings *s, struct error *e);
/* Whom to trust from now on; in the loop's thread. */
void sts_trust(struct sts *s, struct span authorities);
/* Nothing is fetched any more: what is under way ends within a second or two, and this waits. */
void sts_end(struct sts *s);
/* After the DNS was freed, and sts_end; those who ask get no answer any more. */
void sts_free(struct sts **s);

struct sts_question {
    struct task task;   /* posted to `loop` with the answer: task.run is set by who asks */
    struct loop *loop;  /* of who asks, */
    void *owner;        /* and what of it */
    struct span domain; /* in ASCII, in lower case; it must live until the answer */
    struct sts_record record;
    /* The answer, in `arena`, which the asker clears. */
    bool has_policy;
    struct sts_policy policy;
    struct span text;        /* the policy as it was fetched */
    enum tls_result problem; /* SUCCESS: none; else why a new one could not be had, */
    struct span why;         /* in words */
    struct arena arena;
    /* sts.c's */
    struct list link;
    void (*answer)(struct task *t);
    struct sts *sts;
};

/* Thread-safe; the answer never comes before this has returned. */
void sts_ask(struct sts *s, struct sts_question *q);

#endif
