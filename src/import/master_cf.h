/* Postfix's master.cf: a line for each service (master(5)). Pure. */
#ifndef IMPORT_MASTER_CF_H
#define IMPORT_MASTER_CF_H

#include "base/arena.h"

struct service {
    struct span name;      /* "smtp", "submission", "127.0.0.1:10025" */
    struct span type;      /* "inet", "unix", … */
    struct span command;   /* "smtpd" */
    struct span arguments; /* "-o smtpd_tls_security_level=encrypt …" */
};

struct master_cf {
    struct service *services;
    size_t count, room;
};

/* What is no service is left out. Texts go into the arena. */
void master_cf_parse(struct master_cf *m, struct span text, struct arena *a);
void master_cf_free(struct master_cf *m);

/* NULL: there is none of this name that Postfix itself calls. */
const struct service *master_cf_find(const struct master_cf *m, struct span name);
/* What "-o name=value" says, the last one; false: nothing. */
bool service_option(const struct service *s, const char *name, struct span *value);
/* The next "-o" of `*rest`, which begins as `arguments`. */
bool service_next_option(struct span *rest, struct span *name, struct span *value);

#endif
