/* Which of our keys sign what a user sends? RFC 6376 5.1. Pure. */
#ifndef AUTH_DKIM_AUTHOR_H
#define AUTH_DKIM_AUTHOR_H

#include "auth/dkim_sign.h"

/* Sets is_chosen[i] for each key that speaks for an author of the message: of the very domain in
 * From, or else of the nearest one above it that has keys, up to the organizational domain. Of the
 * same domain all keys are chosen. None is, where mail programs could show another author than the
 * one that was looked at: without a From field or with several of them, and where it is not clear
 * where the header ends. How many were chosen. */
size_t dkim_author_choose(const struct dkim_signer *keys, size_t count, struct span message,
                          bool *is_chosen);

/* Takes those back whose domain has signed the message already, and that signature holds: it needs
 * no second one. Its body and, where one of our keys made it, its header are looked at; of others
 * there is no key at hand, and the body must do. How many are left. */
size_t dkim_author_leave_signed(const struct dkim_signer *keys, size_t count, struct span message,
                                bool *is_chosen);

#endif
