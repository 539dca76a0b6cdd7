/* Delivery into Maildirs: written to tmp/, synced, renamed into new/, the directory synced; only
 * then is it told as delivered. Blocking; over the file layer. Several deliveries share their
 * syncs. A delivery that is repeated after a crash does no harm while the first one's file is
 * still in new/: the name of the file comes from the message's id and the recipient, not from
 * the clock. A mailbox, or a directory on the way to it, that is not there is made. */
#ifndef DELIVER_MAILDIR_H
#define DELIVER_MAILDIR_H

#include "address/directory.h"
#include "address/rooms.h"
#include "base/arena.h"
#include "base/error.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"
#include "sys/file.h"

struct maildir; /* remembers usage of mailboxes with a quota between deliveries */

/* `hostname` is copied; it becomes part of the files' names. */
struct maildir *maildir_new(struct disk *d, struct span hostname);
void maildir_free(struct maildir **m);

struct maildir_job {
    /* in */
    const struct mailbox *mailbox;
    struct span folder; /* ".Junk", a folder of it (Maildir++), made when it is not there; empty:
                           the mailbox itself */
    message_id id;
    size_t recipient;         /* with id: makes the file name */
    struct span reverse_path; /* for Return-Path */
    struct span address;      /* for Delivered-To */
    int64_t now_ms;
    /* The message as stored (CRLF), in pieces: bytes read, 0 at the end, or -errno. */
    ssize_t (*read)(void *arg, uint64_t offset, void *at, size_t len);
    void *arg;
    uint64_t size;
    bool is_binary;       /* it is no text: CRLF stays CRLF, as it may be no line end */
    bool is_full_for_now; /* a full mailbox delays, in place of failing */
    /* out */
    struct outcome outcome; /* texts in `arena`; they never tell a path */
    uint64_t room;          /* bytes that are left in the mailbox, ROOM_AMPLE: without a quota */
    struct error log;       /* for the operator: what is wrong and what to do; empty: nothing is */
    struct arena *arena;
};

/* Deliver all; each gets its own outcome:
 *     DELIVERED          whole, and it survives a power cut
 *     FAILED  5.2.2      inbox-full: over the quota; DELAYED 4.2.2 when that is for now
 *     FAILED  5.2.3      message-too-large: it alone is larger than the quota
 *     DELAYED 4.3.1      server-problem, storage: the disk is full
 *     DELAYED 4.3.0      server-problem: anything else; `log` says what
 * One thread at a time for one struct maildir, and deliveries to one mailbox through one struct
 * maildir only (it remembers how full the mailbox is). */
void maildir_deliver(struct maildir *m, struct maildir_job *jobs, size_t count);

/* Bytes that are left in it now; ROOM_AMPLE: without a quota, or it can't be told. */
uint64_t maildir_room(struct maildir *m, const struct mailbox *mailbox, int64_t now_ms);

#endif
