/* What a DKIM-Signature field states: RFC 6376 3.5, RFC 8301 (no SHA-1), RFC 8463 (Ed25519). The
 * two signatures of an ARC set are nearly the same: RFC 8617 4.1.2, 4.1.3. Pure; spans borrow from
 * the field, or live in the arena. */
#ifndef AUTH_DKIM_SIGNATURE_H
#define AUTH_DKIM_SIGNATURE_H

#include "base/arena.h"
#include "base/error.h"
#include "mail/header.h"

enum { MOST_SIGNED_FIELDS = 300, LONGEST_SIGNATURE_FIELD = 16384 };

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };

struct dkim_signature {
    struct header_field field;
    enum dkim_algorithm algorithm;
    struct span domain, selector; /* in ASCII and lower case */
    struct span identity;         /* i=: who signed, as it is written; "@domain" unless told, and
                                     in ARC, where i= is something else */
    bool has_relaxed_header, has_relaxed_body;
    const struct span *names; /* of the signed fields, as h= has them; but for ARC, "From" is among
                                 them */
    size_t name_count;
    struct span octets;       /* of the signature */
    struct span octets_place; /* where field.value has them: all between "b=" and ";" */
    struct span body_hash;    /* octets; a seal has none */
    bool has_body_length;
    uint64_t body_length;
    uint64_t made_s, expires_s; /* since 1970; 0: not told */
};

/* False: it is none that could ever hold, whatever the key; `*e` says why, in words that follow
 * "the signature of the message can't be checked:". A signature that has expired is read. */
bool dkim_signature_parse(struct dkim_signature *s, const struct header_field *field,
                          struct arena *a, struct error *e);

/* The same of an ARC-Message-Signature, and of an ARC-Seal, whose cv= and i= others read. */
bool arc_message_signature_parse(struct dkim_signature *s, const struct header_field *field,
                                 struct arena *a, struct error *e);
bool arc_seal_parse(struct dkim_signature *s, const struct header_field *field, struct arena *a,
                    struct error *e);

/* Does h= name that field (any case)? How often? */
size_t dkim_signature_covers(const struct dkim_signature *s, struct span name);

#endif
