/* What passes between the server and the helper that delivers as other users: a request, one a
 * message of the socket, with three descriptors beside it (the message in a file of memory, as it
 * is stored, with CRLF; and the pipe on which the result comes back). Pure codec. What comes from
 * the other side is not believed: a request names a user and what is to be done for them, never a
 * place or a right; those stand in the configuration, which the helper has of its own. */
#ifndef DELIVER_AS_USER_H
#define DELIVER_AS_USER_H

#include "outcome/envelope.h"
#include "outcome/outcome.h"

enum as_kind {
    AS_USER,    /* what the user's .forward says, or into the mailbox */
    AS_MAILBOX, /* into the user's mailbox */
    AS_ENTRY,   /* `text` stands in the user's .forward: a command, or a file */
    AS_COMMAND  /* `text` is a command of an alias, for the user of the configuration */
};

struct as_request {
    enum as_kind kind;
    struct span user, text;        /* of the system; "|command", "/file" */
    struct span sender, recipient; /* as the envelope has them */
    message_id id;
    size_t index;         /* of the recipient */
    uint64_t size;        /* of the message */
    bool is_binary;       /* it is no text: its line ends stay as they are */
    struct judged judged; /* it may have a folder for that */
    int64_t now_ms;
};

struct as_result {
    struct outcome outcome; /* words, host */
    struct span log;        /* for the operator; empty: nothing is wrong */
    struct span forward;    /* EXPANDED: what the .forward says */
};

enum { LARGEST_REQUEST = 32 * 1024, LARGEST_RESULT = 128 * 1024 };

void as_request_add(struct buffer *out, const struct as_request *r);
void as_result_add(struct buffer *out, const struct as_result *r);
/* Spans borrow from `text`. False: malformed. */
bool as_request_parse(struct span text, struct as_request *r);
bool as_result_parse(struct span text, struct as_result *r);

#endif
