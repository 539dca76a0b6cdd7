/* The receiving side of SMTP as a state machine without I/O: RFC 5321, and the extensions
 * PIPELINING (2920), SIZE (1870), 8BITMIME (6152), CHUNKING and BINARYMIME (3030), SMTPUTF8 (6531),
 * ENHANCEDSTATUSCODES (2034), LIMITS (9422), DSN (3461), STARTTLS (3207), AUTH (4954), REQUIRETLS
 * (8689), FUTURERELEASE (4865), MT-PRIORITY (6710), DELIVERBY (2852); and XCLIENT from front ends
 * (xclient.h).
 *
 * The driver hands in bytes and sends what stands in `out`. Where the core needs an answer it
 * stops and says what it waits for; the driver asks whom it must and calls server_answer. Input
 * that comes meanwhile stays with the driver.
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include "base/arena.h"
#include "smtp/parameters.h"
#include "smtp/xclient.h"

/* Shared by all sessions of a listener; lives longer than they. */
struct server_settings {
    struct span hostname;      /* ours: greeting, EHLO reply */
    uint64_t max_message_size; /* bytes; also told by SIZE */
    size_t max_command_line; /* octets with CRLF (RFC 5321 4.5.3.1.4: at least 512; with parameters
                                more) */
    size_t max_text_line;    /* octets with CRLF in a message (RFC 5321 4.5.3.1.6: at least 1000) */
    size_t max_header_size;  /* bytes of the header of a message */
    size_t
        max_recipients;  /* of a transaction (RFC 5321 4.5.3.1.8: at least 100); more: 452 4.5.3 */
    size_t max_errors;   /* replies with 5xx before we close with 421 4.7.0 */
    size_t max_messages; /* a session; 0: no limit */
    size_t max_hops;     /* Received fields; more: 554 5.4.6 */
    /* What stands in the same input behind a command that must be answered first (RFC 2920) ends
     * the session with 554 5.5.0. */
    bool refuses_early_talk;
    bool offers_tls;         /* by STARTTLS */
    bool requires_tls;       /* before there is it: no mail */
    bool awaits_certificate; /* there is no TLS, but soon there will be */
    bool offers_requiretls;  /* once there is it */
    /* ms that a message may wait until it is sent; 0: FUTURERELEASE is not offered */
    int64_t max_hold;
    /* The most urgent that trusted clients may send (MT-PRIORITY), and those who have logged in. */
    int max_priority, max_priority_login;
    uint64_t
        min_by; /* seconds that a message must be given that is to be returned then (DELIVERBY) */
    /* Called with each negative reply, whoever has decided it; for counting. May be NULL. */
    void (*refused)(const struct reply *r);
};

struct server_recipient {
    struct span address; /* as the client wrote it */
    struct rcpt_parameters parameters;
};

/* One mail transaction. Spans live in the session until the transaction ends. */
struct transaction {
    struct span reverse_path; /* empty: the null reverse-path */
    struct mail_parameters parameters;
    struct server_recipient *recipients; /* those that we took */
    size_t recipient_count;
    bool is_8bit;   /* the message holds octets above 127 */
    bool is_binary; /* it holds NUL, or CR or LF that are no line end, or lines too long for text;
                       only with BODY=BINARYMIME */
    struct buffer message; /* as received, dots removed, CRLF line ends; the driver may take it (and
                              zero it) */
};

/* What the session waits for. This one field says it all. */
enum server_wait {
    SERVER_WAITS_INPUT,
    SERVER_WAITS_SENDER,    /* may this reverse-path send? transaction.reverse_path, .parameters */
    SERVER_WAITS_RECIPIENT, /* is this recipient taken? server_asked_recipient() */
    SERVER_WAITS_CLIENT,    /* for whom does the front end come now? server_asked_client(). With a
                               positive answer the session begins anew: server_set_rights first */
    SERVER_WAITS_TLS,     /* send what is in `out`, do the handshake, then call server_secured. What
                             has come before the handshake is none of it: it must not be read */
    SERVER_WAITS_AUTH,    /* a step of a login: server_asked_auth(). Answer it, or send another
                             challenge: server_challenge. After a positive answer
                             server_set_login and server_set_rights say what is so from now on */
    SERVER_WAITS_MESSAGE, /* the message is whole: make it durable. transaction */
    SERVER_WAITS_CLOSE    /* send what is in `out`, then close */
};

