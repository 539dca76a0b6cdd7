/* Beside what became of mail: a certificate of this server that ends soon, or is over, may be why
 * some does not come. */
#ifndef CLI_CERTIFICATE_NOTE_H
#define CLI_CERTIFICATE_NOTE_H

#include "config/options.h"

/* A line for each on standard error, behind what stands on standard output; for those that can't be
 * read, none. */
void certificate_notes(const struct options *o);

#endif
