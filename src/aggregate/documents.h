/* The documents in what somebody has: a report as XML, packed by gzip or zip, or the mail that
 * brought it. Pure. */
#ifndef AGGREGATE_DOCUMENTS_H
#define AGGREGATE_DOCUMENTS_H

#include "base/buffer.h"
#include "base/error.h"

struct aggregate_taker {
    void *arg;
    /* XML, or what may be taken for it; the span lives during the call. */
    void (*take)(void *arg, struct span xml);
    void (*complain)(void *arg, const struct error *e); /* a part that can't be unpacked */
};

/* Gives out all that is found, however it is wrapped (archives in a part of a mail, a packed file
 * in an archive). All of it together is no larger than some times AGGREGATE_LARGEST: what is more
 * is complained of. Of a mail only the parts that look like reports are taken; false: it has none.
 */
bool aggregate_documents(struct span octets, const struct aggregate_taker *t);

/* Is it one of those, and no mail? */
bool aggregate_is_file(struct span octets);

#endif
