/* The packets of the milter protocol, by which a mail server and a filter speak: a length of four
 * octets (network order), which counts what follows; an octet that says what it is; its data. Texts
 * in the data end with NUL. There is no RFC of it: what is here is as Sendmail's libmilter has it
 * (include/libmilter/mfdef.h), protocol version 6. Pure. */
#ifndef MILTER_PACKET_H
#define MILTER_PACKET_H

#include "base/buffer.h"

enum { MILTER_VERSION = 6, MILTER_LARGEST_PIECE = 65535 /* octets of a body in a packet */ };

/* What a server says. */
enum {
    MILTER_ABORT = 'A', /* the message is over, without an end */
    MILTER_BODY = 'B',
    MILTER_CONNECT = 'C',
    MILTER_MACRO = 'D',
    MILTER_END = 'E', /* of the body, and so of the message */
    MILTER_HELO = 'H',
    MILTER_QUIT_NEXT = 'K', /* this client has gone, another one follows */
    MILTER_HEADER = 'L',
    MILTER_MAIL = 'M',
    MILTER_END_OF_HEADER = 'N',
    MILTER_NEGOTIATE = 'O', /* the filter's answer, too */
    MILTER_QUIT = 'Q',
    MILTER_RCPT = 'R',
    MILTER_DATA = 'T'
};

/* What a filter answers. */
enum {
    MILTER_ADD_RECIPIENT = '+',
    MILTER_DELETE_RECIPIENT = '-',
    MILTER_ADD_RECIPIENT_WITH = '2', /* with ESMTP parameters */
    MILTER_SHUT_DOWN = '4',
    MILTER_ACCEPT = 'a',
    MILTER_REPLACE_BODY = 'b',
    MILTER_CONTINUE = 'c',
    MILTER_DISCARD = 'd',
    MILTER_CHANGE_SENDER = 'e',
    MILTER_CONNECTION_FAILS = 'f',
    MILTER_ADD_FIELD = 'h',
    MILTER_INSERT_FIELD = 'i',
    MILTER_CHANGE_FIELD = 'm',
    MILTER_PROGRESS = 'p',
    MILTER_QUARANTINE = 'q',
    MILTER_REJECT = 'r',
    MILTER_SKIP = 's',
    MILTER_TEMPFAIL = 't',
    MILTER_REPLY = 'y'
};

/* Of the negotiation: what a filter may do, */
enum { MILTER_ALL_ACTIONS = 0x1ff };
/* and how it is spoken with. */
enum {
    MILTER_NO_CONNECT = 0x1,
    MILTER_NO_HELO = 0x2,
    MILTER_NO_MAIL = 0x4,
    MILTER_NO_RCPT = 0x8,
    MILTER_NO_BODY = 0x10,
    MILTER_NO_HEADER = 0x20,
    MILTER_NO_END_OF_HEADER = 0x40,
    MILTER_SILENT_HEADER = 0x80, /* it does not answer to that */
    MILTER_NO_UNKNOWN = 0x100,
    MILTER_NO_DATA = 0x200,
    MILTER_MAY_SKIP = 0x400,
    MILTER_SILENT_CONNECT = 0x1000,
    MILTER_SILENT_HELO = 0x2000,
    MILTER_SILENT_MAIL = 0x4000,
    MILTER_SILENT_RCPT = 0x8000,
    MILTER_SILENT_DATA = 0x10000,
    MILTER_SILENT_UNKNOWN = 0x20000,
    MILTER_SILENT_END_OF_HEADER = 0x40000,
    MILTER_SILENT_BODY = 0x80000,
    MILTER_LEADING_SPACE = 0x100000, /* values of fields begin right behind the colon */
    MILTER_ALL_STEPS = 0x1ff7ff      /* all of these */
};

struct packet {
    char kind;
    struct span data;
};

enum packet_result {
    PACKET_MORE, /* it is not whole yet: nothing was taken */
    PACKET_DONE,
    PACKET_BAD /* its length is 0, or above `most` */
};

/* Takes one from `*input`; it borrows from it. */
enum packet_result packet_next(struct span *input, size_t most, struct packet *p);

/* Write one: packet_begin, what is in it, packet_end with what packet_begin has returned. */
size_t packet_begin(struct buffer *out, char kind);
void packet_add_u32(struct buffer *out, uint32_t value);
void packet_add_text(struct buffer *out, struct span text); /* without the NULs in it */
void packet_end(struct buffer *out, size_t begin);
void packet_add(struct buffer *out, char kind); /* one without data */

/* Read what is in one, from its front. False: it is not there. */
bool packet_take_u32(struct span *data, uint32_t *value);
bool packet_take_text(struct span *data, struct span *text);

#endif
