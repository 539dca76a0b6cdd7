/* What the files about conversations share, and nobody else sees. */
#ifndef MILTER_DIALOGUE_INSIDE_H
#define MILTER_DIALOGUE_INSIDE_H

#include "mail/header.h"
#include "milter/dialogue.h"

enum step {
    STEP_NEGOTIATE,
    STEP_CONNECT,
    STEP_HELO,
    STEP_MAIL,
    STEP_RCPT,
    STEP_DATA,
    STEP_HEADER,
    STEP_END_OF_HEADER,
    STEP_BODY,
    STEP_END,
    STEP_NONE
};

struct step_kind {
    const char *words; /* for people: the filter answered … to it */
    char command;
    enum milter_stage stage; /* whose macros go before it; MILTER_STAGES: none */
    uint32_t no, silent;     /* the flags by which it is left out, or not answered */
};

extern const struct step_kind dialogue_steps[];

struct dialogue {
    size_t most;
    struct buffer input; /* a packet that is not whole yet */
    /* As negotiated: */
    bool is_negotiated;
    uint32_t steps;
    struct arena lists;                /* of macros; */
    struct span macros[MILTER_STAGES]; /* which the filter asked for; else empty */
    bool has_macros[MILTER_STAGES];
    /* Of the client: */
    bool is_connected; /* the filter was told who it is, */
    bool is_greeted;   /* and what it said in HELO: */
    struct buffer client, helo;
    /* Of the message: */
    bool is_in_message; /* the filter was told of its sender, and not of its end */
    bool is_over;       /* it wants to hear no more of it, or of the client */
    bool client_is_over;
    struct changes changes;
    /* Of the question: */
    const struct milter_facts *facts;
    enum step step;
    bool waits;
    struct header_iterator fields;
    struct span body;
    enum milter_verdict verdict;
    struct reply reply;
    struct arena arena;        /* of `reply` */
    struct arena client_arena; /* likewise, where that is about the client */
    struct error failure;
};

/* ---- dialogue_says.c: the packets of the step at hand */

void dialogue_say_negotiation(struct buffer *out);
void dialogue_say_macros(const struct dialogue *c, struct buffer *out);
/* `field`: of STEP_HEADER. Of the body it takes the next piece. */
void dialogue_say_step(struct dialogue *c, const struct header_field *field, struct buffer *out);
void dialogue_say_client(const struct milter_facts *f, struct buffer *out);

#endif
