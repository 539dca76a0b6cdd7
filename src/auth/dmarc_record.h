/* DMARC policy records as they are written: RFC 9989 4.7, 4.8. Pure; borrows from the text. */
#ifndef AUTH_DMARC_RECORD_H
#define AUTH_DMARC_RECORD_H

#include "base/span.h"

enum dmarc_policy { DMARC_DO_NOTHING, DMARC_QUARANTINE, DMARC_REJECT };

/* As it is written: "quarantine". */
const char *dmarc_policy_word(enum dmarc_policy p);

/* Where a record stands: does an organization begin below it (a public suffix), with it, or is that
 * found by where other records are? */
enum dmarc_psd { DMARC_PSD_UNKNOWN, DMARC_PSD_YES, DMARC_PSD_NO };

struct dmarc_record {
    /* False: p= is missing or wrong, or sp= or np= is wrong, and nobody is to be told (rua=): the
     * record asks for nothing (4.10.1). With rua= it counts as p=none. */
    bool is_usable;
    enum dmarc_policy policy;           /* p= */
    enum dmarc_policy below;            /* sp=, for domains below that exist */
    enum dmarc_policy below_missing;    /* np=, for those that don't */
    bool is_strict_dkim, is_strict_spf; /* adkim=s, aspf=s */
    bool is_trial;                      /* t=y: the next weaker policy is to be applied */
    enum dmarc_psd psd;
    struct span reports, failure_reports; /* rua=, ruf=: see dmarc_next_uri; or empty */
    struct span failure_options;          /* fo=, or empty */
};

/* False: it is no record of DMARC. What is wrong behind its version counts as not written; of a tag
 * that stands there twice the first counts. */
bool dmarc_record_parse(struct dmarc_record *r, struct span text);

/* The next address of rua= or ruf=, "mailto:reports@example.org", without the size behind "!" that
 * RFC 7489 had. `*rest` starts as the tag's value. What is no URI is left out. */
bool dmarc_next_uri(struct span *rest, struct span *uri);

#endif
