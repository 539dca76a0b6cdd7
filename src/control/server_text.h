/* In words, what another server did with a recipient, or what is noted here in its place. Pure. */
#ifndef CONTROL_SERVER_TEXT_H
#define CONTROL_SERVER_TEXT_H

#include "outcome/outcome.h"

/* `how`, the server that took it, and how it came there: "relayed to mx.example.net (192.0.2.7:25)
 * by TLS 1.3, which took it: 250 2.0.0 Ok". */
void server_add_taker(struct buffer *line, const char *how, const struct outcome *o);

/* " The server mx.example.net (192.0.2.7:25) said in reply to RCPT TO: 552 5.2.2 …" */
void server_add_words(struct buffer *line, const struct outcome *o);

#endif
