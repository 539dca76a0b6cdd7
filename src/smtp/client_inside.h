/* What the files of the client share. Nobody else includes this. */
#ifndef SMTP_CLIENT_INSIDE_H
#define SMTP_CLIENT_INSIDE_H

#include "smtp/client.h"
#include "smtp/dots.h"

enum client_phase {
    PHASE_GREETING,
    PHASE_EHLO,
    PHASE_HELO,
    PHASE_STARTTLS,
    PHASE_TLS,
    PHASE_LOGIN, /* it waits for the driver */
    PHASE_AUTH,  /* the reply to AUTH, or to a response */
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
    struct buffer server_name, tls_is_for;
    struct arena texts[2]; /* of results: of the message at hand, and of the one before */
    struct arena *arena;   /* the former */
    struct client_message *message, *next;
    bool has_pipelining, has_size, has_8bitmime, has_smtputf8, has_dsn, has_chunking,
        has_binarymime, has_starttls, has_requiretls, has_mt_priority, has_deliverby;
    uint64_t min_by; /* seconds */
    bool demands_requiretls;
    enum client_tls tls;
    bool wants_another, wants_login, is_logged_in;
    enum client_login login;
    struct buffer mechanisms, challenge;
    struct reply refusal;
    uint64_t size_limit;
    size_t commands_sent, replies_seen; /* of the envelope: MAIL, each RCPT, DATA */
    size_t accepted;                    /* recipients */
    bool has_mail, is_lone_dot;
    struct dots_writer dots;
};

/* ---- client_results.c */

/* As long as the results. */
struct reply client_keep_reply(struct client *c, struct reply r);
/* Give this reply to every recipient that has none yet. */
void client_decide_rest(struct client *c, struct reply r, enum client_stage stage);
size_t client_envelope_length(const struct client *c); /* commands */
/* No command of the message at hand has been answered. */
void client_begin_count(struct client *c, size_t sent);
enum client_wait client_message_done(struct client *c, bool is_usable);
/* The connection is of no more use: this reply is the last word. */
enum client_wait client_give_up(struct client *c, struct reply r, enum client_stage stage);
enum client_wait client_not_smtp(struct client *c, struct span line);

/* ---- client_tls.c */

bool client_wants_tls(const struct client *c); /* after EHLO */
enum client_wait client_begin_tls(struct client *c, struct buffer *out);
/* Of a server that begins TLS, or must. */
enum client_wait client_tls_reply(struct client *c, struct reply r);
enum client_wait client_said_too_much(struct client *c);
bool client_lacks_requiretls(const struct client *c); /* after EHLO */
enum client_wait client_leaves(struct client *c, struct buffer *out);

/* ---- client_login.c */

void client_take_mechanisms(struct client *c, struct span keyword, struct span rest);
enum client_wait client_begin_login(struct client *c);
enum client_wait client_auth_reply(struct client *c, struct reply r);

/* ---- client_commands.c */

/* What this server can't take is not even tried. */
bool client_is_impossible(struct client *c, struct reply *why);
/* Does this message go by BDAT? What is no text can't be sent otherwise. */
bool client_goes_in_chunk(const struct client *c);
/* The commands of the message at hand; `i`: which recipient. */
void client_add_mail(const struct client *c, struct buffer *out);
void client_add_rcpt(const struct client *c, size_t i, struct buffer *out);

#endif
