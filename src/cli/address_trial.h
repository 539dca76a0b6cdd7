/* What would become of mail to an address: every step, without sending anything. */
#ifndef CLI_ADDRESS_TRIAL_H
#define CLI_ADDRESS_TRIAL_H

#include "address/returns.h"
#include "cli/client_trial.h"
#include "deliver/maildir_usage.h"
#include "deliver/ways.h"
#include "outcome/envelope.h"

struct trial_hop; /* a next hop */

enum trial_end {
    TRIAL_REACHED, /* as far as can be told from here */
    TRIAL_NOT_NOW,
    TRIAL_NEVER
};

struct trial_recipient {
    struct recipient in; /* as in an envelope: whose alias, and whether it is one */
    struct destination to;
    struct directory_language language; /* of notices to it */
    const struct trial_hop *hop;        /* of a route to servers */
    struct maildir_amount used;         /* of a mailbox; when usage_error is 0 */
    int usage_error;                    /* -errno */
    bool is_full;
    enum trial_end end; /* not of an alias */
};

/* What a client hears, word for word: the reply to RCPT, or to MAIL when that is refused. */
struct trial_reply {
    bool is_trusted, is_of_mail;
    bool was_asked;                 /* the next hop had to say */
    bool has_points, is_for_points; /* the client was asked about; it is the reply to its points */
    int points;
    int code;
    struct span text; /* as it is sent, lines with CRLF */
};

struct trial_settings {
    const struct options *options;
    struct span address, sender; /* sender: empty: the null reverse-path */
    const unsigned char *client; /* 16 bytes; NULL: a stranger and a trusted client */
};

struct address_trial {
    struct trial_settings settings;
    struct trial_reply replies[2];
    size_t reply_count;
    struct trial_recipient *recipients; /* the address first, then what aliases lead to */
    size_t recipient_count;
    enum return_tag_answer is_return; /* a return path that we have signed */
    struct return_tag tag;            /* then */
    bool is_unknown;                  /* the next hop that was asked can't tell */
    bool fits;                        /* lists lead to no more than the queue can hold */
    uint64_t largest_message;
};

/* NULL: `e`; the tables can't be read, or there is no DNS. Takes the time of the questions that it
 * asks: of the DNS, and of a next hop that must say whether it takes the address. */
struct address_trial *address_trial_make(const struct trial_settings *s, struct error *e);
void address_trial_free(struct address_trial **t);

/* A client that may send there hears this. */
const struct trial_reply *address_trial_reply(const struct address_trial *t);
enum trial_end address_trial_end(const struct address_trial *t);

struct span trial_hop_name(const struct trial_hop *h);
/* NULL: its DNS did not answer in time, or there were too many to ask for. */
const struct ways *trial_hop_ways(const struct trial_hop *h);

#endif
