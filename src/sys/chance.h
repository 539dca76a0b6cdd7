/* Chance: for spreading load and telling lives apart, not for secrets. Thread-safe. */
#ifndef SYS_CHANCE_H
#define SYS_CHANCE_H

#include <stdint.h>

uint64_t random_number(void);

#endif
