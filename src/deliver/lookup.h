/* Asks the DNS for the ways to a destination: MX, then the addresses of all hosts at once, then
 * what it says about their certificates (DANE); meanwhile for the policy of the domain (MTA-STS).
 * The decisions are in ways.h, and in transport/. */
#ifndef DELIVER_LOOKUP_H
#define DELIVER_LOOKUP_H

#include "config/target.h"
#include "deliver/session_note.h"
#include "deliver/sts.h"
#include "deliver/ways.h"
#include "sys/dns.h"

struct lookup;

struct lookup_settings {
    struct dns *dns;
    struct sts *sts;             /* NULL: no policies by HTTPS */
    struct day_counts *sessions; /* NULL: nobody wants to know what could not be used */
    struct loop *loop;
    struct span our_name;
    struct own_addresses own;
    void (*done)(void *arg, struct lookup *l); /* in the loop; never from within lookup_start */
    void *arg;
};

/* The target must outlive the lookup. */
struct lookup *lookup_start(const struct lookup_settings *s, const struct target *t);
/* Not while questions are under way, unless the DNS has been freed before. */
void lookup_free(struct lookup **l);

const struct ways *lookup_ways(const struct lookup *l); /* when done; lives as long as the lookup */
int64_t lookup_good_for(const struct lookup *l);        /* ms, by the TTLs: the ways, no problem */

#endif
