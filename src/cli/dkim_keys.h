/* The keys of our own DKIM signatures: those that were named, and those that the DNS has. */
#ifndef CLI_DKIM_KEYS_H
#define CLI_DKIM_KEYS_H

#include "auth/dkim_key.h"
#include "auth/dkim_signature.h"
#include "cli/explain_wishes.h"

struct dkim_keys;

/* Reads the files that were named. NULL and `e`: one of them has no key that works. */
struct dkim_keys *dkim_keys_new(const struct explain_wishes *w, struct error *e);
void dkim_keys_free(struct dkim_keys **k);

/* The key of a signature, or NULL: its domain is not ours, or there is no such key, or it is not to
 * be had. It lives as long as the keys. Thread-safe; waits for the DNS if that was asked for, once
 * for each selector and domain. `is_from_me`: the message is from one of --me; the DNS, which has
 * the keys of those who sign for many, is asked for no other. */
const struct dkim_key *dkim_keys_find(struct dkim_keys *k, const struct dkim_signature *s,
                                      bool is_from_me);

#endif
