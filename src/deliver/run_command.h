/* A user's command: run by sh(1) in a process group of its own, with a message on its standard
 * input, an environment that holds nothing of ours, and limits. By a process that has the user's
 * rights already. Blocking. */
#ifndef DELIVER_RUN_COMMAND_H
#define DELIVER_RUN_COMMAND_H

#include "base/arena.h"
#include "outcome/outcome.h"

struct command {
    const char *line; /* without the "|" */
    int input;        /* descriptor: standard input */
    char *const *environment;
    int64_t most_ms; /* then the process group is killed */
};

enum { MOST_OUTPUT = 4096 /* bytes that are kept; more is read and thrown away */ };

/* The outcome by the exit status, in terms of sysexits.h, and what the command said, verbatim; an
 * enhanced status code at its beginning counts. Texts live in `a`. */
struct outcome run_command(const struct command *c, struct arena *a);

/* Pure: what an exit status means, as waitpid(2) has it. `output` as above. */
struct outcome command_outcome(int wait_status, struct span output, struct arena *a);

#endif
