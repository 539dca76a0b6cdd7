/* A limit of the guard of accounts, as it stands behind "guard-limit":
 *
 *     new-hour 60
 *
 * Pure. */
#ifndef CONFIG_GUARD_SETTING_H
#define CONFIG_GUARD_SETTING_H

#include "base/arena.h"
#include "base/buffer.h"
#include "guard/limits.h"

struct guard_setting {
    struct span name; /* of guard/limits.h */
    struct span value;
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool guard_setting_parse(const struct span *words, size_t count, struct guard_setting *s,
                         struct arena *a, struct error *problem);
void guard_setting_print(struct buffer *out, const struct guard_setting *s);
/* The usual ones, but for these. */
struct guard_limits guard_settings_limits(const struct guard_setting *s, size_t count);

#endif
