/* The texts that our notices are made of: those that an operator may replace (own_texts.h). The
 * table is made at build time by notice_texts.py. Pure. */
#ifndef BOUNCE_NOTICE_TEXTS_H
#define BOUNCE_NOTICE_TEXTS_H

#include "base/error.h"
#include "bounce/words.h"

enum text_place {
    TEXT_IN_SUBJECT,
    TEXT_IN_NOTICE,
    TEXT_OF_CAUSE,
    TEXT_IN_DETAILS,
    TEXT_IN_TIME,
    TEXT_IN_DIGEST,
    TEXT_IN_LETTER,  /* about an account, or to a user about what he sends */
    TEXT_OF_OPERATOR /* the one that is empty unless the operator fills it in */
};

struct notice_text {
    const char *english, *plural; /* plural: NULL where nothing depends on a number */
    const char *remark;           /* for translators: what stands for "%1"; lines by LF; or "" */
    enum text_place place;
};

extern const struct notice_text notice_texts[]; /* by place */
extern const size_t notice_text_count;

/* The operator's own: in no catalogue. */
extern const struct notice_text notice_help;

/* `notice_help` too; NULL: no notice says so. */
const struct notice_text *notice_text_find(struct span english);

/* May `text` stand for it in language `l`, as the form `form` (0 where nothing depends on a
 * number)? False: `why` says what is wrong with it, for whoever wrote it. */
bool notice_text_check(const struct notice_text *of, const struct language *l, size_t form,
                       struct span text, struct error *why);

#endif
