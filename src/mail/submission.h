/* A message as a program of this machine hands it in, made fit to be sent: RFC 6409 8, and what
 * sendmail(1) has always done. Pure. */
#ifndef MAIL_SUBMISSION_H
#define MAIL_SUBMISSION_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

/* Who hands it in, and when. */
struct submitter {
    struct span hostname; /* the domain of addresses without one, and of the Message-ID */
    struct span address;  /* for From */
    struct span name;     /* for From; UTF-8, may be empty */
    int64_t now_ms;
    int offset_minutes; /* of local time from UTC */
    uint64_t random;    /* makes the Message-ID unique */
};

/* Where the line begins that holds a dot alone, or SPAN_NOT_FOUND. What stands before `seen` was
 * looked at when less was there; a dot at the very end of the text is one when `is_all`. */
size_t submission_end(struct span text, size_t seen, bool is_all);

/* CRLF line ends; a line "From …" of a mailbox file in front is left out. */
void submission_normal(struct buffer *out, struct span text);

/* Append the normal `message` with what it lacks: From, Date, Message-ID, domains in address
 * fields, the empty line behind the header. Bcc, Resent-Bcc and Return-Path are left out.
 * `is_resent`: Resent-From, Resent-Date and Resent-Message-ID are added to its newest block of
 * Resent- fields, if it has one. */
void submission_complete(struct buffer *out, struct span message, bool is_resent,
                         const struct submitter *s);

/* Recipients, each once. Starts as all zeros but for `most` and `hostname`. */
struct submission_recipients {
    struct span hostname; /* for addresses without a domain */
    size_t most;
    struct span *addresses;
    size_t count, room;
};

/* Add those of a list ("bob, Carol <carol@example.org>"); everything lives in `a`. False: `e` says
 * what can't be read. */
bool submission_add_list(struct submission_recipients *r, struct span list, struct arena *a,
                         struct error *e);
/* Add those that the header of a normal message names: in To, Cc and Bcc, or, when it is sent again
 * (RFC 5322 3.6.6), in the newest Resent-To, Resent-Cc and Resent-Bcc. */
bool submission_add_header(struct submission_recipients *r, struct span message, struct arena *a,
                           struct error *e);

#endif
