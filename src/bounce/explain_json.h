/* What is said of a notice, for programs: a line of JSON. doc/explain-json.md describes it. Pure.
 */
#ifndef BOUNCE_EXPLAIN_JSON_H
#define BOUNCE_EXPLAIN_JSON_H

#include "bounce/advise.h"

void explain_json(struct buffer *out, struct span file, const struct notice *n,
                  const struct verdict *v, const struct advice *a);

#endif
