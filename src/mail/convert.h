/* A message brought into a form that a way can carry: RFC 6152 3, RFC 3030 3, RFC 2045. Pure.
 *
 * Parts that can't travel as they are get quoted-printable or base64; their decoded content stays
 * the same, octet by octet, and so does the structure of the message. The header of a message, and
 * those of its parts, stay as they are but for the fields that tell the encoding: octets above 127
 * in them too, whose charset nobody knows. A preamble or epilogue that can't travel is left out: it
 * is no content (RFC 2046 5.1.1). A DKIM signature over the body does not hold a conversion up: RFC
 * 6376 5.3 expects it, and a message without a valid one is better than none. */
#ifndef MAIL_CONVERT_H
#define MAIL_CONVERT_H

#include "base/buffer.h"

enum mail_form {
    FORM_7BIT, /* ASCII in lines */
    FORM_8BIT  /* any octets but NUL, and CR and LF only as line ends */
};

/* Append the message in that form to `out`. False: that can't be done (`out` has rubbish then), and
 * `*why` says so: "a part of it is signed, …". Its text is static. */
bool convert_message(struct buffer *out, struct span message, enum mail_form form,
                     struct span *why);

#endif