/* Where mail is taken from those who log in, nothing is taken from others (RFC 6409 4.3). */
enum server_login {
    SERVER_LOGIN_NONE,      /* nobody logs in here */
    SERVER_LOGIN_NEEDS_TLS, /* not over this connection */
    SERVER_LOGIN_OFFERED,
    SERVER_LOGIN_DONE
};

enum { SERVER_LONGEST_AUTH = 12288 /* octets of a line of a login, with CRLF (RFC 4954 4) */ };

struct server_auth {
    struct span mechanism; /* one of those that are offered, in the client's letters */
    bool is_first;         /* the login begins: what there was of another is over */
    bool has_response;     /* with the first step there may be none */
    struct span response;  /* base64 as it came; may be empty */
    struct reply fault;    /* code not 0: the login ends, with this */
};

struct server; /* opaque */

/* `trusted`: a client of the configured networks; it is offered DSN, MT-PRIORITY and DELIVERBY (and
 * may relay: that is for who answers). Nothing is allocated per session beyond about 500 bytes
 * until the client sends a MAIL.
 */
struct server *server_new(const struct server_settings *settings, bool trusted);
void server_free(struct server **s);

/* The driver has found out who the client is. `may_xclient`: it is a front end that may say for
 * whom it comes. */
void server_set_rights(struct server *s, bool trusted, bool may_xclient);

/* The connection is encrypted from now on: after STARTTLS, with which the session begins anew, or
 * before the greeting. */
void server_secured(struct server *s);
bool server_is_secure(const struct server *s);
/* `mechanisms`: names with blanks between, which live as long as the session. */
void server_set_login(struct server *s, enum server_login login, struct span mechanisms);

/* What time it is, for what is said of times. Before server_input, as often as it matters. */
void server_set_time(struct server *s, int64_t now_ms);

/* Queue the greeting. `refusal`, if not NULL, is sent instead of it (421, 554), and the session
 * ends. */
void server_greet(struct server *s, const struct reply *refusal, struct buffer *out);

/* Take input. Returns what the session waits for now; `*input` is what was not taken yet: all of it
 * is taken as long as the session waits for input. */
enum server_wait server_input(struct server *s, struct span *input, struct buffer *out);

/* The answer to what it waits for; the reply goes to the client as it is. For SENDER and RECIPIENT
 * a positive reply takes it into the transaction; for MESSAGE the transaction ends whatever the
 * reply. An answer with code 421 closes the session. Then call server_input again with what input
 * there was. */
enum server_wait server_answer(struct server *s, struct reply answer, struct buffer *out);

/* While it waits for AUTH: the client is to answer this, which is base64. */
enum server_wait server_challenge(struct server *s, struct span text, struct buffer *out);

/* While in data: the message is not taken. What has come and what will come of it is thrown away,
 * and this is said at its end (of a chunk, too); the text of `why` lives until then. */
void server_refuse_message(struct server *s, struct reply why);

/* The driver's clock ran out, or we are shutting down: 421 with these words, then close. */
enum server_wait server_end(struct server *s, struct reply why, struct buffer *out);

enum server_wait server_waits(const struct server *s);
const struct server_recipient *
server_asked_recipient(const struct server *s);                      /* while it waits for one */
const struct xclient *server_asked_client(const struct server *s);   /* likewise */
const struct server_auth *server_asked_auth(const struct server *s); /* likewise */
struct transaction *server_transaction(struct server *s); /* during SENDER, RECIPIENT, MESSAGE */
/* What it said in EHLO or HELO, or what its front end says that it said; empty before. */
struct span server_client_name(const struct server *s);
bool server_is_extended(const struct server *s); /* EHLO (the word is ESMTP in Received) */
bool server_is_in_data(
    const struct server *s); /* also between chunks; for the choice of time-out */
/* To a client that talks before our greeting. */
extern const struct reply server_spoke_too_early;
/* To one that needs TLS, which we do not have yet. */
extern const struct reply server_awaits_certificate;

#endif
