/* Who can do something about a message, and reads complaints: found so that the swindler can't name
 * himself. Pure: the DNS answers by base/lookups.h.
 *
 * A message can say of itself what it likes, so what it says names nobody. Believed are: who runs
 * the network of the client that handed it to us, and the networks of the hosts that it links to,
 * as a list in the DNS has them (those are not chosen by who writes); whose signature holds; and
 * whose pages anybody can fill, when it links there. Told is also who might be the swindler, and
 * why nothing goes there. */
#ifndef ABUSE_CONTACTS_H
#define ABUSE_CONTACTS_H

#include "abuse/complaint.h"

enum { CONTACTS_MOST = 24, CONTACTS_MOST_SITES = 5, CONTACTS_MOST_ADDRESSES = 3 /* of a host */ };

struct contact {
    struct span address;
    struct span why;     /* a sentence: what it has to do with the message, and who says so */
    struct span why_not; /* a sentence: why nothing is sent there; empty: it is */
};

struct contacts {
    struct contact at[CONTACTS_MOST];
    size_t count;
};

/* Where in the DNS addresses of abuse desks are (TXT records); an empty one is not asked. */
struct contact_zones {
    struct span by_address; /* below it, networks: "7.2.0.192.abuse-contacts.abusix.zone" */
    struct span by_domain;  /* domains: "example.org.contacts.abuse.net" */
};

/* `z` NULL: the DNS is not asked. Each address once; of several reasons the first that lets it be
 * told counts. False: questions are open in `l`. They live in `a`. */
bool contacts_find(struct contacts *found, const struct complaint *c, enum complaint_kind kind,
                   const struct contact_zones *z, struct lookups *l, struct arena *a);

/* How many are to be told. */
size_t contacts_chosen(const struct contacts *found);

#endif
