/* Was a message sent through an account while somebody else used it? As the book has it: by the
 * time that `account revoke` has noted, and by the clients that the account had before. */
#ifndef ACCOUNT_MISUSE_H
#define ACCOUNT_MISUSE_H

#include "guard/limits.h"
#include "store/account_book.h"

struct misuse_question {
    struct span account; /* any case */
    int64_t sent_ms;
    struct span client_address, client_name; /* as in its envelope; empty: not known any more */
    uint64_t key;                            /* of accounts_settings */
    const struct guard_limits *limits;
};

/* Not what was sent before the guard saw anything or after the account was revoked, nor from where
 * its owner used to send before that; and nothing, when the revoking was undone. Thread-safe, and
 * may wait for the disk. False: `e`. */
bool account_was_misused(struct account_book *b, const struct misuse_question *q, bool *was,
                         struct error *e);

#endif
