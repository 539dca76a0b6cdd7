/* Return paths other than a sender's own address: of others, in addresses of ours (auth/srs.h), and
 * of our own, signed (auth/return_tag.h); by the secrets that a directory has read, and by the
 * clock. */
#ifndef ADDRESS_RETURNS_H
#define ADDRESS_RETURNS_H

#include "address/directory.h"
#include "auth/return_tag.h"
#include "auth/srs.h"

/* ---- of others. Without the option srs nothing is rewritten, and no address is one of these. */

/* As whom mail from `sender` is sent on, in `a`. False: as from himself. */
bool returns_sender(const struct directory *d, struct span sender, struct span *address,
                    struct arena *a);

/* To whom a report to this address goes on, in `a`. */
enum srs_answer returns_find(const struct directory *d, struct span address, struct span *sender,
                             struct arena *a);

/* ---- our own, signed. Without the option sign-return-paths none is made; those that were made
 * before are still known, as long as their secrets are there. */

enum return_path {
    RETURN_PATH_PLAIN,  /* the sender's own address */
    RETURN_PATH_TAGGED, /* with a tag that names the message */
    RETURN_PATH_STEADY  /* with the tag of the day and the recipient's domain */
};

/* By the options; whether the sender is one of ours is for the caller to know. */
enum return_path returns_path_for(const struct options *o, struct span sender,
                                  struct span recipient);

/* A message that goes to another server. */
struct returns_mail {
    struct span sender, recipient;
    struct span queue_id; /* as people see it */
    int64_t accepted_ms;
};

/* As from whom it goes, in `a`. False: as from its sender. */
bool returns_sign(const struct directory *d, const struct options *o, const struct returns_mail *m,
                  struct span *address, struct arena *a);

/* From when on all mail of `sender` to `recipient` (empty: to whomever) has left under signed return
 * paths, in ms since 1970: as far as the options tell, and the age of the secrets. INT64_MAX: it
 * does not. */
int64_t returns_signed_since_ms(const struct directory *d, struct span sender,
                                struct span recipient);

/* What is known of an address to which mail comes; `t` lives in `a`, or borrows. NONE, too, of all
 * addresses when there are no secrets. */
enum return_tag_answer returns_check(const struct directory *d, struct span address,
                                     struct return_tag *t, struct arena *a);
/* Of a steady tag: was it made for mail to this domain? */
bool returns_is_for(const struct directory *d, const struct return_tag *t,
                    struct span recipient_domain);

/* ---- the secrets of both */

/* For the server, before it loads a directory, and once a day (kept_secrets_renew). False: `e`. */
bool returns_keep_secrets(const struct options *o, struct error *e);

#endif
