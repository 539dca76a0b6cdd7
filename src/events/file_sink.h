/* Add lines to a file, durably: all of them, or none. Whoever reads it may rename or remove it at
 * any time (as logrotate does); then another one is begun. */
#ifndef EVENTS_FILE_SINK_H
#define EVENTS_FILE_SINK_H

#include "base/error.h"
#include "sys/file.h"

bool file_sink_add(struct disk *d, const char *path, struct span lines, struct error *e);

#endif
