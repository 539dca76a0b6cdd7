/* Asking the DNS for DKIM keys, one after the other, with patience that ends. */
#ifndef CLI_KEY_QUESTIONS_H
#define CLI_KEY_QUESTIONS_H

#include "auth/dkim_key.h"

struct key_questions;

enum {
    PATIENCE_MS = 2000,  /* for one answer */
    MOST_SILENCES = 2,   /* then nothing is asked any more; said on standard error */
    MOST_QUESTIONS = 500 /* likewise: selectors come from outside */
};

/* `server`: "system", or ADDRESS:PORT. NULL and `e`. */
struct key_questions *key_questions_new(struct span server, struct error *e);
void key_questions_free(struct key_questions **q);

/* The key at that name, living in `a`. False: there is none, or no answer. Not for two threads at
 * once. */
bool key_questions_ask(struct key_questions *q, const char *name, struct dkim_key *key,
                       struct arena *a);

#endif
