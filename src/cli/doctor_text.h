/* What plainpost doctor has found, for people and for programs. Pure. */
#ifndef CLI_DOCTOR_TEXT_H
#define CLI_DOCTOR_TEXT_H

#include "doctor/doctor.h"

/* For a terminal of 80 columns: what is wrong first, and a line at the end that counts. Nothing in
 * it can steer the terminal. */
void doctor_print(struct buffer *out, const struct doctor_request *q,
                  const struct doctor_report *r);

/* The same without its head: what was found, and the count. */
void doctor_print_findings(struct buffer *out, const struct doctor_request *q,
                           const struct doctor_report *r);

/* One object and a line end; plainpost-doctor(1) tells what is in it. */
void doctor_print_json(struct buffer *out, const struct doctor_request *q,
                       const struct doctor_report *r);

#endif
