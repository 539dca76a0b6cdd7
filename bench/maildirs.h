/* Maildirs that are watched for what arrives in them. Each arrival is told to the tally. */
#ifndef BENCH_MAILDIRS_H
#define BENCH_MAILDIRS_H

#include "base/error.h"
#include "tally.h"
#include "wire.h"

struct maildirs;

/* `directory`/u0 to u99, each with a "new" in it. */
struct maildirs *maildirs_watch(struct wires *wires, const char *directory, struct tally *t,
                                struct error *e);
void maildirs_free(struct maildirs **m);

/* The kernel had to drop some of its news: what arrived is not known. */
bool maildirs_missed_some(const struct maildirs *m);

#endif
