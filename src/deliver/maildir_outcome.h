/* The outcomes of deliveries into mailboxes: what the sender is told, and what the operator is. */
#ifndef DELIVER_MAILDIR_OUTCOME_H
#define DELIVER_MAILDIR_OUTCOME_H

#include "deliver/maildir.h"

void maildir_is_delivered(struct maildir_job *j);
/* The fields that every mailbox gets before the message: Return-Path, Delivered-To. With LF. */
void maildir_add_fields(struct buffer *out, const struct maildir_job *j);
void mbox_is_in_use(struct maildir_job *j); /* another program holds its lock */
void maildir_is_full(struct maildir_job *j);
void maildir_is_too_small(struct maildir_job *j, uint64_t bytes); /* the message needs `bytes` */
/* `tried`: "create a file in tmp/", behind "could not". `error` is -errno. */
void maildir_has_trouble(struct maildir_job *j, const char *tried, int error);

#endif
