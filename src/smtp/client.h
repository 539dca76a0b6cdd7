/* The sending side of SMTP as a state machine without I/O: RFC 5321, with PIPELINING, SIZE,
 * 8BITMIME, SMTPUTF8, DSN, MT-PRIORITY, DELIVERBY, CHUNKING, BINARYMIME, STARTTLS and REQUIRETLS
 * when the server offers them; with AUTH (RFC 4954), where it is to log in; and of LMTP (RFC 2033),
 * where each recipient that was accepted gets a reply of its own to the message. One client a
 * connection, many messages one after the other.
 *
 * The driver feeds what the server sends (client_input), sends what stands in `out`, hands the
 * body in pieces when the client wants it, and reads the outcome when a message is done.
 */
#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H

#include "base/arena.h"
#include "mail/convert.h"
#include "smtp/parameters.h"

/* One message for one connection; lives until the client says CLIENT_DONE. */
struct client_message {
    struct span reverse_path;
    struct mail_parameters parameters; /* .size is filled from `size` */
    uint64_t size;                     /* bytes of the message as stored */
    bool is_8bit;                      /* the content holds octets above 127 */
    bool is_binary;                    /* it is no text; `parameters` say BODY=BINARYMIME then */
    int64_t
        time_left;    /* ms until `parameters.by_ms`; the driver keeps it right until MAIL is out */
    bool is_question; /* nothing is sent: MAIL and RCPT only, to hear who would be taken */
    const struct span *recipients;
    const struct rcpt_parameters *recipient_parameters;
    size_t recipient_count; /* at least 1 */
    /* Filled by the client, one for each recipient: the reply that decided its fate. Texts live
     * until the next client_start or client_free, or until the message behind the next one is
     * begun by client_follow. */
    struct client_result *results;
};

/* At which step the reply came: part of the story. */
enum client_stage {
    STAGE_LOOKUP,
    STAGE_CONNECT,
    STAGE_GREETING,
    STAGE_HELLO,
    STAGE_TLS,
    STAGE_LOGIN,
    STAGE_MAIL,
    STAGE_RCPT,
    STAGE_DATA,
    STAGE_MESSAGE
};

struct client_result {
    struct reply reply;
    enum client_stage stage;
    bool is_decided; /* true of all when the message is done */
};

enum client_wait {
    CLIENT_WAITS_INPUT, /* the server's reply */
    CLIENT_WAITS_TLS,   /* the handshake: client_secured, or client_broken */
    CLIENT_WAITS_LOGIN, /* what client_login() says */
    CLIENT_WAITS_FORM,  /* the message in a form that the server takes: client_form */
    CLIENT_WAITS_BODY,  /* the next piece of the message: client_body */
    CLIENT_READY,       /* greeted; start a message or quit */
    CLIENT_DONE,        /* results are there; the connection can be used again: start, or quit */
    CLIENT_DONE_CLOSED, /* results are there (or there was no message); the connection is of no more
                           use */
};

struct client;

struct client *client_new(struct span our_hostname, bool is_lmtp);
void client_free(struct client **c);
/* Before the greeting: it is to be another server. One that greets with our own name is ourselves,
 * and mail for it would run in a circle: 5.4.6. */
void client_wants_another(struct client *c);

/* Before the greeting: what of STARTTLS. Without it: never. */
enum client_tls {
    CLIENT_TLS_NEVER,
    CLIENT_TLS_IF_OFFERED,
    CLIENT_TLS_ALWAYS, /* without it nothing is sent: 4.7.4 */
    CLIENT_TLS_IS_ON   /* the handshake was before the greeting */
};
void client_set_tls(struct client *c, enum client_tls tls);
/* Who demands it, for the words: usually "this route". */
void client_tls_is_for(struct client *c, struct span who);
/* Before the greeting: the server must offer REQUIRETLS, over TLS, or it gets nothing: 5.7.30. What
 * is missing then is told for good: 5.7.10. (RFC 8689 4.2.1) */
void client_demands_requiretls(struct client *c);
/* The handshake is done. */
enum client_wait client_secured(struct client *c, struct buffer *out);
bool client_is_secure(const struct client *c);

