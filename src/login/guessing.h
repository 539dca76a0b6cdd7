/* Who guesses passwords is slowed, and then locked out: his network first. An account at which many
 * networks guess is closed to strangers for a while, and never to a place (a network) from which it
 * has logged in before. Thread-safe; times and chance are arguments, so it is as good as pure. */
#ifndef LOGIN_GUESSING_H
#define LOGIN_GUESSING_H

#include "base/span.h"

struct guessing_limits {
    unsigned network;      /* failures of a network until it is locked out */
    unsigned account;      /* failures of strangers at an account until it is closed to them */
    int64_t first_delay;   /* ms that a first failure is held back; doubled with each; 0: none is */
    unsigned char key[16]; /* nobody outside knows it */
};

enum {
    GUESSING_LONGEST_DELAY = 10 * 1000,   /* ms */
    GUESSING_FORGETS_ONE = 60 * 1000,     /* ms until a failure is forgotten */
    GUESSING_FIRST_LOCK = 15 * 60 * 1000, /* ms; doubled with each lock that follows */
    GUESSING_LONGEST_LOCK = 24 * 3600 * 1000,
    GUESSING_MOST = 256 * 1024 /* networks, accounts and places of which failures are counted */
};

struct guessing;

struct guessing *guessing_new(const struct guessing_limits *l);
struct guessing *guessing_ref(struct guessing *g);
void guessing_unref(struct guessing **g);
/* Other limits; what was counted stays. */
void guessing_set(struct guessing *g, const struct guessing_limits *l);

/* One attempt. */
struct guess {
    uint64_t network, account, place; /* places are pairs of the two */
    bool is_known;                    /* the place; guessing_begin finds it out */
};
/* `address`: 16 bytes, as base/inet.h has them; its network is a /24 or a /64. */
struct guess guess_of(const struct guessing *g, const unsigned char address[16], struct span name);

enum guess_verdict { GUESS_MAY, GUESS_NETWORK_IS_LOCKED, GUESS_ACCOUNT_IS_CLOSED };

/* Before the password is looked at. What is under way counts as if it was wrong, so that many at
 * once are no way around; it may then be tried again in a moment. `*wait_ms`: how long it may not.
 */
enum guess_verdict guessing_begin(struct guessing *g, struct guess *who, int64_t now_ms,
                                  int64_t *wait_ms);
/* The end of an attempt that might be made is one of these three. */
/* It was wrong: in how many ms the client is to hear it. */
int64_t guessing_was_wrong(struct guessing *g, const struct guess *who, int64_t now_ms);
/* Nobody could say: it does not count. */
void guessing_is_unknown(struct guessing *g, const struct guess *who, int64_t now_ms);
/* It was right. True: the account is new at this place, or was last there on another day. */
bool guessing_was_right(struct guessing *g, const struct guess *who, int64_t now_ms, unsigned day);

/* An account has logged in at this place on that day (of 1970), as a file says. */
void guessing_add_place(struct guessing *g, uint64_t place, unsigned day);
/* Each place once: start with *i = 0. False: no more. Not while others use it. */
bool guessing_next_place(struct guessing *g, size_t *i, uint64_t *place, unsigned *day);

#endif
