/* Why something failed, in words that can be shown to a person: what was tried, on what, and why
 * it did not work. A function that can fail takes a `struct error *` (never NULL) and writes to it
 * only when it fails. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

struct error {
    char text[512];
};

/* Both return false, so that a caller can write `return error_set(e, "…");`. */
bool error_set(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, with ": " and the words for `errno_value` behind it. */
bool error_system(struct error *e, int errno_value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
