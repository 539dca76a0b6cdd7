/* How far a sink has come: the number of the event that it is to get next. It stands in a file of
 * its own, STATE/events/HASH, which is written anew, synced and renamed; so after a crash it is the
 * old or the new one, and the events between the two are told again, never left out. */
#ifndef EVENTS_PLACE_H
#define EVENTS_PLACE_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/event_sink.h"
#include "sys/file.h"

/* Makes STATE/events if it is not there, and appends the path of the sink's file. */
bool place_path(struct disk *d, struct span state, const struct event_sink *s, struct buffer *path,
                struct error *e);

/* 1: `number`; 0: there is none yet; -1: `e`. */
int place_load(struct disk *d, const char *path, uint64_t *number, struct error *e);
/* False: `e`; then the old one holds. */
bool place_save(struct disk *d, const char *path, const struct event_sink *s, uint64_t number,
                struct error *e);

#endif
