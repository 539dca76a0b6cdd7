/* What is asked and answered about notices over the control socket: does the server know the
 * messages that they tell of? Only what it takes to know that is said, not the notices. Pure; the
 * whole of the conversation is in protocol.h.
 *
 * The request, behind its verb:
 *
 *     me ADDRESS              whose evidence it is to be; any number, or none
 *     notice                  one begins; what follows is told of it, where it is known:
 *     message-id ID           of the message, without "<>"
 *     written MS              when it was, since 1970
 *     from TEXT               its author, decoded; in texts a blank stands for a line end
 *     addressed TEXT          to whom it was written, likewise
 *     about TEXT              its subject, likewise
 *     kind WORD               of the notice, see notice_kind_name()
 *     dated MS                when it was written, as it says, since 1970
 *     to TEXT                 to whom it is, decoded
 *     subject TEXT            its own, likewise
 *     came-to ADDRESS         the signed return path to which it was delivered
 *     delivered ID MAILBOX    the message in which it came here, by its queue id, and whose
 *                             mailbox has it; both as they stand in the file
 *     recipient ADDRESS       whom the notice names; any number
 *     original ADDRESS        … as the sender wrote him
 *     whole                   all of the header is here, as it was
 *     header LINE             of the message; any number, in their order, with blanks and CR. Where
 *                             it is not signed: of its Received, Cc and Subject
 *     further N               recipients whom it names besides; what does not fit counts as one.
 *                             Then it may be like anything that was sent
 *
 * The answer is a line for each notice, in their order:
 *
 *     SENT TO WROTE SIGNATURE TAG SUSPECT DOMAIN ID MESSAGE-ID
 *
 * six answers, "yes", "no" or "-" (not known): of `is_sent`, `sent_to`, `wrote_to`,
 * `own_signature`, `own_tag` and `account_is_suspect` of struct evidence; then `own_domain` and
 * `tagged`, or "-"; and `tagged_message_id`, which may be empty. */
#ifndef CONTROL_EVIDENCE_LINES_H
#define CONTROL_EVIDENCE_LINES_H

#include "base/arena.h"
#include "base/error.h"
#include "bounce/evidence.h"
#include "bounce/notice.h"
#include "provenance/own_tag.h"

enum {
    EVIDENCE_MOST_NOTICES = 64,    /* of a request */
    EVIDENCE_MOST_ME = 20,         /* addresses */
    EVIDENCE_MOST_RECIPIENTS = 50, /* of a notice */
    EVIDENCE_LONGEST_QUESTION = 32 * 1024
};

/* Of it count what stands above; the rest is empty. */
struct evidence_question {
    struct notice notice;
    struct span came_to;
    struct own_delivery delivered;
};

struct evidence_request {
    struct span me[EVIDENCE_MOST_ME];
    size_t me_count;
    struct evidence_question questions[EVIDENCE_MOST_NOTICES];
    size_t count;
};

void evidence_lines_add_me(struct buffer *out, struct span address);
/* At most EVIDENCE_LONGEST_QUESTION: what would make it longer is left out, the header first; and
 * so are names that no line can hold. */
void evidence_lines_add_question(struct buffer *out, const struct notice *n, struct span came_to,
                                 const struct own_delivery *delivered);
/* Spans borrow from `lines`, arrays and headers are in `a`. False: `e`. */
bool evidence_lines_parse(struct evidence_request *r, struct span lines, struct arena *a,
                          struct error *e);

void evidence_lines_add_answer(struct buffer *out, const struct evidence *e);
/* `line` without its end, from which it borrows. False: it is no such answer. */
bool evidence_lines_parse_answer(struct evidence *e, struct span line);

#endif
