/* Sessions need descriptors: as many as the system lets us have. */
#ifndef DAEMON_DESCRIPTORS_H
#define DAEMON_DESCRIPTORS_H

void descriptors_raise_limit(void);

#endif
