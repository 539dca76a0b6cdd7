/* What is said over the control socket: one request a connection. It is a line with the verb, lines
 * "KEY VALUE", and an empty line. The answer is lines: "ok", what was asked for, and "end"; or, at
 * any point, "error " with words for a person, and then nothing more.
 *
 *   catch-up                   feed the ledger with all that is durable now
 *   status                     "messages N"
 *   list, show                 a line of JSON a message; between them now and then "progress N OF"
 *   hold, release, retry, remove, bounce, redirect
 *                              a line "sample JSON" for some of those that are meant, "selected
 *                              MESSAGES RECIPIENTS"; then the client says "go", or goes away; then
 *                              "done MESSAGES GONE": those that were finished meanwhile are gone
 *   suspend, resume            (nothing)
 *   suspended                  a line of JSON a suspension
 *   suppress, unsuppress       (nothing)
 *   suppressed                 a line of JSON a suppressed address
 *   accounts                   a line of JSON an account that sends
 *   account                    a line of JSON: all of one
 *   account-hold, account-release, account-revoke, account-restore, account-profile,
 *   account-changed            (nothing): it is done
 *   trace                      stories, as text or (json) as elements of an array without the comma
 *                              between them, each on a line
 *   sent                       lines of JSON, see sent_lines.h
 *   top                        a line of JSON: how things are
 *   reload                     read the configuration again; lines about what has changed
 *   certificates               a line of JSON a certificate of this server
 *   renew                      (nothing): it has begun
 *   watch                      lines of stories, or of JSON, as they happen; without an end
 *
 * Keys choose messages: id (several times), from, to, destination, older, newer, cause, held, all;
 * or say more: json, limit, why, new (redirect), name (suspend, resume, suppress,
 * unsuppress, renew, account and its like), profile (account-profile), what (trace, sent,
 * account-changed), in (trace). Of sent, from and to are addresses.
 *
 * Everybody may connect. Who it is the kernel says: operators may do all, others may ask of what
 * they have handed in themselves (list, show, trace, sent, watch). */
#ifndef CONTROL_PROTOCOL_H
#define CONTROL_PROTOCOL_H

#define CONTROL_SOCKET "control"
enum { CONTROL_LONGEST_REQUEST = 64 * 1024 };

#endif
