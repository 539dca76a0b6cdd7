/* Reads aggregate reports: XML as receivers write it, by expat. Pure.
 *
 * It comes from anybody: a document type declaration is refused, so that there are no entities,
 * neither many nor from elsewhere; depth, length and number of everything are bounded. */
#ifndef AGGREGATE_READ_H
#define AGGREGATE_READ_H

#include "aggregate/report.h"
#include "base/arena.h"
#include "base/error.h"

enum {
    AGGREGATE_LARGEST = 64 << 20, /* of a document */
    AGGREGATE_MOST_RECORDS = 100000,
    AGGREGATE_MOST_RESULTS = 100, /* of a record: signatures; and as many reasons */
    AGGREGATE_LONGEST_TEXT = 1000 /* what is longer is cut off */
};

/* Both formats, and what is between them: names count without their namespace, elements in any
 * order, unknown ones are skipped. A record without an address or a number is left out. False: it
 * is no such report, `*e` says why. Everything lives in `a`. */
bool aggregate_read(struct aggregate_report *r, struct span xml, struct arena *a, struct error *e);

#endif
