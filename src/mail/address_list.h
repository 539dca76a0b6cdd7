/* A list of addresses as a header field or a command line has it: RFC 5322 3.4 with what is
 * obsolete (4.4) and what is often seen: groups, comments, folding, quoted and encoded names,
 * source routes, ";" between addresses, brackets and "@" in names. Pure. */
#ifndef MAIL_ADDRESS_LIST_H
#define MAIL_ADDRESS_LIST_H

#include "base/arena.h"

struct address_list {
    struct span rest;
    bool is_in_group;
};

struct listed_address {
    /* "local@domain" without comments and blanks; it has passed address_check with UTF-8. Without
     * "@" when none was written: then it is a local part, and who asks must add a domain and check
     * it. */
    struct span address;
    bool has_domain;
    struct span name; /* for people: without quotes, decoded; a comment when it has no other name */
    const char *end;  /* in the input: behind the local part, where a domain could be added */
};

struct address_list address_list_start(struct span text);

/* 1: `*found` is the next address, its spans in `a`; 0: the end; -1: what follows can't be read
 * (`l->rest` begins with it, or with what stands shortly before it). */
int address_list_next(struct address_list *l, struct listed_address *found, struct arena *a);

#endif
