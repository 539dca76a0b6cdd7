/* The command line of plainpost report-phishing. */
#ifndef CLI_REPORT_WISHES_H
#define CLI_REPORT_WISHES_H

#include "abuse/complaint.h"
#include "base/error.h"

enum report_deed { REPORT_SHOW, REPORT_PRINT, REPORT_SEND };

struct report_wishes {
    char *file;
    enum complaint_kind kind;
    enum report_deed deed;
    bool as_xarf, header_only, shows_addresses, is_sure, is_genuine_fine;
    bool asks_dns;
    struct span dns_server; /* "system", or ADDRESS:PORT */
    struct span from;       /* empty: the user's own address */
    struct span *me, *ours, *to;
    size_t me_count, ours_count, to_count;
    struct networks networks; /* of --ours; in the arena */
};

/* False: it can't be meant so, and `*e` says how it is meant. Lists live in `a`. */
bool report_wishes_parse(struct report_wishes *w, int argc, char **argv, struct arena *a,
                         struct error *e);

#endif
