/* What is known of links before a message is looked at, and what is said when a harmful one was
 * found: in a session, by the drop folder, and by hand. */
#ifndef RECEIVE_LINKS_SAID_H
#define RECEIVE_LINKS_SAID_H

#include "address/directory.h"
#include "sending/sent_links.h"
#include "smtp/server.h"

/* Whoever reports harmful mail must be able to send it. */
bool links_are_reported(const struct server_recipient *recipients, size_t count);
/* What a directory, and the options, know of links and of domains of ours; in `a`. */
struct sent_links_known links_known(const struct directory *d, const struct options *o,
                                    struct arena *a);
/* Counts it, and logs it. */
void links_note(const struct link_finding *f, struct span account, struct span sender);
void links_note_unknown(const struct sent_links_unknown *u,
                        bool is_told); /* counts it; and logs it */
/* Why the message is refused. */
struct reply links_refusal(const struct link_finding *f, struct span hostname, struct arena *a);
/* "harmful link: …", for the story of the message; in `a`. */
struct span links_words(const struct link_finding *f, struct arena *a);

#endif
