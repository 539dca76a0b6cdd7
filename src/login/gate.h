/* Who may come in, by one configuration: it answers whose password or token something is, in
 * threads of its own. Counted by references and thread-safe. What was guessed, and where accounts
 * have logged in, passes from one configuration to the next. */
#ifndef LOGIN_GATE_H
#define LOGIN_GATE_H

#include "config/options.h"
#include "login/asked.h"
#include "login/guessing.h"
#include "sasl/mechanism.h"
#include "sasl/scram.h"
#include "sys/worker.h"

struct gate;

/* `before`: the gate of the configuration before, or NULL. NULL: `e` says what is wrong with the
 * logins. */
struct gate *gate_new(const struct options *o, struct gate *before, struct error *e);
/* Are the logins as they must be? It reads them, and changes nothing. */
bool gate_check(const struct options *o, struct error *e);
struct gate *gate_ref(struct gate *g);
void gate_unref(struct gate **g);
/* At the end, when no session runs any more: what is under way comes back to its loop, also from
 * the gates before, and nothing else is taken. It waits for those that are being asked (15 seconds
 * at most), and for nobody else. */
void gate_end(struct gate *g);

bool gate_has(const struct gate *g, enum sasl_mechanism m); /* can it answer for it? */
struct guessing *gate_guessing(const struct gate *g);

enum gate_wish { GATE_PASSWORD, GATE_TOKEN, GATE_KEYS };
/* Starts as all zeros but for what is asked; it is the caller's, and stays where it is until
 * `work.task` has run. */
struct gate_question {
    struct work work; /* task.run and loop are the caller's */
    enum gate_wish wish;
    struct buffer name, secret; /* the secret is wiped once it was looked at */
    struct span mechanism;      /* its name; lives until then */
    bool is_safe;               /* the client came by TLS, or is on this machine */
    struct net_address client;
    /* The answer: */
    enum gate_verdict verdict;
    struct buffer login;    /* as the account is written; empty: nobody's */
    bool name_is_known;     /* there is such a login; false where nobody tells us */
    struct scram_keys keys; /* of GATE_KEYS: faked, where the verdict is "wrong" */
    struct error error;
    struct gate *gate; /* a reference, of the gate's own */
};

/* False: too many wait already; nothing happens. */
bool gate_ask(struct gate *g, struct gate_question *q);
void gate_question_free(struct gate_question *q); /* what it holds; not itself */

/* May `login` send as `address`, by the table of senders? */
bool gate_may_send(struct gate *g, struct span login, struct span address);

/* An account is new at a place: it is written down, by a worker. */
void gate_note_place(struct gate *g, struct loop *l, uint64_t place, unsigned day);

#endif
