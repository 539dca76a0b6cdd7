/* All notices of our own server on one page, for operators and translators to look at. Pure. */
#ifndef BOUNCE_GALLERY_H
#define BOUNCE_GALLERY_H

#include "bounce/fake.h"

/* Append a page that needs nothing but itself, with LF line ends: a table of contents, and the card
 * of each failure and delay that fake_lists() names, one of each other kind, and one of each digest
 * of notices that were kept out of a mailbox. Of `w`, kind, twist and cause are not looked at.
 * False: an address may not stand in it; `*e` says why. */
bool gallery_write(struct buffer *out, const struct fake_wishes *w, struct error *e);

#endif
