/* What the files about connections share, and nobody else sees: how one comes about
 * (connection_open.c), and what is said over it (connection.c). */
#ifndef DELIVER_CONNECTION_INSIDE_H
#define DELIVER_CONNECTION_INSIDE_H

#include "deliver/connection.h"
#include "deliver/dial.h"
#include "deliver/session_note.h"
#include "sys/tls.h"

struct connection {
    const struct options *options; /* a reference */
    struct connection_links links;
    const struct connection_settings *settings;
    struct watch watch; /* when connected */
    struct tls *tls;    /* NULL: plain */
    struct timer timer;
    struct arena arena; /* of the ways */
    const struct way *ways;
    size_t way_count;
    const struct way *way;          /* the one that it is connected by, or that was tried last */
    struct connection_login *login; /* while it logs in */
    struct dial *dial;              /* until it is connected */
    struct client *client;
    struct delivery *delivery, *follower;
    struct client_message messages[2]; /* of the delivery, and of its follower */
    struct client_message *message;    /* the former */
    uint64_t body_sent;
    int64_t end_sent;  /* loop time */
    bool is_quick;     /* the last message was answered soon */
    bool was_follower; /* this one */
    struct buffer
        formed; /* the message as this server takes it, when that is not as it is stored */
    struct buffer out;
    bool was_idle, has_heard, quits;
    bool *is_freed;             /* set when it is; NULL: nobody asks */
    bool is_counted;            /* how the session with this host went */
    struct reply turned_down;   /* a host before this one is not what the message needs: for good.
                                   Code and class 0: none */
    const struct way *in_clear; /* no TLS with this host, where it came to nothing; NULL: none */
};

/* ---- connection_open.c */

/* To the first of these ways that works. */
void connection_dial(struct connection *c, const struct way *ways);
/* After STARTTLS. */
void connection_shake_hands(struct connection *c);
bool connection_shakes_hands(const struct connection *c);
/* The handshake came to nothing: another connection in plain text, another host, or the end. */
void connection_has_no_tls(struct connection *c, struct span why);

/* Says, once, how the session with the host went, for reports (TLSRPT). */
void connection_count(struct connection *c, enum tls_result result, struct span why);

/* ---- connection_login.c */

/* Does what client_login() asks for. CLIENT_WAITS_LOGIN: a worker is at it, and the connection is
 * not to be used meanwhile; then connection_goes_on_with. */
enum client_wait connection_log_in(struct connection *c);
void connection_login_free(struct connection *c);

/* ---- connection.c */

void connection_ready(struct watch *w, uint32_t events);
void connection_is_secure(struct connection *c); /* after STARTTLS */
void connection_goes_on_with(struct connection *c, enum client_wait wait);
void connection_set_timer(struct connection *c);
void connection_hang_up(struct connection *c);
void connection_end(struct connection *c);
struct delivery *connection_take_delivery(struct connection *c);
/* This host does not want us now, for this reason; perhaps the next one does. False: there is none,
 * and connection_reason says why it has come to nothing. */
bool connection_tries_next_host(struct connection *c, enum client_stage stage, struct reply why);
/* Of all hosts. One that is not secure enough decides (RFC 8689 4.2.1), not that others do not
 * answer. */
struct reply connection_reason(const struct connection *c, struct reply last);

#endif
