/* Passwords by Dovecot: its authentication protocol (v1), the side of a client. */
#ifndef LOGIN_DOVECOT_H
#define LOGIN_DOVECOT_H

#include "login/asked.h"

/* Is it the password? Asks at the socket, and waits. `login`: the name that Dovecot has for it. */
enum gate_verdict dovecot_ask(struct span socket, const struct login_asked *who,
                              struct buffer *login, struct error *e);

/* ---- its lines, pure */

/* What is asked, behind the greeting; `id` marks the answer. */
void dovecot_request_add(struct buffer *out, const struct login_asked *who, unsigned id);

enum dovecot_answer { DOVECOT_OTHER, DOVECOT_OK, DOVECOT_FAIL, DOVECOT_LATER, DOVECOT_BAD };
/* A line of the server: the answer to `id`, or something else; BAD: we don't understand each other.
 * `login`: whom it names, with OK. */
enum dovecot_answer dovecot_read_answer(struct span line, unsigned id, struct buffer *login);

#endif
