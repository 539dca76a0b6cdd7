/* What our own have sent: the ledger is the proof that a message left from here, or that it never
 * did. As long as its story is kept, all of it is known; after that, for a time that the operator
 * chooses, who sent it and when, and hashes of its recipients and its Message-ID, made with a key
 * that stands in no database: who has the ledger alone can't find out to whom somebody wrote. */
#ifndef STORE_LEDGER_SENT_H
#define STORE_LEDGER_SENT_H

#include "store/ledger.h"

enum { SENT_KEY = 16 /* bytes */ };

/* Whose messages count, where that takes more than a name: by its return path, and the user of the
 * machine who has handed it in, if there is one. */
struct sent_whose {
    bool (*is)(const void *arg, struct span reverse_path, const uint32_t *owner);
    const void *arg;
    size_t most; /* so many are looked at, newest first */
};

/* What has all that is told here; what is empty is not asked for, but one of the first three is. */
struct sent_question {
    message_id id;
    struct span message_id; /* with or without <> */
    struct span to;         /* a recipient, or one that an alias led to; any case */
    const struct span *by;  /* return paths and login names; any of them */
    size_t by_count;
    bool has_owner; /* only what this user of the machine handed in; aliases tell him nothing */
    uint32_t owner;
    /* NULL: everybody's. Else, what is asked for by a recipient alone is looked for among what went
     * out as from `by`, which is one address then, and not among hashes: so the mail of others, by
     * how much there is, makes no difference. */
    const struct sent_whose *whose;
};

struct sent {
    message_id id; /* a time, too */
    int64_t time_ms;
    struct span account; /* "alice", "local user alice (uid 1000)", or the address of a client */
    struct span name;    /* of the account, as envelope_account() has it; empty: nobody's here */
    struct span reverse_path;
    size_t recipients; /* that the sender named */
    bool is_hashed;    /* its story is forgotten: what follows is not known any more */
    struct span client_address, client_name; /* as in the envelope */
    struct span message_id, subject;         /* as in the header */
    struct span to;                          /* the recipient that was asked for */
    bool has_outcome;                        /* the latest of that recipient: */
    struct outcome outcome;
};

/* Newest first, at most `limit`; all of it lives in `a`. `key`: of what is hashed; NULL: that is
 * passed over. False: `e`. */
bool ledger_sent(struct ledger *l, const struct sent_question *q, const unsigned char *key,
                 size_t limit, struct arena *a, struct sent **found, size_t *count,
                 struct error *e);

/* Does it know a message of that Message-ID at all, also one that a stranger has handed in, and
 * that went on from here to others? False: `e`. */
bool ledger_has_message_id(struct ledger *l, struct span id, bool *has, struct error *e);

/* Has a message of that Message-ID, whoever sent it, gone to one of the recipients that `is` names?
 * Where there are too many of them to look at, it has. False: `e`. */
bool ledger_was_sent_to(struct ledger *l, struct span id,
                        bool (*is)(const void *arg, struct span recipient), const void *arg,
                        bool *was, struct error *e);

/* Has one of our own sent anything in the name of this address (any case), of which the story is
 * kept? Of many messages in its name it looks at the newest. False: `e`. */
bool ledger_sends(struct ledger *l, struct span sender, bool *sends, struct error *e);

/* Has any mail come for this address (any case) that had a sender, other than notices do? Likewise.
 */
bool ledger_has_had_mail(struct ledger *l, struct span address, bool *has, struct error *e);

/* How many messages have come for this address, in any case of its letters, of which the story is
 * known. False: `e`. */
bool ledger_count_to(struct ledger *l, struct span address, size_t *count, struct error *e);

/* All that was sent since this time is known; INT64_MAX: nothing has come yet. False: `e`. */
bool ledger_sent_since(struct ledger *l, int64_t *since_ms, struct error *e);

/* What was accepted in the name of an address (any case), whoever has handed it in. */
struct sent_mail {
    message_id id;
    size_t rows; /* that it has in the ledger: so much it costs to read it */
    const struct envelope *envelope;
    bool is_plain;   /* something of it went, or may have gone, to another server under the very
                        address of its sender */
    bool is_settled; /* nothing more becomes of it: it is read like that for ever */
};
struct sent_lately {
    struct span sender;
    int64_t since_ms;
    /* The rows of a message that the caller knows already, so that it is not read; 0: he does not
     * know it. */
    size_t (*rows)(void *arg, message_id id);
    /* Of each of the others, newest first; it lives until this returns. False: enough was seen. */
    bool (*see)(void *arg, const struct sent_mail *m);
    void *arg;
};
/* `is_all`: all of it was seen, or is known; not so when the ledger does not go back to then, has
 * forgotten stories of that time, has thousands of rows, or can't be made out. False: `e`. */
bool ledger_sent_lately(struct ledger *l, const struct sent_lately *q, bool *is_all,
                        struct error *e);

/* The writer's side. From now on what was sent leaves hashes by this key when its story is
 * forgotten; NULL: nothing. */
void ledger_keep_sent(struct ledger *l, const unsigned char key[SENT_KEY]);
/* Forget the hashes of what was sent before `before_ms`; at most `count`. How many went, or -1. */
int ledger_forget_sent(struct ledger *l, int64_t before_ms, int count, struct error *e);

#endif
