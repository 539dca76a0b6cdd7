/* Greylisting (entry/greylist.h) for all sessions, and over restarts. Asking waits for no disk:
 * what has changed is written by the next flush, once a second. What a crash takes away is that
 * second, and somebody waits once more. Thread-safe. */
#ifndef STORE_GREYLIST_FILE_H
#define STORE_GREYLIST_FILE_H

#include "base/error.h"
#include "entry/greylist.h"

struct greylist_file;

/* Opens, or makes, the database, and reads it. NULL: `e`. */
struct greylist_file *greylist_file_open(const char *path, const struct greylist_settings *s,
                                         struct error *e);
void greylist_file_close(struct greylist_file **f); /* what was not flushed is lost */
void greylist_file_set(struct greylist_file *f, const struct greylist_settings *s);

/* As of entry/greylist.h. */
enum greylist_answer greylist_file_ask(struct greylist_file *f, const unsigned char client[16],
                                       struct span sender, struct span recipient, int64_t now_ms,
                                       int64_t *wait_ms);
enum greylist_answer greylist_file_look(struct greylist_file *f, const unsigned char client[16],
                                        struct span sender, struct span recipient, int64_t now_ms,
                                        int64_t *wait_ms);

/* Writes what has changed; blocks. False: `e`, and it is written by the next one that can. */
bool greylist_file_flush(struct greylist_file *f, struct error *e);

size_t greylist_file_count(struct greylist_file *f, bool is_known);

#endif
