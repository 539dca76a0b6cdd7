/* How full a Maildir is: the messages in new/ and cur/ and in those of its Maildir++ subfolders
 * (".Name"), but not those in ".Trash" and below it, nor those that are marked as deleted (flag T).
 * Counted once, then remembered for as long as the directories were not changed by others; and kept
 * in the file that others read and write too (maildirsize.h). */
#ifndef DELIVER_MAILDIR_USAGE_H
#define DELIVER_MAILDIR_USAGE_H

#include "deliver/maildirsize.h"

struct maildir_usage;

/* `path` of the mailbox: lives as long as the usage. */
struct maildir_usage *maildir_usage_new(struct disk *d, const char *path);
void maildir_usage_free(struct maildir_usage **u);

/* For the first time in a process: what the file says, if it is valid and no directory has changed
 * since it was written. Else nothing, and the first update counts. */
void maildir_usage_adopt(struct maildir_usage *u, struct maildir_amount limits, int64_t now_ms);

/* Brings the count up to date as cheaply as can be: a few stat(2) when nothing has changed. It may
 * be a little off while others change new/ in the very moment in which we deliver; then
 * maildir_usage_is_exact says no. Returns 0 or -errno. */
int maildir_usage_update(struct maildir_usage *u, int64_t now_ms);
bool maildir_usage_is_exact(const struct maildir_usage *u);
/* Counts all of it anew. Whoever is about to say "full" does this first unless it is exact. */
int maildir_usage_recount(struct maildir_usage *u, int64_t now_ms);

/* What is there, with what was reserved. */
struct maildir_amount maildir_usage_total(const struct maildir_usage *u);

/* Our own deliveries: reserve a message that will go to new/; then it is there, or given up. After
 * some that are there, settle: what new/ looks like now is our own doing. */
void maildir_usage_reserve(struct maildir_usage *u, uint64_t bytes);
void maildir_usage_give_up(struct maildir_usage *u, uint64_t bytes);
void maildir_usage_is_there(struct maildir_usage *u, uint64_t bytes);
void maildir_usage_settle(struct maildir_usage *u);

/* `came` was delivered, and settled: the file tells it. It is made anew where it is wrong. That it
 * can't be written is no reason not to deliver: 0 or -errno. */
int maildir_usage_tell(struct maildir_usage *u, struct maildir_amount limits,
                       struct maildir_amount came);

/* The size that a file's name tells: "1.2.host,S=1234:2,S" 1234 (Maildir++). False: none. */
bool maildir_size_in_name(struct span name, uint64_t *size);
/* Marked as deleted: "1.2.host,S=1234:2,ST". */
bool maildir_name_is_deleted(struct span name);

#endif
