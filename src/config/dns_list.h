/* A list of good or bad senders that is asked by the DNS (RFC 5782), as it stands behind
 * "dns-list":
 *
 *     zen.example points 127.0.0.2=5 127.0.0.10/31=3
 *     allowed.example points -4
 *     KEY.zen.example name zen.example points 5 see https://zen.example/remove
 *     domains.example about sender points 127.0.1.0/24=6
 *
 * Pure. */
#ifndef CONFIG_DNS_LIST_H
#define CONFIG_DNS_LIST_H

#include "base/arena.h"
#include "base/error.h"
#include "config/network.h"

enum dns_list_about { DNS_LIST_CLIENT, DNS_LIST_SENDER, DNS_LIST_HELLO };
enum { DNS_LIST_MOST_POINTS = 100 };

struct dns_list_points {
    struct network answers; /* inside of 127.0.0.0/8 */
    int points;             /* below 0: it speaks for the client */
};

struct dns_list {
    struct span zone;               /* in lower case */
    struct span name;               /* for people: a zone may hold a key; without the setting, it */
    struct span see;                /* where one gets off it; may be empty */
    uint64_t about;                 /* enum dns_list_about: what is looked up in it */
    struct dns_list_points *points; /* an answer counts by the first that it matches */
    size_t count;
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool dns_list_parse(struct span *words, size_t count, struct dns_list *l, struct arena *a,
                    struct error *problem);
void dns_list_print(struct buffer *out, const struct dns_list *l);

#endif
