/* What was refused, of whom, and why, so that it can be told for some time: there is no message of
 * which a ledger could know. Whoever is refused must not fill the disk: the same within an hour is
 * one row that counts, a network has only so many rows an hour, there are only so many rows, and
 * those of addresses that do not exist here can't push out the others. The same is what has the
 * same client, sender, recipient, code and reason; of the reasons, by their words without numbers,
 * so many are told apart. Thread-safe. */
#ifndef STORE_REFUSAL_BOOK_H
#define STORE_REFUSAL_BOOK_H

#include "base/arena.h"
#include "base/error.h"

struct refusal_book;

struct refusal {
    int64_t first_ms, last_ms;
    uint64_t count;
    struct span client;            /* "192.0.2.7", "2001:db8::7" */
    struct span hello;             /* what it said in EHLO; may be empty */
    struct span sender, recipient; /* empty: the null reverse-path, or none was named */
    bool has_sender;
    int code;
    struct span status; /* "5.7.1"; may be empty */
    struct span words;  /* of the reply, lines parted by LF */
    struct span why;    /* "filter rspamd", "zen.example=5"; may be empty */
};

struct refusal_book_settings {
    uint64_t most;   /* rows of each of the two kinds */
    int64_t keep_ms; /* how long */
};

/* Opens, or makes, the database. NULL: `e`. */
struct refusal_book *refusal_book_open(const char *path, const struct refusal_book_settings *s,
                                       struct error *e);
void refusal_book_close(struct refusal_book **r); /* what was not flushed is lost */

/* Waits for no disk. False: there is no room for it. `network`: 16 bytes of the client's, to divide
 * the room. `is_of_unknown`: there is no such address here. */
bool refusal_book_note(struct refusal_book *r, const struct refusal *what,
                       const unsigned char network[16], bool is_of_unknown);
/* Writes what was noted; blocks. False: `e`, and that is lost. */
bool refusal_book_flush(struct refusal_book *r, int64_t now_ms, struct error *e);

/* The newest, at most `most` of them, the oldest of these first, in `a`: those of a client, if
 * `what` is an address as in `client`, else those with this sender or recipient, in any case. Also
 * while a server has the file open; without a file there are none. False: `e`. */
bool refusal_book_find(const char *path, struct span what, size_t most, struct arena *a,
                       struct refusal **found, size_t *count, struct error *e);

/* ---- in floods of notices about forged mail */

/* Before the mailbox, in `why` of what was refused for that. */
extern const struct span refusal_flood;

/* Of one mailbox: all with no lull of more than a day between two, the latest of them. */
struct refused_flood {
    struct span mailbox; /* its address */
    uint64_t count;
    int64_t first_ms, last_ms; /* 0: there is none */
    uint64_t client_count;
    struct refused_client *clients; /* those that sent most, first; at most REFUSED_MOST_CLIENTS */
    size_t known_clients;
};

struct refused_client {
    struct span client, hello;
    uint64_t count;
    int64_t first_ms, last_ms;
};

enum { REFUSED_MOST_CLIENTS = 1000 };

/* What was flushed of it; blocks. Spans in `a`. False: `e`. */
bool refusal_book_flood(struct refusal_book *r, struct span mailbox, struct refused_flood *found,
                        struct arena *a, struct error *e);
/* The mailboxes of which some were refused since then; addresses in `a`. */
bool refusal_book_flooded(struct refusal_book *r, int64_t since_ms, struct span **mailboxes,
                          size_t *count, struct arena *a, struct error *e);

#endif
