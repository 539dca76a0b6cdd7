/* The clocks of the system; whoever is pure gets their readings as arguments. */
#ifndef SYS_CLOCK_H
#define SYS_CLOCK_H

#include <stdint.h>

int64_t clock_now_ms(void);                /* since 1970 UTC; may be set back and forth */
int64_t clock_now_us(void);                /* the same in microseconds */
int64_t clock_monotonic_ms(void);          /* for time-outs */
int64_t clock_monotonic_us(void);          /* for what took how long */
int clock_offset_minutes(int64_t time_ms); /* of local time from UTC at that moment */

#endif
