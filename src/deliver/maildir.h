/* Delivery into Maildirs: written to tmp/, synced, renamed into new/, the directory synced; only
 * then is it told as delivered. Blocking; over the file layer. Several deliveries share their
 * syncs. */
#ifndef DELIVER_MAILDIR_H
#define DELIVER_MAILDIR_H

#include "address/directory.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"
#include "sys/file.h"

struct maildir; /* remembers usage of mailboxes with a quota between deliveries */

struct maildir *maildir_new(struct disk *d, struct span hostname);
void maildir_free(struct maildir **m);

struct maildir_job {
    /* in */
    const struct mailbox *mailbox;
    message_id id;
    size_t recipient;         /* with id: makes the file name */
    struct span reverse_path; /* for Return-Path */
    struct span address;      /* for Delivered-To */
    int64_t now_ms;
    /* The message as stored (CRLF), in pieces: bytes read, 0 at the end, or -errno. */
    ssize_t (*read)(void *arg, uint64_t offset, void *at, size_t len);
    void *arg;
    uint64_t size;
    /* out */
    struct outcome outcome; /* texts in `arena` */
    struct arena *arena;
};

/* Deliver all; each gets its own outcome. One thread at a time for one struct maildir. */
void maildir_deliver(struct maildir *m, struct maildir_job *jobs, size_t count);

#endif
