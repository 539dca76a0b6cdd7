/* Packed octets: gzip (RFC 1952), and the files of a zip archive. By zlib. Pure. What is unpacked
 * is bounded, whatever the archive says of itself. */
#ifndef MAIL_PACKED_H
#define MAIL_PACKED_H

#include "base/buffer.h"
#include "base/error.h"

void gzip_add(struct buffer *out, struct span octets);

bool gzip_is_one(struct span octets);
/* Appends what is in it, of all its members. False: it is broken, or larger than `most`; `e`. */
bool gzip_unpack(struct buffer *out, struct span octets, size_t most, struct error *e);

/* The files of an archive, by its own list. */
struct zip {
    struct span whole, list; /* what of the list is still to come */
    unsigned left;           /* files in it */
};

bool zip_is_one(struct span octets);
/* False: it is cut off, or of a kind that is not read (several parts, more than 4 GB); `e`. */
bool zip_start(struct zip *z, struct span octets, struct error *e);
/* Appends the next file to `out`; `name` borrows from the archive, and may be anything. 1: this is
 * one; 0: there are no more; -1: it can't be read (encrypted, broken, larger than `most`), `e`, and
 * neither can what follows. */
int zip_next(struct zip *z, struct span *name, struct buffer *out, size_t most, struct error *e);

#endif
