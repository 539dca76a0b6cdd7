/* What client.c and client_commands.c share. Nobody else includes this. */
#ifndef SMTP_CLIENT_INSIDE_H
#define SMTP_CLIENT_INSIDE_H

#include "smtp/client.h"
#include "smtp/dots.h"

enum client_phase {
    PHASE_GREETING,
    PHASE_EHLO,
    PHASE_HELO,
    PHASE_READY, /* no message */
    PHASE_FORM,
    PHASE_ENVELOPE, /* MAIL, RCPT, DATA are under way */
    PHASE_BODY,
    PHASE_FINAL, /* the reply to the message */
    PHASE_RESET,
    PHASE_CLOSED
};

struct client {
    struct span hostname;
    bool is_lmtp;
    enum client_phase phase;
    struct reply_parser parser;
    struct buffer server_name;
    struct arena texts[2]; /* of results: of the message at hand, and of the one before */
    struct arena *arena;   /* the former */
    struct client_message *message, *next;
    bool has_pipelining, has_size, has_8bitmime, has_smtputf8, has_dsn, has_chunking,
        has_binarymime;
    bool wants_another;
    uint64_t size_limit;
    size_t commands_sent, replies_seen; /* of the envelope: MAIL, each RCPT, DATA */
    size_t accepted;                    /* recipients */
    bool has_mail, is_lone_dot;
    struct dots_writer dots;
};

/* Does this message go by BDAT? What is no text can't be sent otherwise. */
bool client_goes_in_chunk(const struct client *c);
/* The commands of the message at hand; `i`: which recipient. */
void client_add_mail(const struct client *c, struct buffer *out);
void client_add_rcpt(const struct client *c, size_t i, struct buffer *out);

#endif
