/* A message on its way from a session to the disk: its envelope, its trace field, its commit. */
#ifndef RECEIVE_INCOMING_H
#define RECEIVE_INCOMING_H

#include "address/directory.h"
#include "queue/queue.h"
#include "smtp/server.h"

struct incoming_origin {
    struct span hostname;       /* ours */
    struct span client_name;    /* as EHLO said it */
    struct span client_address; /* "192.0.2.1" */
    bool is_extended;           /* EHLO */
    message_id id;
    int64_t now_ms;
    int offset_minutes;
};

/* Takes the message out of the transaction, puts "Received:" (RFC 5321 4.4) in front of it, lets
 * aliases lead to their recipients, and fills the commit with its acceptance. Returns the message
 * for the queue. */
struct message *incoming_prepare(struct transaction *t, const struct incoming_origin *from,
                                 const struct directory *d, struct commit *commit);

#endif
