/* The letter to an abuse desk, as ARF (RFC 5965, 6650; of a forged domain RFC 6591, 7489 7.3) or as
 * X-ARF (version 4). Its first part is for a person, the second for a program, the third the
 * message. Pure. */
#ifndef ABUSE_LETTER_H
#define ABUSE_LETTER_H

#include "abuse/contacts.h"
#include "abuse/redact.h"
#include "base/error.h"

enum { LETTER_LARGEST_MESSAGE = 2 << 20 /* of a larger one the header is attached */ };

struct letter {
    const struct complaint *complaint;
    enum complaint_kind kind;
    const struct contacts *contacts; /* those to be told get it */
    struct span from;                /* the address of whoever complains: answers go there */
    struct span hostname;            /* of this machine, for the Message-ID */
    struct span agent;               /* "plainpost/1.0" */
    int64_t now_ms;
    int offset_minutes;
    uint64_t random;                   /* makes the Message-ID and the boundary unique */
    bool header_only;                  /* of the message */
    const struct redaction *redaction; /* NULL: addresses stay */
};

/* Append it, with CRLF. */
void letter_write_arf(struct buffer *out, const struct letter *l);

/* Append it. Version 4 tells of a page, so the message must lead to one: false, `e`. */
bool letter_write_xarf(struct buffer *out, const struct letter *l, struct error *e);

#endif
