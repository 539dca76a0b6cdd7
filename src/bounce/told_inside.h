/* What the files that tell (told*.c) share; not for others. */
#ifndef BOUNCE_TOLD_INSIDE_H
#define BOUNCE_TOLD_INSIDE_H

#include "bounce/told.h"

struct told_group {
    const struct report_recipient *first;
    size_t count;
    const struct cause_text *text; /* NULL: they have got it */
};

/* told_groups.c: recipients by outcome and cause: the worst outcome first. */
struct told_groups {
    struct told_group *groups;
    size_t count;
    unsigned char *of; /* by recipient of the report */
};

/* What is said of this outcome; NULL: they have got it. */
const struct cause_text *told_text_of(const struct outcome *o);
struct told_groups told_group(const struct report *r, struct arena *a);
size_t told_count(const struct report *r, enum outcome_kind kind);
enum outcome_kind told_worst(const struct report *r);
struct span told_recipient(const struct report *r, size_t i); /* as it came */
void told_cause(struct told *t, const struct told_group *g);
void told_further(struct told *t, size_t count); /* "3 further recipients"; 0: nothing */

/* told_add.c: put down a block. */
void told_add(struct told *t, enum told_kind kind, struct span text);
void told_add_words(struct told *t, enum told_kind kind, const char *text);
void told_add_row(struct told *t, const char *label, struct span value);
void told_add_address(struct told *t, enum told_kind kind, struct span address);

/* Texts that live as long as `t`. */
struct span told_shown(struct told *t, struct span text, size_t most);
struct span told_time(struct told *t, int64_t time_ms, int offset_minutes);
struct span told_day(struct told *t, int64_t time_ms, int offset_minutes);
struct span told_number(struct told *t, size_t number);
struct span told_fill(struct told *t, const char *text, const struct span *with, size_t count);
#define SAY(t, english, ...)                                                                       \
    told_fill((t), words((t)->language, (english)), (const struct span[]){__VA_ARGS__},            \
              sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

/* told_postmaster.c: in place of all that is told to a sender. `lost`: NULL, or the notice of ours
 * that it is about. */
struct notice;
void told_to_postmaster(struct told *t, const struct report *r, const struct told_groups *g,
                        const struct notice *lost, bool is_short);

/* told_details.c */
struct notice_original;
void told_message(struct told *t, const struct report *r, const struct notice_original *o);
void told_details(struct told *t, const struct report *r);
struct span told_queue_id(struct told *t, const struct report *r);

/* told_help.c: the operator's own words; `id` is the queue id that they may name. */
void told_help(struct told *t, struct span id, bool needs_rule);
/* told_details.c: when, and the words of the server, at most `most` bytes of them. */
void told_attempt(struct told *t, struct span hostname, int offset_minutes, const struct outcome *o,
                  size_t most);

/* told_account.c */
struct span told_account_title(struct told *t, const struct account_letter *l);

/* told_changed.c: of a letter about what was changed; what to do is told_account.c's */
const char *told_changed_title(const struct told *t, const struct account_letter *l);
void told_changes(struct told *t, const struct account_letter *l);

/* told_how_many.c: how many notices were kept out. What is said of them, all and in short:
 * told_flood.c, told_misuse.c */
void told_how_many(struct told *t, const struct flood_digest *d);
void flood_tell(struct told *t, const struct flood_digest *d);
void flood_tell_short(struct told *t, const struct flood_digest *d);
void misuse_tell(struct told *t, const struct flood_digest *d);
void misuse_tell_short(struct told *t, const struct flood_digest *d);

/* told_digest.c */
struct span told_digest_title(struct told *t, const struct notice_digest *d);

#endif
