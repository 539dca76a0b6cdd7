/* The judge that signs what users send; for the files about sessions. */
#ifndef RECEIVE_SIGNATURE_H
#define RECEIVE_SIGNATURE_H

#include "receive/inside.h"

judge_fn judge_signature; /* takes all */
/* What signers_sign said, for metrics. */
void signature_count(bool is_done, struct span names);
void signature_forget(struct session *s);

#endif
