/* Is there a harmful link in a message of one of our own accounts? Pure. In two steps: what can be
 * found in the message and in our own tables, which takes time by its size, so that a worker may do
 * it; and what lists in the DNS say of the hosts that are left (base/lookups.h). */
#ifndef SENDING_SENT_LINKS_H
#define SENDING_SENT_LINKS_H

#include "base/lookups.h"
#include "config/sending_options.h"
#include "mail/bad_links.h"

enum {
    SENT_LINKS_MOST_BYTES = 512 * 1024, /* of a part; what follows is not read */
    SENT_LINKS_MOST_HOSTS = 40          /* different ones, of which each is looked at once */
};

enum link_fault {
    LINK_IS_FINE,
    LINK_IS_BAD,        /* by our own table */
    LINK_IS_LISTED,     /* by a list in the DNS */
    LINK_LOOKS_ALIKE,   /* its host looks like one that is trusted */
    LINK_NAMES_ANOTHER, /* its text names another host than it leads to */
    LINK_FAULTS
};

/* What is known here. All of it is borrowed. */
struct sent_links_known {
    const struct sending_options *options;
    const struct bad_links *bad; /* may be NULL */
    const struct span *own;      /* domains of ours, as they are written */
    size_t own_count;
};

struct link_finding {
    enum link_fault fault;
    struct span link;  /* as it stands in the message, */
    struct span host;  /* and where it leads, as the DNS has it */
    struct span other; /* the host that it looks like, or that its text names */
    struct span list;  /* who says so, and */
    struct span why;   /* what, if anything */
    struct span see;   /* where one gets off the list; may be empty */
};

struct sent_links {
    struct span *hosts; /* to ask about, as the DNS has them: neither ours nor good by our table */
    struct span *links; /* of each, the first */
    size_t count;
    struct link_finding found;
};

/* `message` is whole, with its header. Attachments, and messages inside of it, are not read: that
 * is how harmful mail is reported. What is found lives in `a`, and borrows from nothing else. */
void sent_links_see(struct span message, const struct sent_links_known *known,
                    struct sent_links *seen, struct arena *a);

/* A list that has not answered. */
struct sent_links_unknown {
    struct span list, why; /* empty: all have */
};

/* False: more must be known, and is open in `lookups` (16 hosts for each list, at most). Then
 * `seen->found` is what is to be said; in `a`. */
bool sent_links_ask(const struct sending_options *o, struct lookups *lookups,
                    struct sent_links *seen, struct sent_links_unknown *unknown, struct arena *a);

/* "the link hxxps://bad[.]example/x: its host is listed by dbl.example (\"phish\")" */
void sent_links_add_words(struct buffer *out, const struct link_finding *f);
/* For counting: "bad", "listed", "alike", "other". */
const char *link_fault_word(enum link_fault fault);

#endif
