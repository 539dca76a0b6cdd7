/* What an address leads to. The tables of users, aliases and recipients, files or SQLite databases,
 * are read into an immutable directory; when one of them changes a new one takes its place. Shared
 * between threads by counting references: nobody who looks up ever waits. */
#ifndef ADDRESS_DIRECTORY_H
#define ADDRESS_DIRECTORY_H

#include "address/aliases.h"
#include "address/file_marks.h"
#include "config/options.h"
#include "mail/bad_links.h"

struct directory;

/* A domain whose users are those of the system. */
struct system_domain {
    struct span name;
    bool is_mbox;
    struct span pattern; /* of the mailboxes: "/var/mail/%u", "~/Maildir" */
    uint64_t least_uid;
};

enum mailbox_form { MAILBOX_MAILDIR, MAILBOX_MBOX };

struct mailbox {
    struct span name; /* the address in lower case: "alice@example.org" */
    enum mailbox_form form;
    struct span path;        /* of its Maildir, or of the file */
    uint64_t quota_bytes;    /* 0: none */
    uint64_t quota_messages; /* 0: none */
    struct span language;    /* of notices to its owner, a tag: "de"; empty: none is set */
    struct span user;        /* of the system: it is delivered to as this user; else empty */
    const struct system_domain *system; /* then; path is empty */
};

enum destination_kind {
    DESTINATION_MAILBOX,
    DESTINATION_ROUTE,
    DESTINATION_NO_SUCH_USER, /* the domain is ours, the address is not there */
    DESTINATION_NO_ROUTE      /* not ours, and no route leads there */
};

struct destination {
    enum destination_kind kind;
    bool is_ours;                     /* we answer for this address: anybody may send to it */
    const struct mailbox *mailbox;    /* lives as long as the directory */
    const struct target *target;      /* of the route; likewise */
    const struct relay_domain *relay; /* NULL: it is no relay domain; lives as the options */
};

/* Parse the users file:
 *     # comment
 *     domain example.org
 *     domain example.com  language fr
 *     alice@example.org  quota 10MB  messages 1000  language de  maildir /srv/mail/alice
 *     bob@example.org    mbox /var/mail/bob
 *     domain host.example.org  system  mbox /var/mail/%u
 * A user's domain is ours without a "domain" line. postmaster without a user of its own: the first
 * user. It holds the options by a reference, for their routes. */
struct directory *directory_parse(const char *file, struct span text, const struct options *o,
                                  struct error *e);
/* Read the files and databases of the options, and note them in `marks`. Blocking: with a million
 * users for seconds. A missing users file when it is the default path: a directory for trying
 * things out. */
struct directory *directory_load(const struct options *o, struct file_marks *marks,
                                 struct error *e);

struct directory *directory_ref(struct directory *d); /* thread-safe */
void directory_unref(struct directory **d);

/* Where mail from `sender` (empty: the null reverse-path) to `address` goes. The users file knows
 * its domains; a route of their own, if there is one, says where the mail of their users goes. Of
 * the routes the most telling one counts: of the address, its domain, a domain above it; then of
 * the sender's address and domain; then "*". */
struct destination directory_find(const struct directory *d, struct span sender,
                                  struct span address);
/* What an alias of this address leads to; the users file is asked before an alias for a whole
 * domain. False: there is none. "alice+tag@example.org" without an alias or mailbox of its own is
 * what "alice@example.org" is. */
struct directory_alias {
    const struct alias *alias;
    struct span domain; /* of the address: where names among the targets are */
    struct span owner;  /* "owner-team@example.org" when "team" has an owner, else empty */
};
bool directory_alias_of(const struct directory *d, struct span address,
                        struct directory_alias *found, struct arena *a);

/* Does it exist for no other reason than that an alias takes all of its domain? */
bool directory_only_catches(const struct directory *d, struct span address);

/* In which language notices to this address are to be, as it is set for the user and for the
 * domain: tags, "de", or empty. */
struct directory_language {
    struct span of_user, of_domain;
};
struct directory_language directory_language(const struct directory *d, struct span address);
/* Where our postmaster gets mail, in `a`: at the host name, or at the nearest domain above it that
 * has one and that we answer for; else "postmaster" alone. */
struct span directory_postmaster(const struct directory *d, struct arena *a);

/* In lower case, in the caller's memory; what is longer than an address can be is cut. */
enum { LONGEST_ADDRESS = 320 };
struct span directory_fold(struct span s, char room[LONGEST_ADDRESS]);

/* NULL: its users are not those of the system. */
const struct system_domain *directory_system(const struct directory *d, struct span domain);
/* Add the users of passwd(5) to the domains that are the system's. */
void directory_add_system_users(struct directory *d, struct span passwd);

bool directory_has_domain(const struct directory *d, struct span domain);
/* The domains of our users, in no order, `most` of them at most; how many. They live as long as the
 * directory. */
size_t directory_domains(const struct directory *d, struct span *at, size_t most);
/* The operator's table of harmful links; likewise. */
const struct bad_links *directory_bad_links(const struct directory *d);

/* A new directory when one of the files has changed since `marks` were taken (time, size, inode),
 * which are taken anew; NULL when not. A file that can't be read or parsed gives NULL and `e->text`
 * not empty: the old directory stays, and the next call tries again. */
struct directory *directory_load_again(const struct options *o, struct file_marks *marks,
                                       struct error *e);

#endif
