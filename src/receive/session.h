/* SMTP sessions of one loop: connections around the server core. */
#ifndef RECEIVE_SESSION_H
#define RECEIVE_SESSION_H

#include "address/directory.h"
#include "queue/queue.h"
#include "smtp/server.h"

/* Common to the receivers of all loops. */
struct receive_house;

struct receive_settings {
    const struct options *options;
    struct store *store;
    /* A message became durable: called in the store's thread; passes it on to the queue. */
    void (*accepted)(void *arg, struct message *m);
    void *arg;
};

struct receive_house *receive_house_new(const struct receive_settings *s);
void receive_house_free(struct receive_house **h);

struct receiver;

/* Listens on every endpoint of the options. NULL and `e` when one can't be had. */
struct receiver *receiver_new(struct receive_house *h, struct loop *loop, struct directory *d,
                              struct error *e);
/* In the loop's thread: */
void receiver_set_directory(struct receiver *r,
                            struct directory *d); /* takes a reference of its own */
/* The room that is left in a mailbox; ROOM_AMPLE: nobody need ask. */
void receiver_note_room(struct receiver *r, struct span mailbox, uint64_t bytes);
void receiver_end(struct receiver *r); /* no new sessions; those that wait for input end with 421 */
size_t receiver_count(const struct receiver *r); /* sessions that are still there */
/* After its loop has ended. */
void receiver_free(struct receiver **r);

#endif
