/* One login as a line of the file of logins:
 *
 *     alice@example.org $argon2id$… {SCRAM-SHA-256}… sender=sales@example.org app=phone:…
 *
 * The name stands first, the other words in any order. Pure; everything borrows from the line. */
#ifndef LOGIN_LOGIN_LINE_H
#define LOGIN_LOGIN_LINE_H

#include "base/buffer.h"
#include "base/error.h"

enum { LOGIN_LONGEST_NAME = 320, LOGIN_LONGEST_HASH = 127, LOGIN_LONGEST_LABEL = 40 };

struct login_line {
    struct span name;
    struct span hash;  /* argon2id, as libsodium writes it; empty: none */
    struct span keys;  /* "{SCRAM-SHA-256}…"; likewise */
    struct span words; /* all behind the name */
};

/* A whole line, without its end. 1, 0: nothing stands in it, -1: `problem`, which names no secret.
 */
int login_line_parse(struct span line, struct login_line *l, struct error *problem);

/* The next of what else stands there; `*rest` starts as `words`. An address, "@example.org": all of
 * the domain, or "*": any. */
bool login_next_sender(struct span *rest, struct span *sender);
/* `label` names the app password, `hash` is what is kept of it. */
bool login_next_app(struct span *rest, struct span *label, struct span *hash);

bool login_name_is_valid(struct span name);
bool login_sender_is_valid(struct span sender);
bool login_label_is_valid(struct span label);

/* May who logs in as `name` send as `address`? His own address he may, and those of his line (`l`
 * may be NULL). */
bool login_may_send(const struct login_line *l, struct span name, struct span address);

#endif
