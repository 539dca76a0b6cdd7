/* Tokens of OAuth by a program of the operator's: it gets a question as one line of JSON, and
 * answers with one. doc/tokens.md has both. */
#ifndef LOGIN_TOKEN_H
#define LOGIN_TOKEN_H

#include "login/asked.h"

/* Whose token is it? `checker` is the path of a Unix socket, or "|" and a command, which is run by
 * sh(1). Waits. */
enum gate_verdict token_ask(struct span checker, const struct login_asked *who,
                            struct buffer *login, struct error *e);

/* ---- its lines, pure */

void token_question_add(struct buffer *out, const struct login_asked *who);
/* {"login":"alice@example.org"}, {"refused":"it has expired"} or {"error":"no connection"}; `e` has
 * the words of the last two. */
enum gate_verdict token_read_answer(struct span line, struct buffer *login, struct error *e);

#endif
