/* What receiver.c, session.c and arrival.c share, and nobody else sees. */
#ifndef RECEIVE_INSIDE_H
#define RECEIVE_INSIDE_H

#include "address/rooms.h"
#include "receive/clients.h"
#include "receive/entrance.h"
#include "receive/session.h"
#include "sys/net.h"

#include <stdatomic.h>

enum { READ_SIZE = 64 * 1024 };

struct receive_house {
    struct receive_settings settings;
    atomic_size_t sessions;
    atomic_uint_fast64_t memory; /* bytes of messages that are being received */
    struct clients *clients;
    struct entrance *entrances; /* one for each listen of the options */
    size_t entrance_count;
};

struct receiver {
    struct receive_house *house;
    struct loop *loop;
    struct directory *directory;
    struct rooms rooms;
    struct list sessions;
    size_t session_count;
    struct listener *listeners;
    size_t listener_count;
    bool is_ending;
    struct buffer out; /* replies of the session at hand */
    char input[READ_SIZE];
};

/* Of a session that comes through a front end. */
struct front {
    struct net_address address; /* the front end's; the session has the client's */
    bool has_told;              /* a client's address, by XCLIENT */
    bool hides_client;          /* it does not tell the client's address */
    struct buffer name;         /* the client's host, as the DNS has it; empty: not told */
    struct buffer login;        /* whom the front end has let log in; empty: nobody */
};

struct session {
    struct watch watch;
    struct timer timer;
    struct list link;
    struct receiver *receiver;
    struct entrance *entrance;
    struct server *server;
    struct client client; /* its share of what a client may have */
    struct front *front;  /* NULL: the client itself connected */
    struct commit_under_way *commit;
    int64_t deadline;   /* until something must come */
    int64_t last_mail;  /* when the session began, or its last message was taken */
    int64_t data_since; /* 0: not in data */
    uint64_t data_bytes;
    uint64_t counted;    /* of `memory` in the house */
    struct buffer input; /* came while it waited for an answer */
    struct buffer out;   /* the peer did not take it yet */
    struct net_address peer;
    bool is_trusted, may_xclient, awaits_header, is_one_too_many, closes;
};

/* ---- session.c */

/* A client has come in. */
void session_start(struct receiver *r, struct entrance *by, int fd, const struct net_address *peer);
void session_shut_down(struct session *s); /* unless it waits for the store: then it ends after */
void session_free(struct session *s);
struct session *session_of(struct list *node); /* in receiver.sessions */
void session_set_deadline(struct session *s);
/* These return false when the session is gone. */
bool session_send(struct session *s); /* what the receiver's buffer holds, or keeps it */
bool session_process(struct session *s, struct span input);
bool session_end(struct session *s, struct reply why);
void session_log_refusal(const struct session *s, struct span to, struct reply reply);

/* ---- arrival.c: who the client is, and whether it may come in */

/* To the greeting, or first to the PROXY header. */
void arrival_begin(struct session *s);
void arrival_take_header(struct session *s, struct span piece);
void arrival_header_ends(struct session *s, const char *why); /* logs it */
enum server_wait arrival_answer_client(struct session *s);    /* to XCLIENT */
/* Is there room for one more in the client's rate? False: `why`, in `a`. */
bool arrival_may(struct session *s, enum client_event event, struct arena *a, struct reply *why);
/* "192.0.2.1", "IPv6:2001:db8::1"; "unknown" */
void arrival_add_client(struct buffer *out, const struct session *s);
void front_free(struct front **f);

#endif
