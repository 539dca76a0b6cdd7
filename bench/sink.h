/* An SMTP server that takes all mail and keeps none. Each arrival is told to the tally. */
#ifndef BENCH_SINK_H
#define BENCH_SINK_H

#include "base/error.h"
#include "sys/net.h"
#include "tally.h"
#include "wire.h"

struct sink;

struct sink *sink_listen(struct wires *wires, const struct net_address *at, struct tally *t,
                         struct error *e);
void sink_free(struct sink **s);

#endif
