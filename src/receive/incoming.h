/* A message on its way from a session, or from the drop folder, to the disk: its envelope, its
 * trace field, its commit. */
#ifndef RECEIVE_INCOMING_H
#define RECEIVE_INCOMING_H

#include "address/directory.h"
#include "queue/queue.h"
#include "smtp/server.h"

struct incoming_origin {
    struct span hostname;       /* ours */
    struct span client_name;    /* as EHLO said it; or "local user alice (uid 1000)" */
    struct span client_address; /* "192.0.2.1"; empty: it came through the drop folder */
    struct span client_host;    /* the client's name in the DNS, if a front end told it */
    struct span authentication; /* as in the envelope; likewise: */
    enum vouched vouched;
    const struct judged *judged; /* one for each recipient of the transaction; NULL: it is no
                                    notice, or nobody has judged it */
    struct span judged_by;
    struct span login;       /* who has logged in; empty: nobody */
    struct span through;     /* the address of a front end; empty: the client came itself */
    bool is_own;             /* he is one of ours (outcome/envelope.h) */
    bool is_past_forwards;   /* it goes into the recipients' own mailboxes (address/expand.h) */
    bool has_owner;          /* a user of this machine handed it in: */
    uint32_t owner;          /* his id */
    bool is_extended;        /* EHLO */
    struct span tls;         /* version and cipher; empty: it came in plain text */
    struct span certificate; /* fingerprint of the client's; empty: it showed none */
    struct span signed_by;   /* whose keys have signed it (DKIM); empty: nobody's */
    message_id id;
    int64_t now_ms;
    int offset_minutes;
};

/* Takes the message out of the transaction, puts "Received:" (RFC 5321 4.4) in front of it, lets
 * aliases lead to their recipients, and fills the commit with its acceptance. Returns the message
 * for the queue. */
struct message *incoming_prepare(struct transaction *t, const struct incoming_origin *from,
                                 const struct directory *d, struct commit *commit);

/* What an envelope keeps of the header of its message; in `a`. It has its parameters already. Pure.
 */
void incoming_describe(struct envelope *e, struct span message, struct arena *a);

/* "accepted"; call log_flush once a round. `from`: NULL for what came through the drop folder. */
void incoming_log(const struct envelope *e, const struct incoming_origin *from);

#endif
