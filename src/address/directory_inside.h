/* What a directory is made of, for its files in this room. */
#ifndef ADDRESS_DIRECTORY_INSIDE_H
#define ADDRESS_DIRECTORY_INSIDE_H

#include "address/directory.h"
#include "auth/srs.h"
#include "base/map.h"
#include "sys/secret.h"

#include <stdatomic.h>

struct directory {
    atomic_uint references;
    const struct options *options; /* a reference: of the routes and relay domains */
    struct arena arena;
    struct map mailboxes;  /* by address in lower case */
    struct map domains;    /* in lower case → its postmaster's mailbox */
    struct map systems;    /* domains in lower case → struct system_domain */
    struct map languages;  /* domains in lower case → struct span, a tag */
    struct map routes;     /* by what they match → struct target */
    struct map relays;     /* by what they match → struct relay */
    struct map recipients; /* tables of relay domains, by file name → struct recipients */
    struct aliases aliases;
    struct bad_links bad_links;
    struct span hostname;
    struct secret srs_secrets, tag_secrets; /* the texts of those: */
    struct srs srs;                         /* without secrets: there is none */
    struct signing_secrets tags;            /* of signed return paths; likewise, */
    int64_t tags_since;                     /* and since when there are any (s) */
};

/* A relay domain, and those of it that get mail. */
struct relay {
    const struct relay_domain *rule;
    const struct recipients *recipients; /* NULL: no table says */
};

struct recipients {
    struct map known; /* "alice@example.net", "alice"; in lower case */
};

/* With the routes of the options, and nobody. */
struct directory *directory_new(const struct options *o);
/* A domain of ours; `first`: the user who is to be its postmaster if it has none yet. */
void directory_add_domain(struct directory *d, struct span domain, struct mailbox *first);

/* The users of a file, and of a database's queries. False: `e`. */
bool users_parse(struct directory *d, const struct options *o, const char *file, struct span text,
                 struct error *e);
bool users_read(struct directory *d, const struct options *o, const char *path, struct error *e);

/* Can it be the name of a file? "/" would lead elsewhere, and a leading dot would hide it. */
bool users_is_safe_name(struct span s);

/* The users of the system, where a domain is theirs. */
bool system_users_load(struct directory *d, struct file_marks *marks, struct error *e);

/* The tables of the relay domains. */
bool recipients_load(struct directory *d, const struct options *o, struct file_marks *marks,
                     struct error *e);

/* A file of recipients. False: `e`. */
bool recipients_parse(struct directory *d, struct recipients *into, const char *file,
                      struct span text, struct error *e);

/* The secrets of return paths. */
bool returns_load(struct directory *d, const struct options *o, struct file_marks *marks,
                  struct error *e);

/* directory_files.c. "sqlite:/path": the path behind it; else empty. */
struct span directory_database(struct span file);
/* Reads a whole file and notes it. 1, 0: there is no such file (`e` too), -1: `e`. */
int directory_read_file(struct file_marks *marks, const char *path, struct buffer *text,
                        struct error *e);

#endif
