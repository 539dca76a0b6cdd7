/* Who is asked to come again a little later (RFC 6647): a mail server does, most programs that send
 * spam do not. Who comes again, after the wait and in time, with the same sender and recipient, has
 * passed; and from then on his whole network (IPv4: /24, IPv6: /64), as great senders come from
 * another address each time. Pure; it holds what it knows, bounded, and says what is to be kept on
 * disk. Times are ms since 1970, by a clock that may be set back. */
#ifndef ENTRY_GREYLIST_H
#define ENTRY_GREYLIST_H

#include "base/span.h"

struct greylist_settings {
    int64_t wait_ms, retry_ms, keep_ms;
    size_t most_waiting, most_known; /* more: the oldest go */
    size_t most_of_client;           /* that wait for one address; more are not remembered: they are
                                        asked to come again all the same */
};

struct greylist;

/* `secret` has made the keys of what is on disk, and nobody outside knows it. */
struct greylist *greylist_new(const struct greylist_settings *s, uint64_t secret);
void greylist_free(struct greylist **g);
void greylist_set(struct greylist *g, const struct greylist_settings *s); /* from now on */

enum greylist_answer {
    GREYLIST_KNOWN,  /* its network is known */
    GREYLIST_PASSES, /* it is from now on */
    GREYLIST_WAITS   /* `wait_ms` from now on */
};

/* `recipient` and `sender` in any case. */
enum greylist_answer greylist_ask(struct greylist *g, const unsigned char client[16],
                                  struct span sender, struct span recipient, int64_t now_ms,
                                  int64_t *wait_ms);
/* The same, without that anything changes. */
enum greylist_answer greylist_look(const struct greylist *g, const unsigned char client[16],
                                   struct span sender, struct span recipient, int64_t now_ms,
                                   int64_t *wait_ms);

/* ---- for the disk */

struct greylist_row {
    uint64_t key;
    bool is_known;    /* a network; else an attempt */
    int64_t since_ms; /* the first attempt; or the last mail of a network, to an hour */
    uint64_t client;  /* of an attempt: whose */
};

/* What has changed since the last time; at most `most`. Returns how many. */
size_t greylist_changed(struct greylist *g, struct greylist_row *rows, size_t most);
/* Older rows of that kind are not needed any more; 0: none was dropped. */
int64_t greylist_oldest(const struct greylist *g, bool is_known);
/* A row from the disk, the oldest first of each kind. */
void greylist_restore(struct greylist *g, const struct greylist_row *row);

size_t greylist_count(const struct greylist *g, bool is_known);

#endif
