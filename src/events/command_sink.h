/* A command of the operator's that takes lines: run by sh(1) in a process group of its own, with
 * the lines on its standard input. */
#ifndef EVENTS_COMMAND_SINK_H
#define EVENTS_COMMAND_SINK_H

#include "base/error.h"
#include "base/span.h"

enum { COMMAND_SINK_MS = 60000 /* it may take so long */ };

/* Blocking. `interrupt`: a descriptor; as soon as it can be read the command is killed. False: `e`
 * says why it has not taken them. */
bool command_sink_run(const char *command, struct span lines, int interrupt, struct error *e);

#endif
