/* How a session with a mail server of a domain went, for the reports of today. */
#ifndef DELIVER_SESSION_NOTE_H
#define DELIVER_SESSION_NOTE_H

#include "store/session_counts.h"

/* `s` NULL: nobody wants to know. */
void session_note(struct session_counts *s, struct span domain, const struct session_count *one);

#endif
