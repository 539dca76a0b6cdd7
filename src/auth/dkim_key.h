/* The public key of a signature, as the DNS has it at SELECTOR._domainkey.DOMAIN: RFC 6376 3.6.1,
 * RFC 8463. Pure. */
#ifndef AUTH_DKIM_KEY_H
#define AUTH_DKIM_KEY_H

#include "auth/public_key.h"

struct dkim_key {
    enum key_kind kind;
    struct span octets;        /* for public_key_new; empty: it has been revoked */
    struct public_key *opened; /* NULL: not opened ahead */
    bool allows_sha256;        /* h=; the only hash that is left */
    bool is_for_mail;          /* s= */
    bool is_trial;             /* t=y: its domain is only trying DKIM */
    bool is_strict;            /* t=s: i= must have the very domain of d=, none below it */
};

/* The text of a record, its strings joined. False: it is no key, and `*e` says why; whether p= has
 * a key that works is found out by public_key_new. Spans live in `a`, or borrow. */
bool dkim_key_parse(struct dkim_key *k, struct span record, struct arena *a, struct error *e);

/* The record that publishes a key, of which `octets` is SubjectPublicKeyInfo (private_key_public).
 */
void dkim_key_add_record(struct buffer *out, enum key_kind kind, struct span octets);

/* Ahead of many checks: of 55 µs for one by RSA, 22 are for opening the key. One that can't be
 * opened stays as it is, and dkim_verify_header says why. */
void dkim_key_open(struct dkim_key *k);
void dkim_key_close(struct dkim_key *k);

/* What somebody has in a file: a public key as PEM, or the record, bare or as in a zone file (in
 * quoted strings, with or without the name before it). A key in it works, or it is an error; so is
 * a private key. */
bool dkim_key_read(struct dkim_key *k, struct span text, struct arena *a, struct error *e);

#endif
