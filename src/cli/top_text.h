/* What "plainpost top" shows. Pure. */
#ifndef CLI_TOP_TEXT_H
#define CLI_TOP_TEXT_H

#include "base/buffer.h"

#include <jansson.h>

struct top_screen {
    size_t rows, columns; /* 0 rows: as many as it takes */
    bool has_looks;       /* a terminal: bold, and each line clears its rest */
    int offset_minutes;   /* of local time from UTC */
};

/* `now`: the server's answer; `before`: an earlier one, for what happens in a second, or NULL. */
void top_draw(struct buffer *out, const struct top_screen *s, struct span hostname, json_t *now,
              json_t *before);

#endif
