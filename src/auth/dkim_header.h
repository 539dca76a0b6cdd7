/* The header as DKIM signs it: RFC 6376 3.4.1, 3.4.2, 3.7, 5.4.2. Pure. */
#ifndef AUTH_DKIM_HEADER_H
#define AUTH_DKIM_HEADER_H

#include "auth/dkim_signature.h"

enum { MOST_HEADER_FIELDS = 2000, LONGEST_HEADER = 1 << 20 };

/* One field in its canonical form, with CRLF at its end. Lines of the field may end with LF alone:
 * they count as CRLF, which is how the message travelled. */
void dkim_add_field(struct buffer *out, const struct header_field *f, bool is_relaxed);

/* The signature's own field, without the octets in it and without its line end. */
void dkim_add_itself(struct buffer *out, const struct dkim_signature *s);

/* The fields of a header, found once for all its signatures. Borrows from the header. */
struct dkim_fields {
    struct dkim_field {
        struct header_field field;
        uint32_t name; /* a hash of it */
        bool is_taken;
    } * at; /* from the top down */
    size_t count, room;
    bool is_too_long; /* there is more than is looked at: no signature can be checked, or made */
};

void dkim_fields_find(struct dkim_fields *x, struct span header);
void dkim_fields_free(struct dkim_fields *x);
size_t dkim_fields_count(const struct dkim_fields *x,
                         struct span name); /* of that name, any case */

/* What is hashed: the fields that the signature names, a repeated one from the bottom up, one that
 * is not there as nothing; last the signature's own field, which is found by its place, without the
 * octets in it. Not when it is too long. */
void dkim_fields_add_signed(struct buffer *out, struct dkim_fields *x,
                            const struct dkim_signature *s);

/* The same, of a header that is looked at once. False: there is more of it than is looked at. */
bool dkim_add_signed_header(struct buffer *out, const struct dkim_signature *s, struct span header);

#endif
