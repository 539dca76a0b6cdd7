/* The keys by which mail is signed (DKIM, RFC 6376), of one configuration; and signing. Counted by
 * references, and thread-safe. */
#ifndef SIGNING_SIGNING_H
#define SIGNING_SIGNING_H

#include "auth/arc_seal.h"
#include "auth/dkim_key.h"
#include "auth/dkim_sign.h"
#include "config/options.h"

struct signing;
struct draft;

/* Reads the files that the option dkim-key names. NULL: `e` says which can't be used, and why. */
struct signing *signing_new(const struct options *o, struct error *e);
struct signing *signing_ref(struct signing *s);
void signing_unref(struct signing **s);

/* Appends a signature of each key that may speak for `domain`, from which a message of our own is;
 * they are to stand before it. */
void signing_add(struct signing *s, struct buffer *out, struct span domain, struct span message,
                 int64_t now_ms);

/* The same in two steps, of which the second one may be another thread's: `fields` have their final
 * length, but no signatures yet. NULL: nobody signs, or it can't be signed, and `fields` is as it
 * was. */
struct draft *signing_draft(struct signing *s, struct buffer *fields, struct span domain,
                            struct span message, int64_t now_ms);
/* `message`: with those fields in front. */
void signing_finish(struct draft **d, struct buffer *message);

/* The public half of a key, by its names in any case; NULL: it is none of these. It lives as long as
 * `s`. */
const struct dkim_key *signing_key_of(const struct signing *s, struct span domain,
                                      struct span selector);

/* Who seals what is sent on (ARC): the first key of the domain that the option arc-seal names.
 * False: nobody. The sealer lives as long as `s`. */
bool signing_sealer(const struct signing *s, struct arc_sealer *sealer);

/* ---- what users send (auth/dkim_author.h says by whose keys it is signed) */

/* Who is to sign one message. Starts as all zeros. */
struct signers {
    struct signing *by; /* a reference */
    bool *is_chosen;    /* of its keys */
    size_t count;       /* of these who are to sign */
    bool is_binary;     /* the caller's: it came as BODY=BINARYMIME; see signers_sign */
    bool has_8bit;      /* of one that was, and is not any more */
};

/* Looks at From, which takes no time; `is_binary` stays. False: nobody. */
bool signers_choose(struct signers *x, struct signing *s, struct span message);
void signers_free(struct signers *x);

/* Signs: puts the fields in front of the message, unless it is signed already. That takes a
 * millisecond for an RSA key. A binary message is brought into text first, if that can be done, and
 * is not `is_binary` any more: nearly no next hop takes it otherwise, and the signature would break
 * (RFC 6376 5.3). `names` gets who has signed, for the log: "example.org:s1
 * example.org:s2"; or is left empty. False: it could not be done, and `why` says so; the message is
 * as it was. */
bool signers_sign(struct signers *x, struct buffer *message, int64_t now_ms, struct buffer *names,
                  struct error *why);

#endif
