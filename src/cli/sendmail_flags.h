/* The flags of sendmail(1), mailq(1) and newaliases(1), as programs give them. Pure. */
#ifndef CLI_SENDMAIL_FLAGS_H
#define CLI_SENDMAIL_FLAGS_H

#include "base/arena.h"
#include "base/error.h"
#include "smtp/parameters.h"

enum sendmail_mode {
    SENDMAIL_SEND,    /* -bm, and without -b */
    SENDMAIL_SMTP,    /* -bs */
    SENDMAIL_QUEUE,   /* -bp, mailq */
    SENDMAIL_VERIFY,  /* -bv */
    SENDMAIL_ALIASES, /* -bi, -I, newaliases */
    SENDMAIL_RETRY    /* -q… */
};

struct sendmail_flags {
    enum sendmail_mode mode;
    bool has_header_recipients;       /* -t */
    bool goes_to_the_end;             /* -i, -oi: a lone dot is text */
    bool is_verbose;                  /* -v */
    const char *sender;               /* -f, -r: as given; NULL: not */
    const char *name;                 /* -F; NULL: not */
    const char *configuration;        /* -C; NULL: not */
    struct mail_parameters mail;      /* -R, -V */
    struct rcpt_parameters recipient; /* -N, of every recipient */
    char **recipients;
    int recipient_count;
};

/* argv[0] is the name by which the program was called: its last part says mailq or newaliases.
 * False: `e` says what is wrong. Texts borrow from argv, or live in `a`. */
bool sendmail_flags_parse(struct sendmail_flags *f, int argc, char **argv, struct arena *a,
                          struct error *e);

#endif
