/* What the two halves of the server core share: commands (server.c), and the message that comes by
 * DATA or BDAT (server_message.c). Nobody else includes this. */
#ifndef SMTP_SERVER_INSIDE_H
#define SMTP_SERVER_INSIDE_H

#include "smtp/dots.h"
#include "smtp/server.h"

enum server_phase {
    PHASE_COMMANDS,
    PHASE_DATA,  /* between 354 and the lone dot */
    PHASE_CHUNK, /* the octets that a BDAT announced */
    PHASE_AUTH   /* a response to a challenge */
};

struct server {
    const struct server_settings *settings;
    enum server_wait wait;
    enum server_phase phase;
    bool is_trusted, may_xclient, is_secure, is_extended, has_hello, has_mail;
    bool discards_line; /* the command line is too long: read to its end */
    bool is_long_bdat;  /* that line is a BDAT */
    bool has_more;      /* behind the command at hand more has come already */
    int64_t now_ms;
    enum server_login login;
    struct span mechanisms;
    struct server_auth *auth; /* of a login that is under way; NULL: none is */
    struct buffer auth_text;  /* its response */
    struct buffer line;       /* a command line of which only the beginning has come */
    struct buffer client_name;
    struct xclient *asked_client;       /* lives in the arena; NULL: none */
    struct server_front_end *front_end; /* NULL: it has told nothing */
    struct arena arena;                 /* of the transaction */
    struct transaction transaction;
    struct server_recipient asked;
    size_t recipient_room;
    struct dots_reader dots;
    bool has_chunks; /* the message comes by BDAT, and has begun */
    bool is_last_chunk;
    uint64_t chunk_left;      /* octets of this chunk that have not come */
    struct reply chunk_fault; /* of a chunk that belongs to no message; code 0: none */
    struct reply refusal;     /* of the message that comes; code 0: none yet */
    bool header_is_over;
    size_t header_length, header_seen; /* of its whole lines so far; of what was looked at */
    size_t errors, messages;
};

typedef void command_fn(struct server *s, struct span rest, struct buffer *out);

/* server_say.c */
void server_end_transaction(struct server *s);
void server_close_with(struct server *s, struct reply why, struct buffer *out);
/* Every reply that is the fault of the client counts: who makes too many is not talking SMTP. */
void server_say(struct server *s, struct reply r, struct buffer *out);
void server_forget_hello(struct server *s); /* and the message that was begun */

/* server_hello.c */
command_fn server_hello, server_extended_hello;
struct parameter_offer server_offers(const struct server *s);

/* server_front_end.c: what a front end tells of the session that it has with its client. */
struct server_front_end {
    struct buffer hello; /* empty: not told; then what it says itself counts */
    bool has_protocol, is_extended;
    bool has_address; /* what else it tells is of this client */
};
command_fn server_xclient;
void server_begin_anew(struct server *s, struct buffer *out);
void server_front_end_free(struct server_front_end **f);

/* server_tls.c */
command_fn server_starttls;
bool server_offers_tls(const struct server *s);

/* server_auth.c */
command_fn server_auth;
/* A line behind a challenge, or what is wrong with it. */
void server_take_response(struct server *s, struct span line, struct reply fault);
void server_auth_free(struct server *s);

/* server_message.c */
command_fn server_data, server_bdat;
/* The octets behind a BDAT that we do not understand would be read as commands. So its end is the
 * end of the session. */
void server_lost_count(struct server *s, struct buffer *out);
struct reply server_too_large(struct server *s);
void server_take_data(struct server *s, struct span *input, struct buffer *out);
void server_take_chunk(struct server *s, struct span *input, struct buffer *out);

#endif
