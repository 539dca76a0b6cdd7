/* Of the text about a mailbox that was sorted out, what is said of one pile; not for others. */
#ifndef BOUNCE_RENDER_TRIAGE_PILE_H
#define BOUNCE_RENDER_TRIAGE_PILE_H

#include "bounce/render_page.h"
#include "bounce/render_triage.h"

/* Nothing when there are none. */
void render_triage_pile(const struct page *p, const struct triage *t, enum pile which);

#endif
