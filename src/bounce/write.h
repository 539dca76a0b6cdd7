/* Write a delivery status notification: RFC 3461 6, 3464, 6522, 6533. Pure: time, ids and the
 * original are arguments. Its text comes from the table of causes. */
#ifndef BOUNCE_WRITE_H
#define BOUNCE_WRITE_H

#include "base/arena.h"
#include "bounce/words.h"
#include "outcome/envelope.h"
#include "outcome/outcome.h"

struct own_texts;

struct report_recipient {
    size_t recipient; /* index into the original's envelope: under its address it is told */
    /* The latest, and what is told: FAILED, DELAYED, DELIVERED, RELAYED or EXPANDED. */
    const struct outcome *outcome;
    unsigned attempts;
    int64_t retry_until_ms; /* DELAYED: when it is given up; 0: not known */
    bool is_late;           /* DELAYED: it should have arrived by now (RFC 2852) */
    struct span meant;      /* an address that is spelled almost the same, to which the sender has
                               written;      empty: none is known */
    int64_t meant_ms;       /* when */
    const struct outcome *earlier; /* of the attempts before, oldest first; may be none */
    size_t earlier_count;
};

struct report {
    struct span hostname; /* ours: Reporting-MTA, Message-ID, the address of mailer-daemon */
    message_id id;        /* the notification's own */
    int64_t now_ms;
    int offset_minutes; /* of our clock from UTC, for the times that people read */
    const struct envelope *original;
    struct span to; /* who is told: the original's reverse-path, or that of a list's owner */
    bool is_for_postmaster; /* in their place: the original is a notice of ours, or its return path
                               is forged; and it has FAILED */
    /* The original, as much as the caller has of it: at least its header. RET=FULL returns it whole
     * when `is_whole` and it is not binary, and no line of it has over 998 octets, else the header
     * alone is returned (text/rfc822-headers). */
    struct span message;
    bool is_whole;
    const struct report_recipient *recipients; /* those that this notice tells of; at least one */
    size_t recipient_count;
    /* Addresses of this message that did get it, as far as known (a line of the text); may be
     * empty. */
    const struct span *received;
    size_t received_count;
    const struct language *language; /* of what people read; NULL: English */
    bool is_plain;                   /* a list or a program wrote the original: text without card */
};

/* In which language a notice is to be, as far as somebody has set it; NULL: nobody has. */
struct report_wishes {
    const struct language *of_sender; /* for who is told, */
    const struct language *of_domain; /* or for that domain */
    const struct language *standard;
    const struct own_texts *texts; /* the operator's words */
};

/* Set `language` and `is_plain`: that of the sender; the first language that we speak in the
 * Content-Language of `r->message`, else in its Accept-Language; that of the domain; the standard
 * one, or English. It has the operator's words, and lives as long as they. What bears List-Id,
 * Precedence bulk, list or junk, or Auto-Submitted other than "no" was not written by a person. The
 * message says nothing of postmaster, who has not written it. */
void report_choose(struct report *r, const struct report_wishes *w);

/* Append the complete message (header, CRLF line ends, 7-bit unless the returned part is 8-bit).
 * When the result holds octets above 127 `*is_8bit` is true. All that came from outside is bounded
 * and made harmless. */
void report_write(struct buffer *out, const struct report *r, bool *is_8bit);

#endif
