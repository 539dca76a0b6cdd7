/* Mail handed in to our own server, whether it runs or not: through its drop folder. */
#ifndef CLI_HANDING_IN_H
#define CLI_HANDING_IN_H

#include "config/options.h"
#include "receive/drop_file.h"

/* 0: it is on disk, and as safe as that; else an exit status of sysexits.h, and it was said. */
int hand_in_file(const struct options *o, const struct drop_file *f);

#endif
