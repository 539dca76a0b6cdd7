/* What is known of a client that comes in, in points: what lists in the DNS say of it (RFC 5782),
 * its name in the reverse DNS (RFC 1912 2.1), and what it says in EHLO or HELO (RFC 5321 4.1.4).
 * Many points make it doubtful, or not welcome. Pure: it asks the DNS by base/lookups.h. */
#ifndef ENTRY_SCORE_H
#define ENTRY_SCORE_H

#include "base/lookups.h"
#include "config/options.h"

enum entry_fact {
    ENTRY_LISTED,
    ENTRY_NO_NAME,             /* no PTR record */
    ENTRY_UNCONFIRMED,         /* its name does not lead back to it */
    ENTRY_GENERIC,             /* its name is made of its address, or says that it is of a pool */
    ENTRY_HELLO_MALFORMED,     /* what it says is no whole host name */
    ENTRY_HELLO_UNKNOWN,       /* it is not in the DNS */
    ENTRY_HELLO_OURS,          /* it is our own name */
    ENTRY_HELLO_OTHER_ADDRESS, /* an address literal of somebody else */
};
enum { ENTRY_FACTS = ENTRY_HELLO_OTHER_ADDRESS + 1 };

/* "no-reverse-name": as its option is called. Of LISTED there is none. */
const char *entry_fact_word(enum entry_fact f);

struct entry_client {
    unsigned char address[16];
    struct span hello;         /* what it said; may be anything */
    struct span sender_domain; /* of MAIL FROM; empty: the null reverse-path */
    struct span our_name;      /* of the listener */
};

struct entry_finding {
    enum entry_fact fact;
    int points;                  /* not 0; below 0: it speaks for the client */
    const struct dns_list *list; /* LISTED; lives as long as the options */
    struct span about;           /* the address, or the name, of which this is so */
    struct span said;            /* LISTED: what the list says in words (TXT); may be empty */
};

/* A list, or a name, of which nothing could be found out: it counts nothing. */
struct entry_unknown {
    struct span name; /* of the list; or the name that was asked for */
    struct span why;
    bool is_of_list;
};

struct entry_score {
    int points;
    struct entry_finding *findings; /* those with most points first */
    size_t count;
    struct entry_unknown *unknowns;
    size_t unknown_count;
};

/* False: questions are open (base/lookups.h), and `score` is not to be used. Everything lives in
 * `a`, or in the options. */
bool entry_score(const struct options *o, const struct entry_client *c, struct lookups *l,
                 struct entry_score *score, struct arena *a);

/* Postmaster and abuse hear everybody, so that who is refused can ask why. */
bool entry_is_always_reached(struct span recipient);

enum entry_verdict { ENTRY_WELCOME, ENTRY_DOUBTFUL, ENTRY_REFUSED };

enum entry_verdict entry_decide(const struct options *o, int points);
/* Does anything depend on points? */
bool entry_is_used(const struct options *o);
/* Does it depend on the sender what a client has? Then a score is of both. */
bool entry_is_about_sender(const struct options *o);

/* "zen.example=5 no-reverse-name=3": for the log. */
void entry_score_add(struct buffer *out, const struct entry_score *s);

#endif
