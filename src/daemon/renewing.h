/* Certificates that come by ACME: asks for each in time, again after growing pauses when that
 * fails, and has a new one taken into use (acme/order.h, acme/plan.h). In the scheduler's loop; one
 * at a time is asked for, by a thread of its own. */
#ifndef DAEMON_RENEWING_H
#define DAEMON_RENEWING_H

#include "acme/plan.h"
#include "config/options.h"
#include "sys/loop.h"
#include "sys/tls_certificate.h"

struct renewing;

struct renewing_settings {
    struct loop *loop;
    /* There are new files: from now on they are to be used. False: `e`. */
    bool (*take)(void *arg, struct error *e);
    void *arg;
};

struct renewing *renewing_new(const struct renewing_settings *s);
/* How it is from now on. Another wish for a certificate is looked at at once. */
void renewing_set(struct renewing *r, const struct options *o);
/* What is under way ends at once, and nothing is begun any more. */
void renewing_end(struct renewing *r);
void renewing_free(struct renewing **r);

/* One that is wished for; valid until the loop goes on. */
struct renewal {
    struct arena arena;
    struct acme_certificate certificate;
    struct acme_files files;
    struct span wanted;           /* acme_wanted */
    struct tls_certificate facts; /* of what is there, if `is_there` */
    bool is_there, is_asked, is_under_way;
    struct acme_record record;
    int64_t due_ms;
};
size_t renewing_count(const struct renewing *r);
const struct renewal *renewing_at(const struct renewing *r, size_t i);
/* The one whose certificate is in this file; NULL: it does not come by ACME. */
const struct renewal *renewing_find(const struct renewing *r, struct span file);

/* Now, whenever it would be due: the one with this name; empty: all. False: `e`. */
bool renewing_ask(struct renewing *r, struct span name, struct error *e);

struct renewing_figures {
    uint64_t issued, failed; /* since the start */
};
struct renewing_figures renewing_figures(const struct renewing *r);

#endif
