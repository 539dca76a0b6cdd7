/* Answers an authority's questions (acme/challenge.h) by HTTP, and nothing else. */
#ifndef WEB_CHALLENGES_H
#define WEB_CHALLENGES_H

#include "config/options.h"

struct challenges;

/* Listens on the options' "acme-listen", if there is an "acme-certificate". NULL: `e`. */
struct challenges *challenges_new(const struct options *o, struct error *e);
void challenges_free(struct challenges **c);

#endif
