/* Who is greylisted, and what was refused: kept on disk. */
#ifndef DAEMON_NOTING_H
#define DAEMON_NOTING_H

#include "daemon/house.h"

bool house_open_notes(struct house *h, struct error *e);
bool house_write_notes(void *house, struct error *e); /* blocks; in any thread */
void noting_start(struct house *h);
void noting_set(struct house *h);  /* other options */
void noting_end(struct house *h);  /* after the askers, when no session runs any more */
void noting_free(struct house *h); /* when there are none */

#endif
