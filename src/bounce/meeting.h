/* A returned message may be an invitation: RFC 5545. For this room. Pure. */
#ifndef BOUNCE_MEETING_H
#define BOUNCE_MEETING_H

#include "base/arena.h"
#include "bounce/notice.h"

/* Fill in o->meeting and o->meeting_ms, where the message holds a calendar entry. */
void meeting_read(struct span message, struct notice_original *o, struct arena *a);

#endif
