#include "sys/chance.h"

#include <sys/random.h>

/* Splitmix64, begun by the system's chance in each thread. */
uint64_t random_number(void)
{
    static _Thread_local uint64_t state;
    while (!state && getrandom(&state, sizeof state, 0) != (long)sizeof state)
        ;
    uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}