/* Before the greeting: it is to log in before anything else is said; with TLS, behind that. The
 * driver knows the mechanisms. */
void client_wants_login(struct client *c);
/* While it waits for the driver: */
enum client_login {
    CLIENT_LOGIN_BEGINS,   /* client_mechanisms() are offered: client_auth, or client_no_login */
    CLIENT_LOGIN_RESPONDS, /* to client_challenge(): client_respond, or client_no_login */
    CLIENT_LOGIN_ACCEPTED, /* client_logged_in, or client_no_login */
    CLIENT_LOGIN_REFUSED   /* by client_refusal(): client_no_login */
};
enum client_login client_login(const struct client *c);
struct span client_mechanisms(const struct client *c); /* "PLAIN LOGIN"; empty: there is no AUTH */
struct span client_challenge(const struct client *c);  /* in base64, as it came */
struct reply client_refusal(const struct client *c);   /* lives until the next client_input */
/* `initial`: in base64; NULL: there is none, or it is sent in answer to an empty challenge, as one
 * that fits no line must be (client_initial_fits). What is said may be a password: `out` is the
 * driver's to wipe, and has room for it when it is called. */
enum client_wait client_auth(struct client *c, struct span mechanism, const struct span *initial,
                             struct buffer *out);
bool client_initial_fits(struct span mechanism, struct span initial);
enum client_wait client_respond(struct client *c, struct span response, struct buffer *out);
enum client_wait client_logged_in(struct client *c, struct buffer *out);
/* Nothing is sent: this is why. */
enum client_wait client_no_login(struct client *c, struct reply why);
bool client_is_logged_in(const struct client *c);

/* Begin a message, or a question (when READY or DONE, or before the greeting came: it starts then
 * by itself). With PIPELINING, MAIL, all RCPT and DATA go out at once. A DATA that was accepted
 * though every recipient was refused is ended with a lone dot (RFC 2920 3.1). What the message
 * needs and the server does not offer (SMTPUTF8) fails all recipients with our own 5.6.7 without
 * sending. */
enum client_wait client_start(struct client *c, struct client_message *m, struct buffer *out);
/* The server takes no 8-bit or binary content as it is: bring the message into this form, and say
 * how large it is now and whether it is 8-bit; or why it can't be. client_body then wants the
 * message in its new form. */
enum mail_form client_form(const struct client *c);
enum client_wait client_formed(struct client *c, uint64_t size, bool is_8bit, struct buffer *out);
enum client_wait client_unformed(struct client *c, struct reply why);
enum client_wait client_input(struct client *c, struct span *input, struct buffer *out);
/* A piece of the message, in order; `last` with the last one (which may be empty). Dots are done
 * here. To a server that takes binary content it goes by BDAT, else by DATA: where both would do,
 * DATA is known to work everywhere. */
enum client_wait client_body(struct client *c, struct span piece, bool last, struct buffer *out);
/* With PIPELINING: begin the next message right behind the end of the one at hand, before that is
 * answered (RFC 2920 3.1). False: it must wait for its turn, or must be told of otherwise. When the
 * one at hand is DONE, this one is under way: go on with client_input. When it is DONE_CLOSED,
 * nothing of this one has reached anybody: it has no results. */
bool client_follow(struct client *c, struct client_message *m, struct buffer *out);
/* The connection broke, or timed out: every recipient without a result gets this reply (code 0 with
 * our own words, or with a status) at the stage where the session stood. Returns
 * CLIENT_DONE_CLOSED. */
enum client_wait client_broken(struct client *c, struct reply why);
/* Say QUIT; the driver closes once it is sent or answered. */
void client_quit(struct client *c, struct buffer *out);

enum client_wait client_waits(const struct client *c);
enum client_stage
client_stage_of(const struct client *c); /* for the choice of time-out (RFC 5321 4.5.3.2) */
/* A domain name or an address literal, as the greeting said it; empty when it said none. */
struct span client_server_name(const struct client *c);
bool client_server_has_dsn(const struct client *c);
bool client_server_has_deliverby(const struct client *c);
const char *client_stage_words(enum client_stage s); /* "in reply to RCPT TO" and the like */

#endif
