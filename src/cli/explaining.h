/* Messages explained by as many threads as there are processors, and told in the order in which
 * they came. */
#ifndef CLI_EXPLAINING_H
#define CLI_EXPLAINING_H

#include "cli/evidence.h"
#include "cli/mail_files.h"

/* One message. Its memory is used again for the next one. */
struct explained {
    struct mail_file file;
    struct survey survey;
    struct notice notice; /* settled by its verdict */
    struct verdict verdict;
    struct arena arena; /* of all three, and for more that is made of them */
    struct buffer out;  /* empty at first: for what is to be printed */
};

struct explaining {
    struct mail_files *files;
    const struct evidence_base *evidence;
    void (*say)(void *arg, struct explained *x, bool is_first); /* several at a time; or NULL */
    void (*take)(void *arg, const struct explained *x);         /* one after the other */
    void (*complain)(void *arg, const struct error *e);         /* one could not be read */
    void *arg;
};

/* Of all messages; the number of those that were read. On a terminal it shows how far it is when
 * it takes long. */
uint64_t explain_each(const struct explaining *wanted);

#endif
