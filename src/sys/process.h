/* This process, as the system sees it. */
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

/* Its memory is nobody's business: no core file is written of it, whatever the limits are and
 * wherever the system puts them, and only root may look inside. */
void process_hide(void);

#endif
