/* In whose language, and in whose words, a notice is written: what the users' table, the options
 * and the operator's own texts say of it. */
#ifndef RECEIVE_NOTICE_LANGUAGE_H
#define RECEIVE_NOTICE_LANGUAGE_H

#include "address/directory.h"
#include "bounce/own_texts.h"
#include "bounce/write.h"

/* The operator's words, from the files of the option notice-texts; the caller's reference. NULL:
 * `e`, one file can't be used. `left_out` hears, with file and line, of each text that is not used;
 * what is built in is said in its place. */
struct own_texts *notice_texts_load(const struct options *o,
                                    void (*left_out)(void *arg, const char *words), void *arg,
                                    struct error *e);

/* Read a file of them into `t`. False: it can't be read, and `e` says why; or used, of which
 * `faults` heard, and `e` is empty. */
bool notice_texts_read(struct own_texts *t, const char *path, const struct text_faults *faults,
                       struct own_texts_found *found, struct error *e);

/* Set language and form of the notice to `r->to` (report_choose). `t`: as long as `r` is used. */
void notice_choose(struct report *r, const struct options *o, const struct directory *d,
                   const struct own_texts *t);

/* In which language whoever has this mailbox is told of it. */
const struct language *notice_language_at(const struct options *o, const struct directory *d,
                                          struct span mailbox);

#endif
