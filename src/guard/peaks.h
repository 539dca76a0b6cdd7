/* The most that an account has ever done, within the last weeks: its own record. Pure. */
#ifndef GUARD_PEAKS_H
#define GUARD_PEAKS_H

#include <stdint.h>

enum peak { PEAK_NEW_HOUR, PEAK_NEW_DAY, PEAK_RECIPIENTS, PEAK_KINDS };
enum { PEAK_WEEKS = 8 };

struct peaks {
    uint32_t day; /* since 1970, that `today` is of */
    uint16_t today[PEAK_KINDS];
    uint16_t weeks[PEAK_WEEKS][PEAK_KINDS]; /* the week of `day` stands at day / 7 % PEAK_WEEKS */
};

void peaks_note(struct peaks *p, enum peak kind, int64_t now_ms, uint32_t count);
/* Of the days before today, as far back as seven to eight weeks. */
uint32_t peaks_of(const struct peaks *p, enum peak kind, int64_t now_ms);

#endif
