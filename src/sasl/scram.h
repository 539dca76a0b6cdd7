/* SCRAM-SHA-256 (RFC 5802, RFC 7677): what is kept of a password, what a client makes of it, and
 * the messages of an exchange, as each side reads the other's. Pure; by libcrypto. */
#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include "base/buffer.h"

enum {
    SCRAM_KEY = 32, /* octets of a key, and of a proof */
    SCRAM_SALT = 16,
    SCRAM_LARGEST_SALT = 64,
    SCRAM_LEAST_ITERATIONS = 4096, /* RFC 7677 4 */
    SCRAM_MOST_ITERATIONS = 10000000,
    SCRAM_MOST_FOR_CLIENT =
        1000000,              /* iterations that a server may demand: half a second of work */
    SCRAM_LONGEST_NONCE = 256 /* of a client's */
};

/* With these a password can be checked, and only guessed. */
struct scram_keys {
    unsigned iterations;
    size_t salt_len;
    unsigned char salt[SCRAM_LARGEST_SALT];
    unsigned char stored[SCRAM_KEY], server[SCRAM_KEY];
};

/* Of a password that saslprep.h has prepared; `iterations` and the salt are set already. */
void scram_keys_make(struct scram_keys *k, struct span password);
/* Of a name that nobody has: the same for it at all times, as `secret` (that only we know) makes
 * them, and looking as those of `like`. No password fits. */
void scram_keys_fake(struct scram_keys *k, const struct scram_keys *like, struct span secret,
                     struct span name);

/* "{SCRAM-SHA-256}4096,salt,stored,server", as Dovecot keeps them too. */
bool scram_keys_parse(struct scram_keys *k, struct span text);
void scram_keys_print(struct buffer *out, const struct scram_keys *k);

/* What a client makes of its password. Whoever has it can log in. */
struct scram_secret {
    unsigned char client[SCRAM_KEY], server[SCRAM_KEY];
};
/* Takes as long as `iterations` say, and the password is prepared by saslprep.h. */
void scram_secret_make(struct scram_secret *s, struct span password, struct span salt,
                       unsigned iterations);

/* ---- messages; spans borrow from them */

struct scram_first {
    char binding_flag;   /* 'n': can't; 'y': could, but thinks that we can't; 'p': does */
    struct span binding; /* the name of it; empty but for 'p' */
    struct span header;  /* the gs2-header: what stands before `bare` */
    struct span authzid; /* decoded by scram_name_add; empty: none */
    struct span name;    /* likewise */
    struct span nonce;
    struct span bare;
};
bool scram_first_parse(struct span message, struct scram_first *f);
/* "=2C" is a comma, "=3D" a "=". False: another "=". */
bool scram_name_add(struct buffer *out, struct span name);
/* "r=…,s=…,i=…"; `nonce` is the client's and ours. */
void scram_challenge_add(struct buffer *out, struct span nonce, const struct scram_keys *k);

/* The same, as a client reads it. */
struct scram_challenge {
    struct span nonce;
    struct span salt; /* in base64 */
    unsigned iterations;
};
bool scram_challenge_parse(struct span message, struct scram_challenge *c);
void scram_name_escape(struct buffer *out, struct span name); /* for scram_name_add to decode */

struct scram_final {
    struct span binding; /* in base64 */
    struct span nonce;
    unsigned char proof[SCRAM_KEY];
    struct span without_proof;
};
bool scram_final_parse(struct span message, struct scram_final *f);

/* Does whoever made this proof know the password? Then `signature` shows that we know the keys.
 * `messages`: client-first-bare "," server-first "," client-final-without-proof. */
bool scram_proof_is_right(const struct scram_keys *k, struct span messages,
                          const unsigned char proof[SCRAM_KEY], unsigned char signature[SCRAM_KEY]);
/* The other way: the proof, and the signature by which the server must show that it knows the keys.
 */
void scram_proof_make(const struct scram_secret *s, struct span messages,
                      unsigned char proof[SCRAM_KEY], unsigned char signature[SCRAM_KEY]);
/* "v=…", the server's last word. False: it is another, as "e=…", or none. */
bool scram_signature_parse(struct span message, unsigned char signature[SCRAM_KEY]);

#endif
