/* The watch over the tables of users, aliases and recipients: once a second it is looked whether
 * one has changed, and all are read again then, by a worker. With a million users that takes
 * seconds; nobody waits for it, and the pause after it is longer than it took. */
#ifndef DAEMON_TABLES_H
#define DAEMON_TABLES_H

#include "address/directory.h"
#include "sys/worker.h"

struct tables_settings {
    const struct options *options;
    struct loop *loop;
    struct workers *workers;
    /* In the loop: what they say now; the callee's. */
    void (*changed)(void *arg, struct directory *d);
    void *arg;
};

struct tables;

/* Takes over `marks`, of the directory that was loaded first. */
struct tables *tables_watch(const struct tables_settings *s, struct file_marks *marks);
/* Other options count from now on, and `marks` (taken over) of the directory that they led to. */
void tables_renew(struct tables *t, const struct options *o, struct file_marks *marks);
/* After the workers were freed, and their last answers taken. */
void tables_free(struct tables **t);

#endif
