/* What the files about sessions share, and nobody else sees. */
#ifndef RECEIVE_INSIDE_H
#define RECEIVE_INSIDE_H

#include "address/rooms.h"
#include "receive/entrance.h"
#include "receive/judges.h"
#include "receive/known_clients.h"
#include "receive/own_evidence.h"
#include "receive/session.h"
#include "sys/net.h"
#include "sys/resolve.h"
#include "sys/tls.h"

#include <stdatomic.h>

enum { READ_SIZE = 64 * 1024 };

struct receive_house {
    struct receive_settings settings;
    atomic_size_t sessions;
    atomic_uint_fast64_t memory; /* bytes of messages that are being received */
    /* The main thread's: */
    const struct options *options; /* a reference, */
    struct clients *clients;       /* and one of those, */
    struct tls_context *tls;       /* and of the certificates; NULL: there are none */
    struct gate *gate;             /* and of this */
    struct entrance **entrances;   /* one for each listen of the options */
    size_t entrance_count;
    struct receiver **receivers;
    size_t receiver_count;
    struct second_chances *second_chances;
    struct own_evidence *evidence; /* of what was sent; thread-safe */
    struct flooding *flooding;     /* likewise */
    atomic_size_t notice_bytes;    /* of notices that are judged just now */
};

struct receiver {
    struct receive_house *house;
    struct loop *loop;
    struct resolve *resolve;
    struct directory *directory;
    struct rooms rooms;
    struct known_clients known;
    int64_t complained_ms;       /* that something of clients can't be found out; 0: not yet */
    int64_t links_complained_ms; /* likewise, that a list of harmful links does not answer */
    struct list sessions;
    size_t session_count;
    struct list listeners;
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

/* What is known of a notice besides its verdict, for one recipient. */
struct notice_facts {
    bool
        is_untagged; /* it came to the plain address, and what it tells of goes from a signed one */
    bool is_made_up; /* nobody uses the address, and nothing shows whose message it is */
    struct misused misused; /* the message that it tells of was sent by somebody else */
};

/* Several judges are asked whether something is taken, one after the other: see judging.c. */
struct judging {
    size_t next;           /* which judge */
    bool waits;            /* for the answer of the one before */
    struct reply reply;    /* positive, as long as nobody refuses */
    struct span about;     /* whom the refusal is about, for the log; empty: what is asked about */
    struct span words;     /* what was found of its author, for the log; or empty */
    struct span filter;    /* whose refusal it is; empty: our own */
    struct span why;       /* the client's points, if it is for them; else empty */
    struct judged *judged; /* one for each recipient, of a notice; NULL: it is none */
    struct notice_facts *facts; /* likewise */
    struct span judged_by;      /* what speaks for that of the first */
    struct span signed_by;      /* "example.org:s1": whose keys have signed the message (DKIM) */
    struct arena arena;         /* for all of it */
};

struct session {
    struct watch watch;
    struct timer timer;
    struct list link;
    struct receiver *receiver;
    struct entrance *entrance; /* a reference */
    struct server *server;
    struct tls *tls;      /* NULL: plain */
    struct client client; /* its share of what a client may have */
    struct front *front;  /* NULL: the client itself connected */
    struct judging judging;
    struct commit_under_way *commit;
    struct signature_under_way *signature;
    struct inquiry_under_way *inquiry;
    struct link_check *link_check; /* NULL: no links of this message were looked at */
    struct checking *checking;     /* NULL: nothing is to be found out of this message */
    struct known_client *known;    /* what its points are; NULL: nobody has asked yet */
    struct notice_case *notice;    /* that is judged just now; else NULL */
    struct client_check *client_check;
    struct filtering *filtering; /* NULL: nobody was asked yet, or there are no filters */
    struct login_under_way *login;
    struct buffer login_name;    /* who has logged in here; empty: nobody */
    const char *login_mechanism; /* by which */
    int64_t deadline;            /* until something must come */
    int64_t last_mail;           /* when the session began, or its last message was taken */
    int64_t data_since;          /* 0: not in data */
    uint64_t data_bytes;
    uint64_t counted;    /* of `memory` in the house */
    struct buffer input; /* came while it waited for an answer */
    struct buffer out;   /* the peer did not take it yet */
    struct net_address peer;
    bool is_trusted, may_xclient, awaits_header, awaits_greeting, is_one_too_many, closes, lingers;
    bool has_trusted_certificate, has_lost_login;
    bool said_all; /* the peer has shut its half of the connection; it may still listen */
};

/* ---- receiver.c */

/* The entrances from now on, in the loop's thread: takes the references and the descriptors; -1:
 * the one that this loop has of the same place. */
void receiver_change(struct receiver *r, struct entrance **entrances, const int *descriptors,
                     size_t count);

/* ---- session.c */

void session_start(struct receiver *r, struct entrance *by, int fd, const struct net_address *peer);
void session_shut_down(struct session *s); /* unless it waits for the store: then it ends after */
/* Who has logged in may not go on; unless it waits for the store: then it ends after. */
void session_end_login(struct session *s);
void session_free(struct session *s);
struct session *session_of(struct list *node); /* in receiver.sessions */
void session_set_deadline(struct session *s);
/* These return false when the session is gone. */
bool session_send(struct session *s); /* what the receiver's buffer holds, or keeps it */
bool session_process(struct session *s, struct span input);
bool session_end(struct session *s, struct reply why);

/* ---- refusing.c */

/* To the log, and to the book; `to`: the recipient, if it is of one; else empty. */
void session_note_refusal(const struct session *s, struct span to, struct reply reply);

/* ---- securing.c: TLS */

/* The handshake, when all was sent that stands before it. A session that fails in it is gone. */
void securing_begin(struct session *s);
bool securing_is_under_way(const struct session *s);
void securing_takes_too_long(struct session *s); /* it is gone */
/* "TLS1.3 TLS_AES_256_GCM_SHA384"; empty: plain, or told by a front end of somebody else */
struct span securing_words(const struct session *s, struct buffer *to);

/* ---- login.c: AUTH, and who it is */

enum server_wait login_step(struct session *s); /* SERVER_WAITS_AUTH: later, and login_waits */
bool login_waits(const struct session *s);
void login_forget(struct session *s); /* one that is under way */
/* Whether one can log in, is found out anew; when who the client is has changed. */
void login_begin(struct session *s);
struct span login_of(const struct session *s); /* here, or at its front end; empty: nobody */

/* ---- submission.c: what those who have logged in may send (RFC 6409) */

/* Is this address his? A positive reply, or why not; in `a`. */
struct reply submission_sender(const struct session *s, struct span address, struct arena *a);

/* ---- arrival.c: who the client is, and whether it may come in */

/* To the greeting, or first to the PROXY header. */
void arrival_begin(struct session *s);
void arrival_take_header(struct session *s, struct span piece);
/* How many of these bytes may be taken: what is behind the header may be a handshake's. */
size_t arrival_header_within(const struct session *s, struct span piece);
void arrival_is_secure(struct session *s); /* the handshake that comes before the greeting is */
void arrival_greet(struct session *s);     /* the delay is over */
void arrival_spoke_early(struct session *s, struct span what); /* while we held the greeting back */
void arrival_header_ends(struct session *s, const char *why);  /* logs it */
enum server_wait arrival_answer_client(struct session *s);     /* to XCLIENT */
/* Is there room for one more in the client's rate? False: `why`, in `a`. */
bool arrival_may(struct session *s, enum client_event event, struct arena *a, struct reply *why);
/* "192.0.2.1", "IPv6:2001:db8::1"; "unknown" */
void arrival_add_client(struct buffer *out, const struct session *s);
void front_free(struct front **f);

#endif
