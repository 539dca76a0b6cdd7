/* What the system says of this process. */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include <stdint.h>

struct process_figures {
    uint64_t cpu_us; /* user and system time, of all threads */
    uint64_t virtual_bytes, resident_bytes;
    uint64_t descriptors, most_descriptors;
};

/* What it does not say is 0. */
void process_figures(struct process_figures *f);

#endif
