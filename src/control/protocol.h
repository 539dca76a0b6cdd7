/* What is said over the control socket (STATE/control): one request a connection, a line of words
 * parted by blanks; the answer is lines of text, the first of which begins with "ok" or "error ".
 * The socket is its owner's alone (mode 0600).
 *
 *   catch-up                   feed the ledger with all that is durable now
 *   status                     ok, then "messages N", "sessions N"
 *   queue                      ok, then a line of JSON a message
 *   hold ID why…               put on hold
 *   release ID
 *   retry ID|all               try now
 *   reload                     read the configuration again: ok, then lines about what has changed
 */
#ifndef CONTROL_PROTOCOL_H
#define CONTROL_PROTOCOL_H

#define CONTROL_SOCKET "control"
enum { CONTROL_LONGEST_REQUEST = 1000 };

#endif
