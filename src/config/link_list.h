/* A list of harmful links that is asked by the DNS about the hosts of links, as it stands behind
 * "link-list":
 *
 *     dbl.example answers 127.0.1.4/30,127.0.1.2 see https://dbl.example/remove
 *     KEY.uri.example name uri.example
 *
 * Pure. */
#ifndef CONFIG_LINK_LIST_H
#define CONFIG_LINK_LIST_H

#include "base/arena.h"
#include "base/error.h"
#include "config/network.h"

struct link_list {
    struct span zone;        /* in lower case */
    struct span name;        /* for people: a zone may hold a key; without the setting, it */
    struct span see;         /* where one gets off it; may be empty */
    struct network *answers; /* inside of 127.0.0.0/8: those that mean harm; */
    size_t answer_count;     /* 0: all but those that mean that the list does not answer */
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool link_list_parse(struct span *words, size_t count, struct link_list *l, struct arena *a,
                     struct error *problem);
void link_list_print(struct buffer *out, const struct link_list *l);

/* Does an A record of the list say that a host is harmful? */
enum link_list_answer {
    LINK_LIST_HARMFUL,
    LINK_LIST_OTHER,  /* it means something else */
    LINK_LIST_SILENT, /* that the list does not answer who asks like this (127.0.0.1, as lists of
                         links say it, 127.255.255.0/24), or that somebody has taken over its name
                       */
};
enum link_list_answer link_list_read(const struct link_list *l, struct span record);

#endif
