/* What a mail server says to one filter about one client and its messages, in the milter protocol
 * (packet.h), and what the filter answers: a state machine without I/O. Pure.
 *
 * The driver asks about a sender, then about each recipient, then about the message. Each time the
 * core writes to `out` and says what it waits for; the driver sends that, and hands in what comes.
 * The filter is told of what it wants to hear only, and before the sender of who the client is and
 * what it said in HELO, when it does not know that yet. */
#ifndef MILTER_DIALOGUE_H
#define MILTER_DIALOGUE_H

#include "milter/changes.h"

/* Numbers as of the protocol (SMFIM_*). */
enum milter_stage {
    MILTER_AT_CONNECT,
    MILTER_AT_HELO,
    MILTER_AT_MAIL,
    MILTER_AT_RCPT,
    MILTER_AT_DATA,
    MILTER_AT_END,
    MILTER_AT_END_OF_HEADER,
    MILTER_STAGES
};

/* What a filter may ask to be told beside the event itself; macros of Sendmail. */
struct milter_macro {
    const char *name; /* "j", "{client_addr}" */
    struct span value;
};

/* All that can be told; it lives until the answer is there. */
struct milter_facts {
    struct span client_name; /* of the host; empty: not known */
    char family;             /* '4', '6', 'L'; 'U': not known */
    uint16_t port;
    struct span client_address; /* "192.0.2.1", "2001:db8::1" */
    struct span helo;
    struct span reverse_path;    /* without brackets */
    struct span mail_parameters; /* parted by blanks */
    struct span recipient;       /* likewise */
    struct span rcpt_parameters;
    struct span message;
    const struct milter_macro *macros;
    size_t macro_count;
};

enum dialogue_wait {
    DIALOGUE_HAS_ANSWER,   /* dialogue_verdict */
    DIALOGUE_WAITS_FILTER, /* send `out`, then dialogue_input with what comes */
    DIALOGUE_WAITS_ROOM    /* send `out`, and call dialogue_go_on when that is done */
};

enum milter_verdict {
    MILTER_TAKES,
    MILTER_REFUSES,  /* dialogue_reply; with 421 the session is to end */
    MILTER_DISCARDS, /* the message is to be taken, and thrown away */
    MILTER_FAILED    /* dialogue_failure; nothing more can be said to it */
};

struct dialogue;

/* `most`: octets that a filter's changes of one message may have. */
struct dialogue *dialogue_new(size_t most);
void dialogue_free(struct dialogue **c);

/* At most one question at a time. After MILTER_FAILED no more. */
enum dialogue_wait dialogue_mail(struct dialogue *c, const struct milter_facts *f,
                                 struct buffer *out);
enum dialogue_wait dialogue_rcpt(struct dialogue *c, const struct milter_facts *f,
                                 struct buffer *out);
enum dialogue_wait dialogue_message(struct dialogue *c, const struct milter_facts *f,
                                    struct buffer *out);
/* What the filter has said. */
enum dialogue_wait dialogue_input(struct dialogue *c, struct span input, struct buffer *out);
enum dialogue_wait dialogue_go_on(struct dialogue *c, struct buffer *out);

/* The driver knows why it can't answer: "can't be reached: …". It has failed. */
void dialogue_fail(struct dialogue *c, const char *why);

enum milter_verdict dialogue_verdict(const struct dialogue *c);
struct reply dialogue_reply(const struct dialogue *c);  /* until the next question */
const char *dialogue_failure(const struct dialogue *c); /* words behind "the filter" */
/* What it wants changed, behind a message that it takes; until the next question. */
const struct changes *dialogue_changes(const struct dialogue *c);

/* It ends well, before the connection is closed. */
void dialogue_quit(struct dialogue *c, struct buffer *out);

#endif
