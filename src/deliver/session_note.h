/* How a session with a mail server of a domain went, for the reports of today. */
#ifndef DELIVER_SESSION_NOTE_H
#define DELIVER_SESSION_NOTE_H

#include "store/day_counts.h"
#include "transport/tls_report.h"

/* `s` NULL: nobody wants to know. */
void session_note(struct day_counts *s, struct span domain, const struct session_count *one);

#endif
