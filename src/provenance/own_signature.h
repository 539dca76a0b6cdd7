/* What one of our own DKIM signatures says of a returned message: did it leave from here? Pure.
 *
 * YES needs a signature that holds over what was returned. It may have expired meanwhile; its
 * domain may only be trying DKIM; the header may have been folded anew, or lost fields that were
 * not signed: it left from here all the same. It must cover more than who it is from, and of the
 * fields that a person is shown none may stand there once more, unsigned.
 *
 * That a signature does not hold says little. Whatever passes a message on may rewrite its header
 * (Exchange builds it anew, gateways put a word before the subject, lists do both, others convert
 * the content and its fields), those who report may cut it, fold it or decode it, the key may have
 * been replaced under its name, and where our own server signs before it rewrites, none of our
 * signatures holds. All of that is far more common than somebody who takes a signature of ours for
 * a message of theirs, which gains them nothing. So it is UNKNOWN, and NO needs proof: the
 * signature was made with our very key (which RSA can tell), and for a message that was signed long
 * before this one was written. Nobody on the way has a reason to change when a message was written;
 * so the header is another's, if it is whole and none of the signed fields is missing from it. */
#ifndef PROVENANCE_OWN_SIGNATURE_H
#define PROVENANCE_OWN_SIGNATURE_H

#include "auth/dkim_key.h"
#include "auth/dkim_signature.h"
#include "bounce/judge.h"

/* Does the header say that it is from one of `e->me`? A provider signs for all whose mail it keeps,
 * so its signature proves nothing of a message that names another of them. */
bool own_signature_is_for(const struct evidence *e, const struct notice_original *o);

/* `s` stands in `o->header`, is one of ours, and `k` is its key. (A key that is not to be had is
 * UNKNOWN: it may have been replaced since.) */
enum answer own_signature_answer(const struct notice_original *o, const struct dkim_signature *s,
                                 const struct dkim_key *k);

#endif
