/* Runs a program to its end: with nothing on its standard input, in a process group of its own,
 * with files that nobody else can read (umask 077), and with no core file. Blocking. */
#ifndef SYS_CHILD_H
#define SYS_CHILD_H

#include "base/buffer.h"
#include "base/error.h"

struct child {
    const char *const *words;       /* the program, which is looked for where programs usually
                                       are, and what it is told; NULL at the end */
    const char *const *environment; /* "NAME=value", behind a PATH; NULL at the end */
    int64_t most_ms;                /* then all of its group is killed */
    int interrupt;                  /* a descriptor: likewise when it can be read; -1: none */
};

enum child_result {
    CHILD_ENDED,     /* by itself: `status` */
    CHILD_CRASHED,   /* by a signal: `status` is its number */
    CHILD_TOO_SLOW,  /* it was killed */
    CHILD_STOPPED,   /* likewise, by `interrupt` */
    CHILD_NOT_FOUND, /* there is no such program */
    CHILD_NOT_RUN    /* it could not be started: `status` is an errno */
};

enum { CHILD_MOST_SAID = 16 * 1024 };

/* Appends what it says, on both of its outputs: the last of it, at most CHILD_MOST_SAID octets. */
enum child_result child_run(const struct child *c, struct buffer *said, int *status);

#endif
