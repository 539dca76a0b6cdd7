/* To whom what becomes of mail is told, for programs.
 *
 *     file PATH           a line for each event is added to it
 *     command COMMAND     is run with the lines on its standard input
 *     webhook URL         gets them by HTTP
 *
 * Pure. */
#ifndef CONFIG_EVENT_SINK_H
#define CONFIG_EVENT_SINK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum event_sink_kind { EVENT_SINK_FILE, EVENT_SINK_COMMAND, EVENT_SINK_WEBHOOK };
#define EVENT_SINK_KINDS 3

struct event_sink {
    enum event_sink_kind kind;
    struct span target; /* path, command line, URL; NUL-terminated */
};

const char *event_sink_word(enum event_sink_kind kind); /* "webhook" */

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool event_sink_parse(const struct span *words, size_t count, struct event_sink *s, struct arena *a,
                      struct error *problem);
void event_sink_print(struct buffer *out, const struct event_sink *s);

#endif
