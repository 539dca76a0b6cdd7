/* What the files that read notices share (read_*.c); not for others.
 *
 * The order is that of read.c: what the header tells (read_signs.c); what was returned, in a part
 * or quoted (read_returned.c), is cut off the words; then the first that can names the recipients:
 * the machine-readable parts (read_report.c), the table of a digest (read_table.c), an event in
 * JSON (read_event.c), the words (read_dialect.c). What fields leave out is taken from the words
 * (read_transcript.c, read_hosts.c). Then what it is (read_kind.c), who wrote it (read_agent.c),
 * and why (read_cause.c). A notice may be inside of another message: read.c goes there when the
 * outer one says nothing of its own.
 */
#ifndef BOUNCE_READ_INSIDE_H
#define BOUNCE_READ_INSIDE_H

#include "base/arena.h"
#include "bounce/folded.h"
#include "bounce/notice.h"
#include "bounce/spotted.h"
#include "bounce/survey.h"

/* What the header says of who wrote it, and why. */
struct signs {
    bool is_daemon;      /* its sender is the address of a mail system */
    bool is_null_sender; /* Return-Path: <>, as notices have it (and automatic replies) */
    bool is_automatic;   /* a machine answers: RFC 3834, and the older fields */
    bool is_list;        /* it came by a mailing list */
    bool is_answer;      /* In-Reply-To, References, "Re:" */
    bool is_person;      /* a mail program wrote it, a person sent it */
    bool is_receipt;     /* RFC 8098, and its older kin: "Read: …" */
    bool is_return;      /* a null sender, and a message that comes back */
    bool is_pasted;      /* text out of a mail program, whose header is gone */
    enum notice_kind report_of_day; /* a DMARC or TLS report; NOT_A_BOUNCE: neither */
    enum notice_kind claim;         /* what its subject calls itself; NOT_A_BOUNCE: nothing */
    bool claim_is_sure;             /* … in words that hardly mean anything else */
};

struct reading {
    const struct survey *survey;
    struct notice *notice;
    struct arena *arena;
    size_t room; /* of notice->recipients */
    struct signs signs;
    struct folded from, subject, words; /* of the notice itself; words: the first of its text */
    struct spotted spotted;             /* its text, with what it quotes */
    struct notice_recipient orphan;     /* what a report says of somebody whom it does not name */
    struct span only_failed;            /* the one address of X-Failed-Recipients, for a report */
    bool is_structured;                 /* a machine-readable part named the recipients */
    bool names_as_notice;               /* its words name recipients as notices do */
    bool is_complaint;                  /* read_event.c: about spam */
    bool tells_of_flood;                /* read_table.c: our digest of notices that were kept out */
};

/* reading.c: a new recipient, or NULL when there are too many. */
struct notice_recipient *reading_add(struct reading *r, struct span address);
/* The one of that address (final or original), or NULL. */
struct notice_recipient *reading_find(struct reading *r, struct span address);

/* read_signs.c: from the header; what comes later may rely on it. */
void read_signs(struct reading *r);
/* Is the (first) address of a folded From field that of a mail system? */
bool read_is_daemon_address(struct span from);

/* read_report_of_day.c: by subject, types and names of files; what is in them is not looked at. */
enum notice_kind read_report_of_day(const struct reading *r);

/* read_report.c: RFC 3464, 6533. False: there is nothing that says anything of a recipient. */
bool read_report(struct reading *r);
/* read_table.c: the table that is attached to our digests. */
bool read_table(struct reading *r);
/* read_event.c: the JSON of a mail service. */
bool read_event(struct reading *r);
/* read_transcript.c: what a report leaves out and the text beside it tells: replies, codes. */
void read_transcript(struct reading *r);

/* read_codes.c: the status and the code that stand in a text, if they do; what is set already
 * stays, but a status that says nothing ("5.0.0") gives way to one that does. */
void read_codes(struct notice_recipient *to, struct span text);
bool read_status_at(struct span text, struct status *s); /* "5.1.1" at the start, as a word */
void read_take_status(struct status *kept, struct status found);

/* read_returned.c: fills in notice->original from a returned part, or from what the text quotes;
 * cuts that off notice->text. */
void read_returned(struct reading *r);

/* read_dialect.c: notices in free text. False: no dialect knows it. */
bool read_dialect(struct reading *r);

/* read_feedback.c: "somebody pressed: this is spam", RFC 5965 and older forms. False: it is none.
 */
bool read_feedback(struct reading *r);

/* read_kind.c: what it is, when all has been read. */
enum notice_kind read_kind(struct reading *r);

/* read_hosts.c: which host reports, and which one each recipient's failed at, as the words tell. */
void read_hosts(struct reading *r);

/* read_agent.c: who wrote it; "" when it does not show. */
const char *read_agent(struct reading *r);

/* read_cause.c: of each recipient. */
void read_causes(struct reading *r);

#endif
